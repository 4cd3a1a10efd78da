// The links a world remembers, and the pairs of them that prove a double spend: the newest of each kind, a bounded number of both. What they
// say and who is told is evidence.ts.
import type { ItemRef, WorldId } from "../ids.ts";
import { CUSTODY } from "../limits.ts";
import type { PaperLink } from "./papers.ts";

/** A link as it is remembered, under its item, hop and signer. */
export interface SeenLink {
  readonly item: ItemRef;
  readonly from: WorldId;
  readonly link: Omit<PaperLink, "refused">;
  /** The statement that says whose key signed it, when it is not the identity key. */
  readonly keys?: readonly string[];
}

/** Two links of one signer for one item and hop, in the order in which they were seen. */
export interface DoubleSpend {
  readonly item: ItemRef;
  readonly hop: number;
  readonly signer: WorldId;
  readonly first: string;
  readonly second: string;
  /** The signer's statements of its keys, when the links are not signed by its identity key. */
  readonly keys?: readonly string[];
}

/** What a world has seen of others' links: a part of custody. */
export interface SeenLinks {
  readonly links: Map<string, SeenLink>;
  readonly doubleSpends: Map<string, DoubleSpend>;
}

export function seenKey({ item, from, link }: SeenLink): string {
  return `${link.hop} ${from} ${item}`;
}

export function spendKey({ item, hop, signer }: DoubleSpend): string {
  return `${hop} ${signer} ${item}`;
}

/** Remembers a link unless one of its kind is known; the oldest is forgotten first. */
export function rememberLink({ links }: SeenLinks, seen: SeenLink): void {
  const key = seenKey(seen);
  if (links.has(key)) return;
  links.set(key, seen);
  if (links.size <= CUSTODY.rememberedLinks) return;
  const [oldest] = links.keys();
  links.delete(oldest!);
}

/** Keeps a proof. What is proven once needs no second proof, and nobody can fill the book with proofs against themselves. */
export function keepProof({ doubleSpends }: SeenLinks, spend: DoubleSpend): void {
  const key = spendKey(spend);
  const known = [...doubleSpends.values()];
  const bySigner = known.filter(({ signer }) => signer === spend.signer).length;
  if (doubleSpends.has(key) || known.length >= CUSTODY.proofs || bySigner >= CUSTODY.proofsPerSigner) return;
  doubleSpends.set(key, spend);
}
