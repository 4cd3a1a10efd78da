// One link and the session on it, as the authority keeps it between two ticks: the pure machine's state, what waits to be said,
// and from where its traveller looks.
import {
  type CellKey,
  encodeControl,
  type OwnState,
  type Ruling,
  type Session,
  type TravellerId,
  type WorldMessage,
} from "@sojourn/protocol";
import type { Link } from "@sojourn/runtime";

export interface Guest {
  /** Names the session in `welcome` and towards the border. */
  readonly id: string;
  readonly link: Link;
  session: Session;
  /** Frames that wait for the end of the tick. */
  outbox: Uint8Array[];
  /** Frames that came and were not worked off in the tick they came in. */
  backlog: Uint8Array[];
  /** Set once the proof is good and the world has decided. */
  traveller: TravellerId | undefined;
  /** What `welcome` says besides where one stands. */
  arrival: { readonly rulings: readonly Ruling[]; readonly from?: string; readonly receipt?: string; readonly isBorn: boolean } | undefined;
  isResumed: boolean;
  /** The cell its snapshots were last made for; undefined: it holds nothing, or missed a tick. */
  held: CellKey | undefined;
  /** The cell it looks from. */
  from: CellKey | undefined;
  /** Ticks of the snapshots written since the one acknowledged last. A quiet world writes none, and then there is nothing to read. */
  unread: number[];
  /** The last intent decided. */
  ackIntent: number;
  /** What the last own frame said, to say only what is new; undefined before the first. */
  ownSaid: OwnState | undefined;
  lastSentMs: number;
  stalledSinceMs: number | undefined;
  /** Set when the link closes as soon as what waits is out. */
  closing: { readonly code: number; readonly reason: string } | undefined;
  isOver: boolean;
}

export function newGuest(id: string, link: Link, session: Session, nowMs: number): Guest {
  return {
    id,
    link,
    session,
    outbox: [],
    backlog: [],
    traveller: undefined,
    arrival: undefined,
    isResumed: false,
    held: undefined,
    from: undefined,
    unread: [],
    ackIntent: 0,
    ownSaid: undefined,
    lastSentMs: nowMs,
    stalledSinceMs: undefined,
    closing: undefined,
    isOver: false,
  };
}

/** Queues a message for the end of the tick. */
export function say(guest: Guest, message: WorldMessage): void {
  guest.outbox.push(encodeControl(message));
  if (message.t === "reject" && message.final)
    guest.closing = { code: message.fault.code === "shutting-down" ? 1001 : 4000, reason: message.fault.code };
}
