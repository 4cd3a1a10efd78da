// What a world keeps for the day when another one loses its memory, or it loses its own: passports of crossings that are over, whose old
// words count no more, and how far it is in asking its peers. A part of custody: only records change it.
import type { ItemRef, TransferId, TravellerId, WorldId } from "../ids.ts";
import type { TravellerBody } from "../items.ts";
import { CUSTODY } from "../limits.ts";
import type { Carried } from "./claims.ts";

/** A passport of a crossing that is over. */
export interface Kept {
  readonly passport: string;
  readonly exp: number;
}

/** Passports by peer, with their numbers, in the order they were kept; below the number in `below` some may be forgotten. */
export interface Shelf {
  readonly kept: Map<WorldId, (readonly [number, Kept])[]>;
  readonly below: Map<WorldId, number>;
}

/** Who and what a passport names. */
export interface Told {
  readonly transfer: TransferId;
  readonly hash: string;
  readonly exp: number;
  readonly traveller: TravellerId;
  readonly name: string;
  readonly home: WorldId;
  readonly hop: number;
  readonly body: TravellerBody;
  readonly items: readonly Carried[];
}

/** How far a peer has told what it knows. `partial`: it has forgotten some. */
export interface Asking {
  readonly of: "came" | "went";
  readonly from: number;
  readonly isWhole: boolean;
  readonly state: "asking" | "whole" | "partial" | "given-up";
}

export interface Loose {
  readonly hop: number;
  readonly transfer: TransferId;
}

/** Of a peer's passports numbered below `below`, only those in `open` were open when it told. */
export interface Settled {
  readonly below: number;
  readonly open: ReadonlySet<number>;
}

/** A world that has lost the end of its journal and is asking its peers. */
export interface Amnesia {
  /** The incarnation that asks. Who takes over meanwhile goes on in its name. */
  readonly epoch: number;
  /** When what is left ends, and when the asking began. */
  readonly knownMs: number;
  readonly sinceMs: number;
  /** The next numbers as far as the journal tells; those after them may have been used. */
  readonly departure: number;
  readonly serial: number;
  /** The lowest departure that is asked about. */
  readonly since: number;
  readonly peers: Map<WorldId, Asking>;
  /** Passports to here that a peer has in escrow and may have been admitted. */
  readonly open: Map<TransferId, Told>;
  /** Things that are here by a peer's word. */
  readonly proven: Set<ItemRef>;
  /** Things made here after the journal ends that a peer knows: their numbers. */
  readonly made: Set<number>;
  /** Things of the departures that were open when the journal ends, and the hop they left with: whether they did is for the peers to say. */
  readonly loose: Map<ItemRef, Loose>;
  travellersLeft: number;
  travellersCame: number;
  itemsLeft: number;
  itemsCame: number;
}

/** What a world knows to have lost. */
export interface LossReport {
  readonly epoch: number;
  readonly knownMs: number;
  readonly sinceMs: number;
  readonly liftedMs: number;
  readonly peers: readonly { readonly world: WorldId; readonly state: Asking["state"] }[];
  /** Who and what had left after the journal ends, and who and what had come and was given back. */
  readonly travellersLeft: number;
  readonly itemsLeft: number;
  readonly travellersCame: number;
  readonly itemsCame: number;
  /** Things made here after the journal ends: at least so many are gone; the lowest numbers of them. */
  readonly itemsLost: number;
  readonly itemsNamed: readonly ItemRef[];
  /** Things that may be elsewhere as well, since a peer did not tell all: they do not leave. */
  readonly itemsDoubted: number;
}

export interface Memory {
  /** Passports of peers that were admitted here; passports from here that were admitted there. */
  readonly came: Shelf;
  readonly went: Shelf;
  /** Peers that began anew: words of an earlier incarnation count no more. */
  readonly fences: Map<WorldId, number>;
  /** By peers that have told: which of their passports are over, though nobody here knows how they were decided. */
  readonly settled: Map<WorldId, Settled>;
  amnesia: Amnesia | undefined;
  readonly doubted: Set<ItemRef>;
  report: LossReport | undefined;
}

function emptyShelf(): Shelf {
  return { kept: new Map(), below: new Map() };
}

export function emptyMemory(): Memory {
  return {
    came: emptyShelf(),
    went: emptyShelf(),
    fences: new Map(),
    settled: new Map(),
    amnesia: undefined,
    doubted: new Set(),
    report: undefined,
  };
}

/** A crossing ends once on either side: no number comes twice. */
export function keepPassport({ kept, below }: Shelf, peer: WorldId, n: number, one: Kept): void {
  const of = kept.get(peer) ?? [];
  kept.set(peer, of);
  of.push([n, one]);
  if (of.length > CUSTODY.keptPassports) forgetOldest(of, 1, below, peer);
}

function forgetOldest(of: (readonly [number, Kept])[], count: number, below: Map<WorldId, number>, peer: WorldId): void {
  for (const [n] of of.splice(0, count)) below.set(peer, Math.max(below.get(peer) ?? 0, n + 1));
}

/** Passports that ended long ago are nobody's business any more. */
export function forgetPassports(memory: Memory, beforeMs: number): void {
  for (const { kept, below } of [memory.came, memory.went]) {
    for (const [peer, of] of kept) {
      // In the order they came: the rest is younger.
      const young = of.findIndex(([, { exp }]) => exp + CUSTODY.keptMs >= beforeMs);
      forgetOldest(of, young < 0 ? of.length : young, below, peer);
    }
  }
}

type PlainShelf = readonly (readonly [WorldId, number, readonly (readonly [number, Kept])[]])[];

/** Memory as a plain value: it can be written as CBOR or JSON. */
export interface PlainMemory {
  readonly came: PlainShelf;
  readonly went: PlainShelf;
  readonly fences: readonly (readonly [WorldId, number])[];
  readonly settled: readonly (readonly [WorldId, number, readonly number[]])[];
  readonly doubted: readonly ItemRef[];
  readonly report?: LossReport;
  readonly amnesia?: PlainAmnesia;
}

type PlainAmnesia = Omit<Amnesia, "peers" | "open" | "proven" | "made" | "loose"> & {
  readonly peers: readonly (readonly [WorldId, Asking])[];
  readonly open: readonly Told[];
  readonly proven: readonly ItemRef[];
  readonly made: readonly number[];
  readonly loose: readonly (readonly [ItemRef, Loose])[];
};

export function plainMemory({ came, went, fences, settled, doubted, report, amnesia }: Memory): PlainMemory {
  return {
    came: plainShelf(came),
    went: plainShelf(went),
    fences: [...fences],
    settled: [...settled].map(([peer, { below, open }]) => [peer, below, [...open]] as const),
    doubted: [...doubted],
    ...(report === undefined ? {} : { report }),
    ...(amnesia === undefined
      ? {}
      : {
          amnesia: {
            ...amnesia,
            peers: [...amnesia.peers],
            open: [...amnesia.open.values()],
            proven: [...amnesia.proven],
            made: [...amnesia.made],
            loose: [...amnesia.loose],
          },
        }),
  };
}

function plainShelf({ kept, below }: Shelf): PlainShelf {
  const peers = new Set([...kept.keys(), ...below.keys()]);
  return [...peers].map((peer) => [peer, below.get(peer) ?? 0, kept.get(peer)?.slice() ?? []]);
}

export function memoryFrom(plain: PlainMemory): Memory {
  const memory = emptyMemory();
  fillShelf(memory.came, plain.came);
  fillShelf(memory.went, plain.went);
  for (const [world, epoch] of plain.fences) memory.fences.set(world, epoch);
  for (const [peer, below, open] of plain.settled) memory.settled.set(peer, { below, open: new Set(open) });
  for (const ref of plain.doubted) memory.doubted.add(ref);
  memory.report = plain.report;
  const { amnesia } = plain;
  if (amnesia !== undefined) {
    const open = new Map(amnesia.open.map((told) => [told.transfer, told]));
    const { peers, proven, made, loose } = amnesia;
    const sets = { proven: new Set(proven), made: new Set(made), loose: new Map(loose) };
    memory.amnesia = { ...amnesia, ...sets, peers: new Map(peers), open };
  }
  return memory;
}

function fillShelf(shelf: Shelf, plain: PlainShelf): void {
  for (const [peer, below, kept] of plain) {
    if (below > 0) shelf.below.set(peer, below);
    if (kept.length > 0) shelf.kept.set(peer, kept.slice());
  }
}
