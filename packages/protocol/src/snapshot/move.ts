// The two small flat frames: what a client says most often, and what is said to it alone.
//
//   move  u8 FRAME.move · u32 seq · i8 dx · i8 dy                       7 bytes; dx, dy: -127 to 127, never -128
//   own   u8 FRAME.own · u8 flags · varlong tick · varint ackSeq · varint ackIntent · zigzag x · zigzag y · u8 pace if flags say so
//         flags: bit 0 frozen, bit 1 pace follows, others 0. x, y: 1/256 unit. pace: 256ths of the manifest's tickHz, 1 to 255
//
// A frame ends with its last field.
import { fail, ok, type Result } from "../fault.ts";
import { FRAME } from "../messages.ts";
import { GRID, WORLD_EDGE } from "../motion/step.ts";
import { FrameCursor, FrameWriter } from "./wire.ts";

/** One client tick of walking: full deflection is 127. `seq` numbers moves of one link from 1, rising. A zero move says one stands. */
export interface Move {
  readonly t: "move";
  readonly seq: number;
  readonly dx: number;
  readonly dy: number;
}

/** What only its owner is told each tick: which inputs are done and where they led. */
export interface OwnState {
  readonly tick: number;
  /** The last move walked; 0 before the first. */
  readonly ackSeq: number;
  /** The last intent decided, done or refused; 0 before the first. */
  readonly ackIntent: number;
  readonly x: number;
  readonly y: number;
  /** True while a crossing holds the traveller: moves are not walked. */
  readonly frozen: boolean;
  /**
   * How fast the world's time goes: ticks a second are the manifest's tickHz times this. 1 as a rule, less while the world has more to
   * do than its machine can; a whole number of 256ths. The client walks and plays back at this pace.
   */
  readonly pace: number;
}

export const MOVE_BYTES = 7;
/** A pace is a whole number of these parts. */
export const PACE_PARTS = 256;
/** An own frame, at most. */
const OWN_BYTES = 40;
const OWN_PIECE_BYTES = 65_536;
const FROZEN = 1;
const PACED = 2;

export function encodeMove(move: Move): Uint8Array {
  const frame = new Uint8Array(MOVE_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint8(0, FRAME.move);
  view.setUint32(1, move.seq);
  view.setInt8(5, move.dx);
  view.setInt8(6, move.dy);
  return frame;
}

/** A move, or fault `malformed`. Never throws. */
export function decodeMove(frame: Uint8Array): Result<Move> {
  if (frame.length !== MOVE_BYTES || frame[0] !== FRAME.move) return fail("malformed", "client", `a move has ${MOVE_BYTES} bytes`);
  const dx = ((frame[5] as number) << 24) >> 24;
  const dy = ((frame[6] as number) << 24) >> 24;
  if (dx === -128 || dy === -128) return fail("malformed", "client", "a direction is -127 to 127");
  return ok({ t: "move", seq: u32At(frame, 1), dx, dy });
}

function u32At(frame: Uint8Array, at: number): number {
  return (
    (((frame[at] as number) << 24) | ((frame[at + 1] as number) << 16) | ((frame[at + 2] as number) << 8) | (frame[at + 3] as number)) >>> 0
  );
}

export function encodeOwn(own: OwnState): Uint8Array {
  const writer = new FrameWriter(32);
  writeOwn(writer, own);
  return writer.written();
}

/** Own frames one behind the other in pieces of memory that nobody writes again, so that a thousand a tick cost no memory each. */
export class OwnFrames {
  private memory = new FrameWriter(OWN_PIECE_BYTES);

  encode(own: OwnState): Uint8Array {
    if (this.memory.at > OWN_PIECE_BYTES - OWN_BYTES) this.memory = new FrameWriter(OWN_PIECE_BYTES);
    const start = this.memory.at;
    writeOwn(this.memory, own);
    return this.memory.written(start);
  }
}

/** Writes an own frame behind whatever is in the writer. */
function writeOwn(writer: FrameWriter, own: OwnState): void {
  const pace = Math.round(own.pace * PACE_PARTS);
  writer.u8(FRAME.own);
  writer.u8((own.frozen ? FROZEN : 0) | (pace < PACE_PARTS ? PACED : 0));
  writer.varlong(own.tick);
  writer.varint(own.ackSeq);
  writer.varint(own.ackIntent);
  writer.zigzag(Math.round(own.x * GRID));
  writer.zigzag(Math.round(own.y * GRID));
  if (pace < PACE_PARTS) writer.u8(Math.max(1, pace));
}

/** An own frame's state, or fault `malformed`. Never throws. */
export function decodeOwn(frame: Uint8Array): Result<OwnState> {
  const cursor = new FrameCursor(frame);
  if (cursor.u8() !== FRAME.own) cursor.refuse("not an own frame");
  const flags = cursor.u8();
  if (flags > (FROZEN | PACED)) cursor.refuse("flags that mean nothing");
  const tick = cursor.varlong("a tick");
  const ackSeq = cursor.varint(0xffff_ffff, "a move's number");
  const ackIntent = cursor.varint(0xffff_ffff, "an intent's number");
  const x = cursor.zigzag(WORLD_EDGE * GRID, "a position") / GRID;
  const y = cursor.zigzag(WORLD_EDGE * GRID, "a position") / GRID;
  const parts = (flags & PACED) === 0 ? PACE_PARTS : cursor.u8();
  if (parts === 0) cursor.refuse("a pace of nothing");
  if (cursor.left > 0) cursor.refuse(`${cursor.left} bytes after the last field`);
  if (cursor.bad !== undefined) return fail("malformed", "world", `own frame: ${cursor.bad}`);
  return ok({ tick, ackSeq, ackIntent, x, y, frozen: (flags & FROZEN) !== 0, pace: parts / PACE_PARTS });
}
