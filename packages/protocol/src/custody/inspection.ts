// What the papers of arriving things are worth here: before anything leaves, thing by thing; when it has arrived, all or nothing. Reads only.
import type { ItemRef, WorldId } from "../ids.ts";
import { issuerOf, parseNumbered } from "../ids.ts";
import type { Ruling } from "../items.ts";
import { CUSTODY, LIMITS } from "../limits.ts";
import { type Carried, flattenCarried, type OfferRequest, type Passport } from "./claims.ts";
import type { Border } from "./desk.ts";
import { isRevokedHere } from "./evidence.ts";
import { followPapers, type PaperDoubts, signaturesIn } from "./papers.ts";
import { seenKey } from "./seen-links.ts";

/** Refuses things, each with everything in it. Things that are refused already keep their reason. */
export function refuseThings(
  rulings: readonly Ruling[],
  items: readonly Carried[],
  whyNot: (item: Carried) => string | undefined,
  inside: (kind: string) => string,
): Ruling[] {
  const before = new Map(rulings.map((ruling) => [ruling.item, ruling.verdict]));
  const refused = new Map<ItemRef, string>();
  const look = (list: readonly Carried[], outside: string | undefined): void => {
    for (const item of list) {
      const isIn = (before.get(item.id) ?? "refuse") !== "refuse";
      const why = outside ?? (isIn ? whyNot(item) : undefined);
      if (isIn && why !== undefined) refused.set(item.id, why);
      look(item.contents, why === undefined ? undefined : inside(item.kind.replaceAll("-", " ")));
    }
  };
  look(items, undefined);
  return rulings.map((ruling): Ruling => {
    const reason = refused.get(ruling.item);
    return reason === undefined ? ruling : { ...ruling, verdict: "refuse", reason: reason.slice(0, LIMITS.detailBytes) };
  });
}

/** What this world knows besides the papers. */
export function doubtsAt(border: Border): PaperDoubts {
  return {
    isRevoked: (signer, key) => isRevokedHere(border, signer, key),
    hasSeen: (item, from, link) => border.custody.links.get(seenKey({ item, from, link }))?.link.signature === link.signature,
  };
}

/** Looks at papers one after the other, up to so many signatures. */
class Inspection {
  readonly #border: Border;
  readonly #holder: WorldId;
  readonly #hopsAhead: number;
  readonly #transfer: number | undefined;
  #signatures = 0;
  readonly #doubts: PaperDoubts;

  /** By their papers, things are with `holder`, `hopsAhead` hops before the one they are carried at. */
  constructor(border: Border, holder: WorldId, hopsAhead: number, transfer?: number) {
    this.#border = border;
    this.#doubts = doubtsAt(border);
    this.#holder = holder;
    this.#hopsAhead = hopsAhead;
    this.#transfer = transfer;
  }

  whyNot(item: Carried): string | undefined {
    const { custody, world, context } = this.#border;
    const own = issuerOf(item.id) === world ? custody.evidenced.get(item.id) : undefined;
    if (own !== undefined && own !== item.tier) return "It left this world with papers and comes back without them.";
    if (item.tier === undefined) return item.papers === undefined ? undefined : "It has papers, but says that it needs none.";
    if (issuerOf(item.id) === world && own === undefined) return "It never had papers of this world.";
    this.#signatures += item.papers === undefined ? 0 : signaturesIn(item.papers);
    if (this.#signatures > CUSTODY.paperSignatures) return "There are too many papers to look at on one crossing. Leave it behind for now.";
    const followed = followPapers(context.notary, item, this.#doubts);
    if (!followed.ok) return followed.fault.detail;
    const { holder, hop, links } = followed.value;
    if (holder !== this.#holder || hop + this.#hopsAhead !== item.hop) return "Its papers are not in order: they lead somewhere else.";
    const last = links.at(-1);
    const isByAnother = this.#transfer !== undefined && (last === undefined || last.link.n !== this.#transfer);
    return isByAnother ? "Its papers are not in order: they are of another crossing." : undefined;
  }
}

/** The rulings of customs, with things refused whose papers do not lead to who asks. */
export function withPapersInOrder(border: Border, request: OfferRequest, rulings: readonly Ruling[]): Ruling[] {
  const inspection = new Inspection(border, request.iss, 1);
  return refuseThings(
    rulings,
    request.items,
    (item) => inspection.whyNot(item),
    (kind) => `It stays in the ${kind}, whose papers are not in order.`,
  );
}

/** What is wrong with the papers in a passport; undefined when all of them lead here. */
export function whyNotByPapers(border: Border, passport: Passport): string | undefined {
  const inspection = new Inspection(border, border.world, 0, parseNumbered(passport.transfer)?.n);
  for (const item of flattenCarried(passport.items)) {
    const why = inspection.whyNot(item);
    if (why !== undefined) return why;
  }
  return undefined;
}
