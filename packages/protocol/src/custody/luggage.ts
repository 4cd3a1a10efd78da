// What of a traveller's things can leave, and with which papers: sorting by tier, by seal and by the destination's rulings. Reads only.
import type { ItemRef, TravellerId, WorldId } from "../ids.ts";
import { issuerOf } from "../ids.ts";
import type { Ruling } from "../items.ts";
import { CUSTODY } from "../limits.ts";
import type { Carried, Offer } from "./claims.ts";
import { spreadRulings } from "./claims.ts";
import type { ItemRow } from "./custody.ts";
import { rowOf } from "./custody.ts";
import type { Border } from "./desk.ts";
import { certify, dayOf, type EvidenceTier, type Papers, withKeys, withLink } from "./papers.ts";

const STAYS = {
  local: "It belongs to this world and stays here.",
  frozen: "It was given away twice, and this is the later copy: it stays sealed where it is.",
  lost: "Its papers were lost, so it stays in this world.",
  full: "Its papers are full. Only its maker can renew them: it can go there and nowhere else.",
  changed: "A fact that its maker vouches for was changed, so no other world would let it in.",
  heavy: "There is no room for its papers on this crossing. Leave something else behind first.",
  doubted: "This world lost a part of its memory, and the thing may be elsewhere as well: it stays here.",
  unseen: "It was not shown to customs in time and stays here.",
} as const;

/** A traveller's things as a passport to there carries them: hops one higher. What cannot leave is left out, with what lies in it. */
export function carriedBy(border: Border, traveller: TravellerId, to: WorldId): Carried[] {
  const packer = new Packer(border, to);
  return packer.list(`inventory ${traveller}`, (row) => packer.whyStays(row) === undefined);
}

export interface Sorted {
  readonly items: readonly Carried[];
  /** Everything that travels, containers before their contents; and the outermost things that stay. */
  readonly travels: readonly ItemRef[];
  readonly kept: readonly ItemRef[];
  /** The destination's rulings and this world's own. */
  readonly rulings: readonly Ruling[];
}

/** Things the offer admits travel by transfer `n`, unless what they lie in stays; everything else goes to the locker. */
export function sortOut(border: Border, traveller: TravellerId, offer: Offer, n: number): Sorted {
  const rulings = spreadRulings(offer.rulings);
  const verdicts = new Map(rulings.map((ruling) => [ruling.item, ruling.verdict]));
  const travels: ItemRef[] = [];
  const kept: ItemRef[] = [];
  const own: Ruling[] = [];
  const packer = new Packer(border, offer.iss, n);
  const decide = (row: ItemRow): boolean => {
    const { id, kind } = row;
    const verdict = verdicts.get(id);
    const why = packer.whyStays(row) ?? (verdict === undefined ? STAYS.unseen : undefined);
    if (why !== undefined) own.push({ item: id, kind, verdict: "refuse", reason: why });
    const isGoing = why === undefined && verdict !== "refuse";
    (isGoing ? travels : kept).push(id);
    return isGoing;
  };
  const items = packer.list(`inventory ${traveller}`, decide);
  const said = new Set(own.map(({ item }) => item));
  return { items, travels, kept, rulings: [...rulings.filter(({ item }) => !said.has(item)), ...own] };
}

function evidenceOf({ tier }: ItemRow): EvidenceTier | undefined {
  return tier === "provenance" || tier === "registered" ? tier : undefined;
}

/** Packs things for one crossing; without a transfer's number yet, for showing them to customs. */
class Packer {
  readonly #border: Border;
  readonly #to: WorldId;
  readonly #n: number | undefined;
  #paperChars = 0;

  constructor(border: Border, to: WorldId, n?: number) {
    this.#border = border;
    this.#to = to;
    this.#n = n;
  }

  list(holder: string, travels: (row: ItemRow) => boolean): Carried[] {
    const { custody } = this.#border;
    const rows = [...(custody.held.get(holder) ?? [])].map((ref) => rowOf(custody, ref)).filter(travels);
    return rows.map((row) => {
      const { id, kind, props, hop } = row;
      const tier = evidenceOf(row);
      const evidence = tier === undefined ? {} : { tier, papers: this.#papersOf(row, tier) };
      return { id, kind, props, hop: hop + 1, ...evidence, contents: this.list(`item ${id}`, travels) };
    });
  }

  /** Why a thing cannot leave by this crossing. Asked once for each thing, in order: papers take room. */
  whyStays(row: ItemRow): string | undefined {
    if (this.#border.custody.memory.doubted.has(row.id)) return STAYS.doubted;
    if (row.tier === "local") return STAYS.local;
    if (row.seal === "double-spend") return STAYS.frozen;
    if (evidenceOf(row) === undefined) return undefined;
    const { papers } = row;
    if (issuerOf(row.id) !== this.#border.world) {
      if (papers === undefined) return STAYS.lost;
      if (papers.links.length >= CUSTODY.paperLinks - (this.#to === issuerOf(row.id) ? 0 : 1)) return STAYS.full;
      if (Object.entries(papers.birth.fixed).some(([name, value]) => row.props[name] !== value)) return STAYS.changed;
    }
    const explained =
      this.#border.context.notary.kid === this.#border.world ? 0 : (this.#border.custody.keys.get(this.#border.world)?.token.length ?? 0);
    const chars = explained + CUSTODY.paperLinkChars + (papers === undefined ? charsOfFixed(row) : JSON.stringify(papers).length);
    if (this.#paperChars + chars > CUSTODY.paperChars) return STAYS.heavy;
    this.#paperChars += chars;
    return undefined;
  }

  #papersOf(row: ItemRow, tier: EvidenceTier): Papers {
    const { context, world, nowMs } = this.#border;
    const { notary } = context;
    const day = dayOf(nowMs);
    const papers = row.papers ?? certify(notary, { id: row.id, kind: row.kind, props: row.props }, tier, row.hop, row.fixed ?? [], day);
    if (this.#n === undefined) return this.#explained(papers);
    if (world === this.#to) throw new Error("nothing leaves for where it is");
    return this.#explained(withLink(notary, row.id, papers, { to: this.#to, hop: row.hop + 1, n: this.#n, day }));
  }

  /** With this world's own statement, when it does not sign with its identity key. */
  #explained(papers: Papers): Papers {
    const { context, custody, world } = this.#border;
    return context.notary.kid === world ? papers : withKeys(papers, custody.keys.get(world)?.token);
  }
}

/** A certificate that is yet to be written: its signature, and the facts it vouches for. */
function charsOfFixed({ props, fixed = [] }: ItemRow): number {
  return CUSTODY.paperLinkChars + JSON.stringify(fixed.map((name) => [name, props[name] ?? 0])).length;
}
