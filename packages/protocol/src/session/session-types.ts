// The world's side of one link, as data: where it stands, what it is told and what it asks its shell to do.
import type { Fault } from "../fault.ts";
import type { ContentId, TransferId } from "../ids.ts";
import type { ClientMessage, Intent, Manifest, WorldMessage } from "../messages.ts";
import type { Move } from "../snapshot/move.ts";
import type { Bucket } from "./bucket.ts";
import type { Challenge, Destination } from "./visit-types.ts";

/**
 * AWAIT_HELLO · AWAIT_PROOF: a challenge is made or out · ADMITTING: the proof is checked and the world decides, durably ·
 * AWAIT_READY: the manifest is out, the traveller loads the substrate · LIVE · DEPARTED: out of the world by a portal, in escrow · CLOSED
 */
export type SessionStep = "AWAIT_HELLO" | "AWAIT_PROOF" | "ADMITTING" | "AWAIT_READY" | "LIVE" | "DEPARTED" | "CLOSED";

export type Hello = Extract<ClientMessage, { t: "hello" }>;

export interface SessionConfig {
  /** Protocol versions the world speaks; default is PROTOCOL_VERSION alone. */
  readonly versions?: readonly number[];
}

export type BucketName = "intents" | "chat" | "transfers" | "relays" | "others" | "tooFast" | "excess";

/** One admitted or not yet admitted link. Plain data; only session.ts makes the next one. */
export interface Session {
  readonly step: SessionStep;
  readonly versions: readonly number[];
  readonly hello: Hello | undefined;
  /** Sent, and waiting to be signed. */
  readonly challenge: Challenge | undefined;
  /** The world has decided to let the traveller in: from now on the end of the link is told as `left`. */
  readonly isAdmitted: boolean;
  /** The root the client must be ready with. */
  readonly root: ContentId | undefined;
  /** The client was ready on this link: it can go on without a manifest. */
  readonly isReady: boolean;
  readonly moveSeq: number;
  readonly intentSeq: number;
  /** The newest tick the client has taken in. */
  readonly ackTick: number;
  readonly enteredMs: number;
  readonly heardMs: number;
  readonly buckets: { readonly [name in BucketName]: Bucket };
}

export type SessionInput =
  | { readonly i: "message"; readonly message: ClientMessage | Move }
  | { readonly i: "bad-frame"; readonly fault: Fault }
  /** Answers `challenge`. */
  | { readonly i: "challenge-ready"; readonly challenge: Challenge }
  /** Answers `check-proof`; with the fault when the proof is wrong. */
  | { readonly i: "proof-checked"; readonly fault?: Fault }
  /** Answers `admit`: the traveller is of this world now, durably. */
  | { readonly i: "admitted"; readonly manifest: Manifest }
  /** Answers `admit`: no. `destination` with fault `away`; `refusal` is a signed one for the traveller to relay. */
  | { readonly i: "refused"; readonly fault: Fault; readonly destination?: Destination; readonly refusal?: string }
  /** The traveller is in escrow, durably: answers `admit` for one who was in transit, or ends a crossing's beginning. */
  | { readonly i: "departed"; readonly transfer: Extract<WorldMessage, { t: "transfer" }> }
  /** The crossing was decided against: the traveller is here again. */
  | { readonly i: "returned"; readonly manifest: Manifest }
  /** The crossing was decided for: the traveller is there. */
  | { readonly i: "gone"; readonly destination: Destination }
  /** Something to say in passing. Dropped when the session is not so far that it could be heard. */
  | { readonly i: "tell"; readonly message: WorldMessage }
  /** The world ends it: replaced, banned, shutting down, a reader that does not drain. */
  | { readonly i: "end"; readonly fault: Fault }
  | { readonly i: "link-closed" }
  | { readonly i: "wake" };

/**
 * Why an admitted traveller's link is over. lost: the body lingers · bye, ended: it is put to rest ·
 * replaced: it goes on under another link · departed: it is not here any more
 */
export type LeftBy = "lost" | "bye" | "ended" | "replaced" | "departed";

export type SessionEffect =
  | { readonly e: "send"; readonly message: WorldMessage }
  /** Make a challenge with a fresh nonce, signed over the hello's; answer `challenge-ready`. */
  | { readonly e: "challenge"; readonly hello: Hello; readonly version: number }
  /** Check the traveller's signature; answer `proof-checked`. */
  | { readonly e: "check-proof"; readonly hello: Hello; readonly challenge: Challenge; readonly signature: Uint8Array }
  /** Decide whether this traveller comes in; answer `admitted`, `departed` or `refused`. */
  | { readonly e: "admit"; readonly hello: Hello }
  /** The traveller can see: put the body into the simulation, tell `welcome`, and send a fresh snapshot. */
  | { readonly e: "enter" }
  | { readonly e: "act"; readonly seq: number; readonly intent: Intent }
  | { readonly e: "move"; readonly move: Move }
  | { readonly e: "ack"; readonly tick: number }
  | { readonly e: "held"; readonly transfer: TransferId }
  | { readonly e: "stay"; readonly transfer: TransferId }
  | { readonly e: "relay"; readonly message: string }
  /** Answer with `pong` and the world's time. */
  | { readonly e: "pong"; readonly n: number }
  | { readonly e: "left"; readonly by: LeftBy }
  /** Close the link once what was sent is out. */
  | { readonly e: "close" };
