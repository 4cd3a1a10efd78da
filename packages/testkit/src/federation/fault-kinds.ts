// The menu of faults. Each kind can be left out, to find the smallest run that still fails.

export const FAULT_KINDS = [
  /** Messages between worlds are lost, doubled and delayed. */
  "loss",
  "repeats",
  /** One direction between two worlds is cut. */
  "cuts",
  /** Worlds end at any moment; what was not durable is lost, torn or kept. */
  "crashes",
  /** Worlds end at every boundary of a crossing, and at every pair of them. */
  "dooms",
  /** A restart takes the older checkpoint and the longer suffix. */
  "older",
  /** A sync takes seconds, or longer than a passport lives. */
  "stalls",
  /** A sync fails: the process ends before anything leaves. */
  "sync-failures",
  /** The journal has no space: nobody departs or arrives. */
  "full",
  /** Clients end, break their links, are cloned, and would rather stay. */
  "reloads",
  "clones",
  "stays",
  /** Anything ever said, said again to anybody; forgeries; verdicts of worlds that were not asked. */
  "attack",
  /** Policies change, somebody is banned, a world closes, a peer is unpinned, all of it midway. */
  "policies",
  "bans",
  "closing",
  "pins",
  /** Clocks step by seconds, by more than is tolerated, by an hour. */
  "clocks",
  "hours",
  /** A destination's word does not get through for minutes, and the origin's operator takes travellers back. */
  "overrides",
  /** A world signs with another key from now on; or must, because the one before was stolen. Also while it is down. */
  "rotations",
  "thefts",
  /** At the end of a run one world loses the end of its journal, and its peers help it to remember. */
  "amnesia",
  /** An old process of a world does not know that a new one has taken over. */
  "zombies",
  /** A world publishes a new version of its substrate while travellers are on their way. */
  "upgrades",
  /** An author's callback acts in the middle of a decision: asks again, moves things, closes the world, lets others speak. */
  "hooks",
  /** A malicious world that everybody has pinned: signs anything at any time, within its own key. */
  "rogue",
  /** It sends hundreds of messages at once. */
  "floods",
] as const;

/** Who is malicious does not stop when luck turns. */
const UNENDING: ReadonlySet<string> = new Set(["rogue", "floods"]);

export type FaultKind = (typeof FAULT_KINDS)[number];

/** What can go wrong in one run, and how often it did. */
export class FaultMenu {
  readonly #served: ReadonlySet<FaultKind>;
  readonly counts: Map<FaultKind, number>;
  #isOver = false;

  constructor(without: readonly FaultKind[]) {
    this.#served = new Set(FAULT_KINDS.filter((kind) => !without.includes(kind)));
    this.counts = new Map([...this.#served].map((kind) => [kind, 0]));
  }

  has(kind: FaultKind): boolean {
    return this.#served.has(kind) && (!this.#isOver || UNENDING.has(kind));
  }

  /** As {@link has}; when it is, it happens now. */
  strikes(kind: FaultKind): boolean {
    if (!this.has(kind)) return false;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    return true;
  }

  /** From now on nothing goes wrong by itself. */
  end(): void {
    this.#isOver = true;
  }
}
