// The client's side of a visit, as data: where it stands, what it is told and what it asks its shell to do.
import type { Fault } from "../fault.ts";
import type { ContentId, TransferId, TravellerId, WorldId } from "../ids.ts";
import type { ClientMessage, Intent, Manifest, WorldMessage } from "../messages.ts";
import type { Move } from "../snapshot/move.ts";

/** What people are shown. Every step below belongs to one of them; once a substrate is known and the authority is gone, all show GHOST. */
export type ClientState = "CONNECTING" | "LOADING_SUBSTRATE" | "SYNCING" | "LIVE" | "GHOST" | "CLOSED";

/**
 * opening: a link is asked for · greeting: hello is out · signing: the shell checks the world's signature and signs ·
 * proving: the proof is out · loading: the substrate is on its way · syncing: waits for welcome and the first snapshot · live ·
 * hushed: live, but nothing was heard for a while · holding: out of the world, the shell stores the passport ·
 * recalling: back at the origin, in transit, has asked to stay · closing: a link is being given up · waiting: until the next try · closed
 */
export type VisitStep =
  | "opening"
  | "greeting"
  | "signing"
  | "proving"
  | "loading"
  | "syncing"
  | "live"
  | "hushed"
  | "holding"
  | "recalling"
  | "closing"
  | "waiting"
  | "closed";

export type Challenge = Extract<WorldMessage, { t: "challenge" }>;
export type Destination = Extract<WorldMessage, { t: "transfer" }>["destination"];

/** A world to go to. `world` is set when its identity is known beforehand: then no other may answer. */
export interface Target {
  readonly url: string;
  readonly world?: WorldId;
}

/** A crossing whose passport the traveller holds. Kept by the shell until it is over, so that nothing is lost with the page. */
export interface HeldCrossing {
  readonly transfer: TransferId;
  readonly destination: Destination;
  /** Compact JWS, byte for byte as the origin made it. */
  readonly passport: string;
  readonly origin: Target;
}

export interface VisitConfig {
  readonly target: Target;
  readonly traveller: TravellerId;
  /** At most LIMITS.nameBytes. */
  readonly name: string;
  /** Protocol versions spoken; default is PROTOCOL_VERSION alone. */
  readonly versions?: readonly number[];
  /** A version of the target that is here already, whole and verified: with it one is a ghost at once when nobody answers. */
  readonly substrate?: ContentId;
  /** A crossing that was under way when the page or process ended: the visit goes on by presenting it. */
  readonly crossing?: HeldCrossing;
}

/** Where the crossing stands. going: to the destination, with the passport · back: to the origin, to ask to stay. */
export interface Crossing {
  readonly held: HeldCrossing;
  readonly heading: "going" | "back";
  /** Times the passport was presented. */
  readonly attempts: number;
  /** The destination's signed refusal, to be relayed to the origin. */
  readonly refusal: string | undefined;
  /** Why it goes back. */
  readonly fault: Fault | undefined;
}

export interface Ghost {
  /** When the authority was last heard, ms of the machine's clock. */
  readonly sinceMs: number;
  readonly reason: Fault;
}

/** A visit. Plain data; only visit.ts makes the next one. */
export interface Visit {
  readonly step: VisitStep;
  readonly traveller: TravellerId;
  readonly name: string;
  readonly versions: readonly number[];
  readonly target: Target;
  /** The current link's number; it grows with each link, and what an older one says is not heard. */
  readonly link: number;
  readonly isLinkOpen: boolean;
  readonly nonce: Uint8Array | undefined;
  readonly challenge: Challenge | undefined;
  readonly manifest: Manifest | undefined;
  /** The root that is loaded and can be walked in without the world. */
  readonly substrate: ContentId | undefined;
  readonly hasWelcome: boolean;
  readonly hasSnapshot: boolean;
  readonly ghost: Ghost | undefined;
  readonly crossing: Crossing | undefined;
  /** Links lost since the last time it was live. */
  readonly failures: number;
  /** Worlds gone on to since the last time it was live. */
  readonly follows: number;
  readonly enteredMs: number;
  readonly heardMs: number;
  readonly pingedMs: number;
  readonly ackedMs: number;
  /** The newest tick taken in on this link, and the newest one acknowledged. */
  readonly tick: number;
  readonly ackedTick: number;
  readonly retryMs: number;
  /** The least wait the world asked for before the next try. */
  readonly retryAfterMs: number;
  readonly pingN: number;
  readonly rttMs: number | undefined;
  /** The last intent's number on this link. */
  readonly seq: number;
}

/**
 * `link` names the link an input came from; what comes from an older link is not heard.
 * Every link asked for ends in exactly one `link-closed`, whoever closed it.
 */
export type VisitInput =
  /** `nonce`: LIMITS.nonceBytes bytes by chance, fresh for each link. */
  | { readonly i: "link-open"; readonly link: number; readonly nonce: Uint8Array }
  /** `jitter`: 0 to 1 by chance. */
  | { readonly i: "link-closed"; readonly link: number; readonly jitter: number }
  | { readonly i: "message"; readonly link: number; readonly message: WorldMessage }
  /** A snapshot was taken in. */
  | { readonly i: "snapshot"; readonly link: number; readonly tick: number }
  /** An own frame was taken in. */
  | { readonly i: "own"; readonly link: number }
  /** A frame that could not be decoded. */
  | { readonly i: "bad-frame"; readonly link: number; readonly fault: Fault }
  /** Answers `sign`. */
  | { readonly i: "proof-ready"; readonly link: number; readonly signature: Uint8Array }
  | { readonly i: "proof-failed"; readonly link: number; readonly fault: Fault }
  /** Answers `load-substrate`. */
  | { readonly i: "substrate-ready"; readonly root: ContentId }
  | { readonly i: "substrate-failed"; readonly root: ContentId; readonly fault: Fault }
  /** Answers `keep-passport`. */
  | { readonly i: "passport-kept"; readonly transfer: TransferId }
  | { readonly i: "intent"; readonly intent: Intent }
  | { readonly i: "move"; readonly move: Move }
  /** The traveller would rather stay than cross. */
  | { readonly i: "stay" }
  | { readonly i: "leave" }
  | { readonly i: "wake" };

/** How a crossing stands, for people. in-transit: the destination does not answer, still trying. */
export type CrossingStage = "asking" | "holding" | "presenting" | "in-transit" | "arrived" | "refused" | "returned";

export type VisitEffect =
  | { readonly e: "open-link"; readonly link: number; readonly url: string }
  | { readonly e: "close-link"; readonly link: number }
  | { readonly e: "send"; readonly link: number; readonly message: ClientMessage }
  | { readonly e: "send-move"; readonly link: number; readonly move: Move }
  /** Check the world's signature in the challenge over `nonce`, then sign the proof; answer `proof-ready` or `proof-failed`. */
  | { readonly e: "sign"; readonly link: number; readonly challenge: Challenge; readonly nonce: Uint8Array; readonly passport?: string }
  /** Load and verify the manifest's substrate; answer `substrate-ready` or `substrate-failed`. */
  | { readonly e: "load-substrate"; readonly root: ContentId; readonly manifest: Manifest }
  /** Store it so that it outlives the page or process; then answer `passport-kept`. */
  | { readonly e: "keep-passport"; readonly held: HeldCrossing }
  /** The crossing is over; what was kept may go. */
  | { readonly e: "drop-passport"; readonly transfer: TransferId }
  /** A message for the game: welcome, items, notice, crossing, substrate, pong, a refused intent. */
  | { readonly e: "deliver"; readonly message: WorldMessage }
  | {
      readonly e: "crossing";
      readonly stage: CrossingStage;
      readonly destination: string;
      readonly attempts: number;
      readonly fault?: Fault;
    }
  /** An intent that was not sent because the visit is not live. */
  | { readonly e: "refused"; readonly intent: Intent; readonly fault: Fault }
  /** What people are shown has changed. `ghost` is set with GHOST. */
  | { readonly e: "phase"; readonly phase: ClientState; readonly ghost?: Ghost }
  /** The visit is over: with the fault that ended it, or without one after `leave`. */
  | { readonly e: "ended"; readonly fault?: Fault };
