// I8 and I13 for things with papers, judged from records alone: nothing comes in by papers that others did not sign, an equivocation that
// meets an earlier one is proven by the record that admits it, every proof can be verified, and no honest world is ever proven wrong.
import {
  type Carried,
  type Claims,
  type CustodyRecord,
  type DoubleSpend,
  flattenCarried,
  formatNumbered,
  issuerOf,
  type Notary,
  type WorldId,
} from "@sojourn/protocol";
import { mustHold } from "./violation.ts";

type Admit = Extract<CustodyRecord, { r: "admit" }>;

const DAY_MS = 86_400_000;

interface Signed {
  readonly key: string;
  readonly says: string;
}

export class EvidenceInvariant {
  readonly #notary: Notary;
  readonly #isJudged: (world: WorldId) => boolean;
  /** By world: what each link it saw said. */
  readonly #seen = new Map<WorldId, Map<string, string>>();
  proofs = 0;

  /** Whoever is judged is honest. */
  constructor(notary: Notary, isJudged: (world: WorldId) => boolean) {
    this.#notary = notary;
    this.#isJudged = isJudged;
  }

  afterDurable(world: WorldId, record: CustodyRecord): void {
    if (record.r === "proof") this.#verify(record.spend);
    else if (record.r === "seen") this.#remember(world, [linkSaid(record.item, record.from, record.link)]);
    else if (record.r === "admit") this.#admitted(world, record);
  }

  #admitted(world: WorldId, admit: Admit): void {
    for (const spend of admit.spends ?? []) this.#verify(spend);
    for (const item of flattenCarried(admit.items)) {
      if (item.tier === undefined) continue;
      const said = this.#follow(world, item);
      const known = this.#seen.get(world);
      const contradicted = said.filter(({ key, says }) => (known?.get(key) ?? says) !== says);
      const isSealed = admit.sealed?.some((sealed) => sealed.item === item.id && sealed.why === "double-spend") === true;
      mustHold(contradicted.length === 0 || isSealed, "I13", `${item.id} came into ${world} a second time and is not sealed`);
      const isProven = admit.spends?.some((spend) => spend.item === item.id) === true;
      mustHold(contradicted.length === 0 || isProven, "I8", `${item.id} was given away twice, and ${world} keeps no proof`);
      this.#remember(world, said);
    }
  }

  #remember(world: WorldId, said: readonly Signed[]): void {
    const known = this.#seen.get(world) ?? new Map<string, string>();
    this.#seen.set(world, known);
    for (const { key, says } of said) if (!known.has(key)) known.set(key, says);
  }

  /** Every signature of a chain, and where it leads. */
  #follow(world: WorldId, item: Carried): Signed[] {
    const { papers, tier } = item;
    const iss = issuerOf(item.id);
    const holds = (isTrue: boolean, what: string): void => mustHold(isTrue, "I13", `${item.id} came into ${world}, and ${what}`);
    holds(papers !== undefined && tier !== undefined, "it has no papers");
    if (papers === undefined || tier === undefined) return [];
    const { birth, links } = papers;
    const isGenuine = (claims: Claims, { signature, key = claims.iss }: { readonly signature: string; readonly key?: string }): boolean =>
      this.#notary.open(this.#notary.written(claims, signature, key)).ok;
    const born = {
      typ: "birth",
      iss,
      item: item.id,
      kind: item.kind,
      tier,
      hop: birth.hop,
      fixed: birth.fixed,
      iat: birth.day * DAY_MS,
    } as const;
    holds(isGenuine(born, birth), "its maker signed no birth");
    let [holder, hop] = [iss, birth.hop];
    const said: Signed[] = [];
    for (const link of links) {
      const transfer = formatNumbered(link.n, holder);
      const claims = { typ: "link", iss: holder, item: item.id, hop: link.hop, to: link.to, transfer, iat: link.day * DAY_MS } as const;
      holds(isGenuine(claims, link), `${holder} signed no link`);
      holds(link.hop === hop + 1, "a hop is missing");
      said.push(linkSaid(item.id, holder, link));
      hop = link.hop + (link.refused === undefined ? 0 : 1);
      if (link.refused === undefined) {
        holder = link.to;
        continue;
      }
      const { iat, code, reason, epoch } = link.refused;
      holds(
        isGenuine({ typ: "refusal", iss: link.to, aud: holder, iat, transfer, code, reason, epoch }, link.refused),
        "a refusal is not genuine",
      );
    }
    holds(holder === world && hop === item.hop, "its papers lead elsewhere");
    for (const [name, value] of Object.entries(birth.fixed)) holds(item.props[name] === value, `its ${name} is not its maker's`);
    return said;
  }

  #verify({ item, hop, signer, first, second, keys = [] }: DoubleSpend): void {
    this.proofs += 1;
    for (const token of keys) mustHold(this.#notary.open(token).ok, "I8", `the proof about ${item} names keys that nobody stated`);
    const links = [first, second].map((token) => this.#notary.open(token));
    const said = links.flatMap((one) => (one.ok && one.value.claims.typ === "link" ? [one.value.claims] : []));
    const isOfOne = said.length === 2 && said.every((link) => link.iss === signer && link.item === item && link.hop === hop);
    mustHold(isOfOne && said[0]?.transfer !== said[1]?.transfer, "I8", `the proof about ${item} proves nothing`);
    mustHold(!this.#isJudged(signer), "I8", `${signer} is honest and is proven a double spender`);
  }
}

function linkSaid(item: string, from: WorldId, { hop, to, n }: { readonly hop: number; readonly to: WorldId; readonly n: number }): Signed {
  return { key: `${hop} ${from} ${item}`, says: `${to} ${n}` };
}
