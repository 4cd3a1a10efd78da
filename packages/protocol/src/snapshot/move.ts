// The two small flat frames: what a client says most often, and what is said to it alone.
//
//   move  offset 0      1        5      6                 own  offset 0     1         9         13            17      21      25
//         u8 FRAME.move u32 seq  i8 dx  i8 dy                  u8 FRAME.own u64 tick  u32 ackSeq u32 ackIntent i32 x   i32 y   u8 flags
//
// Big-endian; a frame has exactly its length. dx, dy: -127 to 127, never -128. x, y: 1/256 unit. flags: bit 0 frozen, others 0.
import { fail, ok, type Result } from "../fault.ts";
import { FRAME } from "../messages.ts";
import { GRID, WORLD_EDGE } from "../motion/step.ts";

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
}

export const MOVE_BYTES = 7;
export const OWN_BYTES = 26;
const FROZEN = 1;

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
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const dx = view.getInt8(5);
  const dy = view.getInt8(6);
  if (dx === -128 || dy === -128) return fail("malformed", "client", "a direction is -127 to 127");
  return ok({ t: "move", seq: view.getUint32(1), dx, dy });
}

export function encodeOwn(own: OwnState): Uint8Array {
  const frame = new Uint8Array(OWN_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint8(0, FRAME.own);
  view.setUint32(1, Math.floor(own.tick / 0x1_0000_0000));
  view.setUint32(5, own.tick % 0x1_0000_0000);
  view.setUint32(9, own.ackSeq);
  view.setUint32(13, own.ackIntent);
  view.setInt32(17, Math.round(own.x * GRID));
  view.setInt32(21, Math.round(own.y * GRID));
  view.setUint8(25, own.frozen ? FROZEN : 0);
  return frame;
}

/** An own frame's state, or fault `malformed`. Never throws. */
export function decodeOwn(frame: Uint8Array): Result<OwnState> {
  if (frame.length !== OWN_BYTES || frame[0] !== FRAME.own) return fail("malformed", "world", `an own frame has ${OWN_BYTES} bytes`);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const tick = view.getUint32(1) * 0x1_0000_0000 + view.getUint32(5);
  if (!Number.isSafeInteger(tick)) return fail("malformed", "world", "a tick is at most 2^53 - 1");
  const x = view.getInt32(17) / GRID;
  const y = view.getInt32(21) / GRID;
  if (Math.abs(x) > WORLD_EDGE || Math.abs(y) > WORLD_EDGE) return fail("malformed", "world", "a position past the edge of the world");
  const flags = view.getUint8(25);
  if (flags > FROZEN) return fail("malformed", "world", "flags that mean nothing");
  return ok({ tick, ackSeq: view.getUint32(9), ackIntent: view.getUint32(13), x, y, frozen: flags === FROZEN });
}
