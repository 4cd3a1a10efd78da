// What members of a swarm and the world where they meet say to each other, over a link of its own: one CBOR map a frame, told apart by `t`.
// A member is a page that gives and takes blocks of one world. The world learns no key and no name of it, and passes descriptions on unread.
import { decodeFrame, encodeFrame } from "../codec/frame.ts";
import type { PlainLimits } from "../codec/guard.ts";
import { type Blame, fail, type Result } from "../fault.ts";
import { worldIdSchema } from "../items.ts";
import { LIMITS, SWARM } from "../limits.ts";
import { FRAME, faultSchema } from "../messages.ts";
import { bytes, choice, list, optional, type Schema, struct, type TypeOf, text, uint, word } from "../schema.ts";

const memberId = bytes(SWARM.idBytes);
/** One side of a connection in the words of WebRTC (RFC 8866), its addresses in it. */
const description = { kind: word("offer", "answer"), sdp: text(SWARM.sdpBytes) };

export const memberMessageSchema = choice("t", {
  /** First frame: the world whose blocks one has or seeks. */
  join: struct({ versions: list(uint(65_535), LIMITS.versionsOffered), world: worldIdSchema }),
  /** Asks to be introduced to more members. */
  more: struct({}),
  signal: struct({ to: memberId, ...description }),
  ping: struct({}),
});
export type MemberMessage = TypeOf<typeof memberMessageSchema>;

export const rendezvousMessageSchema = choice("t", {
  /** Who one is here (at the first time) and whom one may call. `ice`: servers that tell a page its own address, as the operator named them. */
  met: struct({
    you: optional(memberId),
    members: list(memberId, SWARM.introduced),
    ice: list(text(LIMITS.urlBytes, /^stuns?:[^\s@]+$/), SWARM.iceServers),
  }),
  signal: struct({ from: memberId, ...description }),
  /** The member one signalled is not there, or is nobody one was introduced to. */
  gone: struct({ member: memberId }),
  pong: struct({}),
  /** No, for good: the link closes after this frame. */
  reject: struct({ fault: faultSchema }),
});
export type RendezvousMessage = TypeOf<typeof rendezvousMessageSchema>;

const BOUNDS: PlainLimits = { maxBytes: SWARM.signalFrameBytes - 1, maxDepth: LIMITS.controlDepth, maxValues: SWARM.signalValues };

/** Throws a FaultError on what is no message: a bug of the sender. */
export function encodeMember(message: MemberMessage): Uint8Array {
  return encodeFrame(memberMessageSchema, message, SWARM.signalFrameBytes);
}

/** Throws a FaultError on what is no message: a bug of the sender. */
export function encodeRendezvous(message: RendezvousMessage): Uint8Array {
  return encodeFrame(rendezvousMessageSchema, message, SWARM.signalFrameBytes);
}

/** A member's message. Faults `oversized` and `malformed`, blame client. Never throws. */
export function decodeMember(frame: Uint8Array): Result<MemberMessage> {
  return decoded(memberMessageSchema, frame, "client");
}

/** A rendezvous' message. Faults `oversized` and `malformed`, blame world. Never throws. */
export function decodeRendezvous(frame: Uint8Array): Result<RendezvousMessage> {
  return decoded(rendezvousMessageSchema, frame, "world");
}

function decoded<T>(schema: Schema<T>, frame: Uint8Array, blame: Blame): Result<T> {
  if (frame.length > SWARM.signalFrameBytes) return fail("oversized", blame, `a frame of ${frame.length} bytes`);
  if (frame[0] !== FRAME.control) return fail("malformed", blame, "not a control frame");
  return decodeFrame(schema, frame, BOUNDS, blame);
}

/**
 * Why a page does not let this description near its own connection: it has anything but one data channel in it, or names too many
 * addresses. Undefined: it may. What a browser makes of the rest is the browser's to check.
 */
export function descriptionObjection(sdp: string): string | undefined {
  const lines = sdp.split(/\r?\n/);
  const media = lines.filter((line) => line.startsWith("m="));
  if (media.length !== 1 || !/^m=application \d+ [A-Z/]*DTLS\/SCTP webrtc-datachannel$/.test(media[0] as string)) {
    return "it describes something else than one data channel";
  }
  const candidates = lines.filter((line) => line.startsWith("a=candidate:")).length;
  return candidates > SWARM.candidates ? `it names ${candidates} addresses; ${SWARM.candidates} are allowed` : undefined;
}
