// What two members say to each other on their data channel, one message a frame, numbers big-endian:
//
//   hello  01 · u8 version · 8 bytes: a number drawn for this visit  the first message each way
//   names  02 · u32…: what one holds, each by the first 4 bytes of its block's hash, rising; none: nothing yet
//   whole  03 · 36 bytes: the content id of a root whose version one holds whole
//   want   04 · u32 n · 36 bytes: a block is asked for; n rises from 1
//   cancel 05 · u32 n: it is wanted no more
//   lack   06 · u32 n · u8 why: 0 not held · 1 given enough for now · 2 cancelled
//   piece  07 · u32 n · u32 total · u32 from · bytes: a part of the block; parts come in order, one block after another
//
// A frame ends with its last field. Whoever sends anything else is left.
import { fail, ok, type Result } from "../fault.ts";
import { SWARM } from "../limits.ts";

export const CHANNEL_VERSION = 1;
/** Bytes of a content id in its binary form. */
const ID_BYTES = 36;
/** Tells pages apart that meet by two ways: bytes drawn anew for each visit. */
const PAGE_BYTES = 8;
export const LACK_REASONS = ["missing", "enough", "cancelled"] as const;
export type LackReason = (typeof LACK_REASONS)[number];

export type ChannelFrame =
  | { readonly f: "hello"; readonly version: number; readonly page: Uint8Array }
  | { readonly f: "names"; readonly names: readonly number[] }
  | { readonly f: "whole"; readonly id: Uint8Array }
  | { readonly f: "want"; readonly n: number; readonly id: Uint8Array }
  | { readonly f: "cancel"; readonly n: number }
  | { readonly f: "lack"; readonly n: number; readonly why: LackReason }
  | { readonly f: "piece"; readonly n: number; readonly total: number; readonly from: number; readonly bytes: Uint8Array };

const KIND = { hello: 1, names: 2, whole: 3, want: 4, cancel: 5, lack: 6, piece: 7 } as const;
const PIECE_HEAD_BYTES = 13;

/** Throws on what {@link decodeChannel} would not read: a bug of the sender. */
export function encodeChannel(frame: ChannelFrame): Uint8Array {
  const bytes = written(frame);
  const read = decodeChannel(bytes);
  if (!read.ok) throw new Error(read.fault.detail);
  return bytes;
}

function written(frame: ChannelFrame): Uint8Array {
  switch (frame.f) {
    case "hello":
      return Uint8Array.of(KIND.hello, frame.version, ...frame.page);
    case "names":
      return flat(KIND.names, frame.names);
    case "whole":
      return flat(KIND.whole, [], frame.id);
    case "want":
      return flat(KIND.want, [frame.n], frame.id);
    case "cancel":
      return flat(KIND.cancel, [frame.n]);
    case "lack":
      return flat(KIND.lack, [frame.n], Uint8Array.of(LACK_REASONS.indexOf(frame.why)));
    case "piece":
      return flat(KIND.piece, [frame.n, frame.total, frame.from], frame.bytes);
  }
}

function flat(kind: number, numbers: readonly number[], tail: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(1 + 4 * numbers.length + tail.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = kind;
  for (const [i, number] of numbers.entries()) view.setUint32(1 + 4 * i, number);
  bytes.set(tail, 1 + 4 * numbers.length);
  return bytes;
}

/** Faults `oversized` and `malformed`, blame peer. Never throws. A piece's bytes share memory with the message. */
export function decodeChannel(message: Uint8Array): Result<ChannelFrame> {
  if (message.length > SWARM.channelBytes) return fail("oversized", "peer", `a message of ${message.length} bytes`);
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const has = (bytes: number): boolean => message.length === bytes;
  switch (message[0]) {
    case KIND.hello:
      return has(2 + PAGE_BYTES) && message[1] !== 0
        ? ok({ f: "hello", version: message[1] as number, page: message.slice(2) })
        : wrong("hello");
    case KIND.names:
      return names(view);
    case KIND.whole:
      return has(1 + ID_BYTES) ? ok({ f: "whole", id: message.slice(1) }) : wrong("whole");
    case KIND.want:
      return has(5 + ID_BYTES) && view.getUint32(1) > 0 ? ok({ f: "want", n: view.getUint32(1), id: message.slice(5) }) : wrong("want");
    case KIND.cancel:
      return has(5) && view.getUint32(1) > 0 ? ok({ f: "cancel", n: view.getUint32(1) }) : wrong("cancel");
    case KIND.lack: {
      const why = LACK_REASONS[message[5] ?? LACK_REASONS.length];
      return has(6) && view.getUint32(1) > 0 && why !== undefined ? ok({ f: "lack", n: view.getUint32(1), why }) : wrong("lack");
    }
    case KIND.piece:
      return piece(message, view);
    default:
      return wrong("message of any kind");
  }
}

function names(view: DataView): Result<ChannelFrame> {
  const count = (view.byteLength - 1) / 4;
  if (!Number.isInteger(count) || count > SWARM.namesAtOnce) return wrong("names");
  const list: number[] = [];
  for (let i = 0; i < count; i++) {
    const name = view.getUint32(1 + 4 * i);
    if (i > 0 && name <= (list[i - 1] as number)) return wrong("names");
    list.push(name);
  }
  return ok({ f: "names", names: list });
}

function piece(message: Uint8Array, view: DataView): Result<ChannelFrame> {
  if (message.length < PIECE_HEAD_BYTES) return wrong("piece");
  const [n, total, from] = [view.getUint32(1), view.getUint32(5), view.getUint32(9)];
  const bytes = message.subarray(PIECE_HEAD_BYTES);
  const isEmptyBlock = total === 0 && from === 0 && bytes.length === 0;
  if (n === 0 || total > SWARM.blockBytes || from + bytes.length > total || (bytes.length === 0 && !isEmptyBlock)) return wrong("piece");
  return ok({ f: "piece", n, total, from, bytes });
}

function wrong(what: string): Result<never> {
  return fail("malformed", "peer", `no ${what} of a swarm's channel`);
}
