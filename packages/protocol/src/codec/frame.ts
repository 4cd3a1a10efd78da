// Frames with a control message: one byte that says so, then one canonical CBOR map.
//
//   byte 0        1 …
//   FRAME.control  canonical CBOR of a ClientMessage or WorldMessage
//
// Law: decoding never throws and costs its sender's bytes at most; encoding refuses what the other side would refuse.
import { type Blame, type Fault, fail, ok, type Result, valueOf } from "../fault.ts";
import { LIMITS } from "../limits.ts";
import { type ClientMessage, clientMessageSchema, FRAME, type WorldMessage, worldMessageSchema } from "../messages.ts";
import { check, type Schema } from "../schema.ts";
import { decodeMove, type Move } from "../snapshot/move.ts";
import { decodePlain, encodePlain } from "./cbor.ts";
import type { PlainLimits } from "./guard.ts";

const CLIENT_LIMITS: PlainLimits = {
  maxBytes: LIMITS.clientFrameBytes - 1,
  maxDepth: LIMITS.controlDepth,
  maxValues: LIMITS.clientControlValues,
};
const WORLD_LIMITS: PlainLimits = {
  maxBytes: LIMITS.worldFrameBytes - 1,
  maxDepth: LIMITS.controlDepth,
  maxValues: LIMITS.worldControlValues,
};

/** The frame of a control message. Throws {@link FaultError} on a message that is not of the protocol: that is a bug of the sender. */
export function encodeControl(message: ClientMessage | WorldMessage): Uint8Array {
  return isClientMessage(message)
    ? encodeFrame(clientMessageSchema, message, LIMITS.clientFrameBytes)
    : encodeFrame(worldMessageSchema, message, LIMITS.worldFrameBytes);
}

/** What a client may send: a control message or a move. Never throws; blames the client. */
export function decodeClientFrame(frame: Uint8Array): Result<ClientMessage | Move> {
  if (frame.length > LIMITS.clientFrameBytes) return fail("oversized", "client", `a frame of ${frame.length} bytes`);
  if (frame[0] === FRAME.move) return decodeMove(frame);
  if (frame[0] !== FRAME.control) return fail("malformed", "client", "a frame of a kind that clients do not send");
  return decodeFrame(clientMessageSchema, frame, CLIENT_LIMITS, "client");
}

/** A world's control message. Snapshot and own frames are read by SnapshotReader and decodeOwn. Never throws; blames the world. */
export function decodeWorldControl(frame: Uint8Array): Result<WorldMessage> {
  if (frame.length > LIMITS.worldFrameBytes) return fail("oversized", "world", `a frame of ${frame.length} bytes`);
  if (frame[0] !== FRAME.control) return fail("malformed", "world", "not a control frame");
  return decodeFrame(worldMessageSchema, frame, WORLD_LIMITS, "world");
}

function isClientMessage(message: ClientMessage | WorldMessage): message is ClientMessage {
  return clientMessageSchema.kind === "choice" && Object.hasOwn(clientMessageSchema.of, message.t);
}

/** Any control frame by its schema. Throws on what is not of it. */
export function encodeFrame<T>(schema: Schema<T>, message: T, maxBytes: number): Uint8Array {
  valueOf(check(schema, message));
  const body = encodePlain(message);
  if (body.length + 1 > maxBytes) valueOf(fail("oversized", "world", `a message of ${body.length} bytes`));
  const frame = new Uint8Array(body.length + 1);
  frame[0] = FRAME.control;
  frame.set(body, 1);
  return frame;
}

/** Any control frame by its schema; its first byte and length were looked at. */
export function decodeFrame<T>(schema: Schema<T>, frame: Uint8Array, limits: PlainLimits, blame: Blame): Result<T> {
  const plain = decodePlain(frame.subarray(1), limits);
  const message = plain.ok ? check(schema, plain.value) : plain;
  return message.ok ? ok(message.value) : { ok: false, fault: blamed(message.fault, blame) };
}

function blamed(fault: Fault, blame: Blame): Fault {
  return fault.blame === blame ? fault : { ...fault, blame };
}
