// What a game client sees of the federation: one visitor, who enters a world and is carried on from world to world.
// Everything here is plain reading and plain asking; links, passports, substrates and reconnecting are the visitor's own business.
import type { KeyPair } from "@sojourn/passport";
import type {
  ClientState,
  EntityId,
  EntityKindInfo,
  Fault,
  Intent,
  Item,
  ItemKind,
  ItemRef,
  Manifest,
  Ruling,
  Scalar,
  TravellerId,
} from "@sojourn/protocol";
import type { KeyValue, Link, LinkConditioner } from "@sojourn/runtime";
import type { BlockStore, SubstrateView } from "@sojourn/substrate";
import type { SwarmOptions, SwarmReport } from "./swarm/swarm.ts";

/** What a traveller keeps beyond the program: small values by key, each durable when `set` resolves. */
export type TravellerStorage = KeyValue;

/** How one enters. Only a name is needed; in Node take `...nodeTraveller(folder)`, in a browser `...browserTraveller()` for what should last. */
export interface EnterOptions {
  /** What others read over one's head; at most LIMITS.nameBytes. A world may know the traveller by an earlier name. */
  readonly name: string;
  /** The traveller's key. Without it the storage's key is used, or a new one is made and stored there. */
  readonly keys?: KeyPair;
  /** Keeps the key, the worlds' pinned identities, their last manifests, and the passport in hand. Default: memory, gone with the process. */
  readonly storage?: TravellerStorage;
  /** Keeps substrate blocks. What is read from it is verified like everything else. Default: memory. */
  readonly cache?: BlockStore;
  /** Where blocks come from, best first. Default: the manifest's gateways over HTTP, the world's own first. */
  readonly sources?: (gateways: readonly string[]) => readonly BlockStore[];
  /** Opens a link; default WebSocket. */
  readonly connect?: (url: string) => Link;
  /** Makes the network worse: every link goes through it. Its conditions may be changed while one plays. Blocks are fetched past it. */
  readonly conditioner?: LinkConditioner;
  /** Whether what lies behind a portal nearby is loaded beforehand, so that a crossing waits for nothing. Default: yes. */
  readonly prefetch?: boolean;
  /** Asks the world at a base address for its card, over HTTP as a rule; undefined when none is had. For tests and other ways to ask. */
  readonly card?: (base: string, signal: AbortSignal) => Promise<string | undefined>;
  /**
   * How one shares blocks with other travellers in the same world; false: not at all. Needs WebRTC, so outside of browsers nothing comes of it.
   * Those one is connected to see one's network address. Default: taking part, with the limits of `GIVE_DEFAULTS`.
   */
  readonly swarm?: SwarmOptions | false;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** [0, 1): spreads retries and breaks no rule when it is predictable. Nonces never come from it. */
  readonly random?: () => number;
}

/** A visit to the federation. It lives until {@link Visitor.leave} or a fault that no retry mends; then {@link Visitor.closed} settles. */
export interface Visitor {
  readonly state: ClientState;
  /** The traveller's id, once the key is loaded. */
  readonly traveller: TravellerId | undefined;
  /** The address of the world shown. Changes when a crossing arrives. */
  readonly worldUrl: string;
  /** What the shown world is made of and allows. */
  readonly manifest: Manifest | undefined;
  /**
   * The verified static world: what is near is in it from the beginning, the rest comes while one plays. A new view replaces it when
   * the world publishes a new version.
   */
  readonly substrate: SubstrateView | undefined;
  /** How far the substrate now loading has come; stays at its last value when done. */
  readonly progress: LoadProgress | undefined;
  /** Oneself, as predicted for this very moment. */
  readonly me: Me | undefined;
  readonly items: readonly Item[];
  /** What customs kept back here; it waits in the locker of this world. */
  readonly locker: readonly Item[];
  /** Customs' word at the last arrival. */
  readonly rulings: readonly Ruling[];
  /** What is happening at the border: from asking until a few seconds after it ended. */
  readonly crossing: Crossing | undefined;
  /** Set while an heir of the world goes on with it here: verified, by the world's own statement. */
  readonly resumed: ResumedBy | undefined;
  /** Set while the authority is gone. */
  readonly ghost: Ghost | undefined;
  readonly stats: VisitStats;
  /** What was given to and taken from others here; undefined while one shares nothing. */
  readonly swarm: SwarmReport | undefined;
  /** Settles once everything is closed: with the fault that ended the visit, or undefined after {@link Visitor.leave}. Never rejects. */
  readonly closed: Promise<Fault | undefined>;

  /**
   * What to draw now: others interpolated a little in the past, oneself predicted. Call once a rendered frame.
   * The frame, its list and its entities are reused by the next call: draw from them, do not keep them.
   * @param timeMs a steady clock such as the one requestAnimationFrame hands in; default performance.now().
   */
  frame(timeMs?: number): ViewFrame;

  /** The direction one walks in from now on: each −1 to 1, (0, 0) stands still. Sampled at the world's tick rate, whatever the frame rate. */
  walk(dx: number, dy: number): void;
  interact(entity: EntityId): void;
  use(item: ItemRef, entity?: EntityId): void;
  chat(text: string): void;
  pickUp(entity: EntityId): void;
  drop(item: ItemRef): void;
  /** Puts an item into the world for good, at world units x, y; `text` for what can be written on. */
  place(item: ItemRef, x: number, y: number, text?: string): void;
  /** Asks to cross by a portal of the manifest within reach; walking into one does the same. */
  cross(portal: string): void;
  /** While in transit: would rather stay. The origin asks the destination to decide against the crossing. */
  stay(): void;
  /** Changes how one shares blocks with others, from now on. */
  share(options: SwarmOptions | false): void;
  /** Says goodbye and closes everything. The traveller rests where they are. */
  leave(): Promise<void>;

  /** Hears of something; returns the way to stop hearing. A listener that throws is reported as an uncaught error, never swallowed. */
  on<E extends keyof VisitorEvents>(event: E, listener: (value: VisitorEvents[E]) => void): () => void;
}

export interface VisitorEvents {
  readonly state: ClientState;
  /** A world's manifest, on entering, on arriving and on coming back. */
  readonly manifest: Manifest;
  /** A verified view is ready: the first one, or a newer version of the same world. */
  readonly substrate: SubstrateView;
  readonly progress: LoadProgress;
  /** The far side of a portal nearby is being loaded, or is. */
  readonly prefetch: Prefetched;
  readonly items: { readonly items: readonly Item[]; readonly locker: readonly Item[] };
  /** What customs said, at an arrival or before a departure. */
  readonly customs: { readonly world: string; readonly rulings: readonly Ruling[] };
  readonly crossing: Crossing;
  readonly say: Utterance;
  /** Somebody came into view from elsewhere, or went; `text` says from or to where. */
  readonly presence: { readonly entity: EntityId; readonly name: string; readonly text: string; readonly came: boolean };
  readonly effect: { readonly entity: EntityId; readonly text: string };
  readonly notice: Notice;
  /** An intent was refused (by the world, or here while ghost), or the session came to an end with this fault. */
  readonly reject: { readonly fault: Fault; readonly intent?: Intent };
  /** Live in a world for the first time since one was elsewhere. `from` names the world one came from. */
  readonly arrived: { readonly world: string; readonly from?: string; readonly rulings: readonly Ruling[] };
  readonly ghost: Ghost;
  /** An heir goes on with the world that fell silent: one is on the way there, or is there. */
  readonly resumed: ResumedBy;
  /** Somebody goes on with a world who may not, or not yet, or is not shown to. */
  readonly copy: RefusedCopy;
  /** Live; `resumed` when the same session or avatar went on. */
  readonly live: { readonly resumed: boolean };
}

/** Oneself. Units of the world; health 0 to 255. `frozen` while a crossing holds one in escrow. */
export interface Me {
  readonly entity: EntityId;
  readonly x: number;
  readonly y: number;
  readonly facing: number;
  readonly health: number;
  readonly frozen: boolean;
}

/** What is drawn now. Reused from call to call. */
export interface ViewFrame {
  /** The tick, with its fraction, at which others are shown. */
  readonly tick: number;
  /** True while the authority is gone: what is shown is old and only oneself moves. */
  readonly ghost: boolean;
  readonly entities: readonly ViewEntity[];
  readonly me: ViewEntity | undefined;
}

/** One thing or traveller to draw. */
export interface ViewEntity {
  readonly id: EntityId;
  /** What it is and looks like, from the manifest. */
  readonly kind: EntityKindInfo;
  /** A traveller's name, a thing's label, or "". */
  readonly name: string;
  readonly isMe: boolean;
  /** Centre of the body in world units: x right, y down. */
  readonly x: number;
  readonly y: number;
  /** Direction of view in 256ths of a full turn: 0 right (x grows), 64 down (y grows), 128 left, 192 up. */
  readonly facing: number;
  readonly moving: boolean;
  /** 0 to 255. */
  readonly health: number;
  /** The item in hand. */
  readonly holding: ItemKind | undefined;
  /** The world author's own state number of this entity (a lever's position, a lamp's light). */
  readonly state: number;
  readonly flags: number;
  /** The components the manifest declares, by name. */
  readonly components: { readonly [name: string]: Scalar };
}

export interface LoadProgress {
  /** Root being loaded. */
  readonly root: string;
  /** Of the whole world. Most of it comes while one plays. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly blocksDone: number;
  readonly blocksTotal: number;
  /** What one waits for: what is near, and what is needed anywhere. The total grows while it is being discovered. */
  readonly near: { readonly blocksDone: number; readonly blocksTotal: number; readonly bytesDone: number };
  /** Blocks that were already in the cache; the others were fetched. */
  readonly blocksCached: number;
  readonly fetchedBlocks: number;
  readonly fetchedBytes: number;
  /** Where the last block came from: "cache" or a source's name. */
  readonly source: string;
  /** What each source gave; `left`: why it is asked no more. */
  readonly sources: readonly { readonly name: string; readonly bytes: number; readonly left?: string }[];
  /** What is near is there: the rest comes meanwhile. */
  readonly isPlayable: boolean;
  /** All of it is there. */
  readonly done: boolean;
}

/** The far side of a portal that one came near to. Units of nothing are fetched for a portal that leads nowhere, or to nobody who answers. */
export interface Prefetched {
  readonly portal: string;
  readonly world: string;
  readonly state: "begun" | "done" | "failed" | "stopped";
  /** Blocks and bytes that were fetched for it. */
  readonly blocks: number;
  readonly bytes: number;
  readonly fault?: Fault;
}

/**
 * asking: the origin asks the destination · holding: out of the origin, passport stored · presenting: at the destination's door ·
 * in-transit: the destination does not answer; still trying, {@link Visitor.stay} gives one back · arrived ·
 * refused: nothing left the origin · returned: the destination decided against it and one is back with everything
 */
export type CrossingStage = "asking" | "holding" | "presenting" | "in-transit" | "arrived" | "refused" | "returned";

export interface Crossing {
  readonly stage: CrossingStage;
  /** The destination's name. */
  readonly destination: string;
  /** Why it was refused or returned, or why it takes so long. */
  readonly fault?: Fault;
  readonly rulings: readonly Ruling[];
  /** How often the passport was presented. */
  readonly attempts: number;
  /** Whether {@link Visitor.stay} would do something now. */
  readonly canStay: boolean;
}

export interface Ghost {
  /** When the authority was last heard, ms since 1970. */
  readonly sinceMs: number;
  /** How old what is shown is, ms. Read it again for the present age. */
  readonly ageMs: number;
  readonly reason: Fault;
}

/** An heir that goes on with a world, by a statement of that world's own key. */
export interface ResumedBy {
  /** The world that fell silent, and what it was called. */
  readonly world: string;
  readonly name: string;
  /** The heir's id, which is also that of the world one is in then, and where it is. */
  readonly heir: string;
  readonly at: string;
  /** The version of the statement of heirs. */
  readonly statement: number;
  /** When the heir began, by its own word, ms since 1970. */
  readonly sinceMs: number;
}

/** A copy of a world that is not the world, and why. */
export interface RefusedCopy {
  readonly world: string;
  readonly at: string;
  readonly why: string;
}

export interface Utterance {
  readonly entity: EntityId;
  readonly name: string;
  readonly text: string;
  readonly isMe: boolean;
}

export interface Notice {
  readonly text: string;
  readonly tone: "info" | "good" | "warn";
}

export interface VisitStats {
  readonly rttMs: number;
  /** How late the world's frames came of late, ms. */
  readonly jitterMs: number;
  readonly tick: number;
  readonly tickHz: number;
  /** How fast the world says its time goes: 1 as a rule, less while it has too much to do. */
  readonly pace: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly entities: number;
  /** Units by which the last own frame moved the prediction; 0 when world and client agreed. */
  readonly correction: number;
  /** Own frames so far whose correction was visible (≥ LIMITS of this room), and the largest one. */
  readonly corrections: number;
  readonly largestCorrection: number;
  /** Steps one has taken and the world has not answered yet. */
  readonly unanswered: number;
  /** How far in the past others are shown, ms. */
  readonly interpolationMs: number;
  readonly reconnects: number;
}
