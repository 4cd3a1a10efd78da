// The vectors of swarms: messages at a rendezvous and on a channel, and descriptions that are not used. Written by tools/protocol/vectors.ts.
import {
  type ChannelFrame,
  encodeChannel,
  encodeMember,
  encodeRendezvous,
  type MemberMessage,
  type RendezvousMessage,
} from "@sojourn/protocol";

const bytes = (length: number, from: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (from + i) % 256);
const world = `did:key:z6Mk${"a".repeat(44)}`;
const root = Uint8Array.of(0x01, 0x71, 0x12, 0x20, ...bytes(32, 100));
const picture = Uint8Array.of(0x01, 0x55, 0x12, 0x20, ...bytes(32, 7));
const SDP = [
  ...["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0"],
  ...["a=candidate:1 1 udp 2113937151 4d1b7a4e-5a0c-4a5a-9d6e-2b8f5a1f9c11.local 50000 typ host", "a=mid:0", "a=sctp-port:5000", ""],
].join("\r\n");

const MEMBER: readonly [string, MemberMessage][] = [
  ["join", { t: "join", versions: [1], world }],
  ["more", { t: "more" }],
  ["an offer", { t: "signal", to: bytes(16, 3), kind: "offer", sdp: SDP }],
  ["an answer", { t: "signal", to: bytes(16, 9), kind: "answer", sdp: SDP }],
  ["ping", { t: "ping" }],
];

const RENDEZVOUS: readonly [string, RendezvousMessage][] = [
  ["met, at the first time", { t: "met", you: bytes(16, 0), members: [bytes(16, 1), bytes(16, 2)], ice: ["stun:stun.example:3478"] }],
  ["met again", { t: "met", members: [], ice: [] }],
  ["a signal", { t: "signal", from: bytes(16, 3), kind: "answer", sdp: SDP }],
  ["gone", { t: "gone", member: bytes(16, 3) }],
  ["pong", { t: "pong" }],
  ["reject", { t: "reject", fault: { code: "unknown-origin", blame: "client", detail: "Not known here.", retryAfterMs: 0 } }],
];

const CHANNEL: readonly [string, ChannelFrame][] = [
  ["hello", { f: "hello", version: 1, page: bytes(8, 200) }],
  ["names of nothing yet", { f: "names", names: [] }],
  ["names", { f: "names", names: [0, 1, 4_294_967_295] }],
  ["whole", { f: "whole", id: root }],
  ["want", { f: "want", n: 1, id: picture }],
  ["cancel", { f: "cancel", n: 4_294_967_295 }],
  ["lack, missing", { f: "lack", n: 2, why: "missing" }],
  ["lack, given enough", { f: "lack", n: 2, why: "enough" }],
  ["lack, cancelled", { f: "lack", n: 2, why: "cancelled" }],
  ["the first piece", { f: "piece", n: 3, total: 12, from: 0, bytes: bytes(8, 1) }],
  ["the last piece", { f: "piece", n: 3, total: 12, from: 8, bytes: bytes(4, 9) }],
  ["an empty block", { f: "piece", n: 4, total: 0, from: 0, bytes: new Uint8Array() }],
];

/** Thought out by hand: what nobody may say on a channel. */
const BAD_CHANNEL: readonly (readonly [string, string])[] = [
  ["an empty message", ""],
  ["a kind that is none", "00"],
  ["a kind past the last", "08 00000001"],
  ["hello of version 0", `01 00 ${"00".repeat(8)}`],
  ["hello without a page", "01 01"],
  ["hello with a byte more", `01 01 ${"00".repeat(9)}`],
  ["half a name", "02 0000"],
  ["names that do not rise", "02 00000002 00000002"],
  ["names that fall", "02 00000002 00000001"],
  ["a root a byte short", `03 ${"01".repeat(35)}`],
  ["want number 0", `04 00000000 ${"01".repeat(36)}`],
  ["want of a byte too many", `04 00000001 ${"01".repeat(37)}`],
  ["cancel number 0", "05 00000000"],
  ["cancel cut", "05 000000"],
  ["lack for a reason that is none", "06 00000001 03"],
  ["lack without a reason", "06 00000001"],
  ["a piece of nothing", "07 00000001 00000004 00000000"],
  ["a piece past its end", "07 00000001 00000004 00000002 010203"],
  ["a piece of an empty block", "07 00000001 00000000 00000000 01"],
  ["a piece of a block too large", "07 00000001 00100001 00000000 01"],
  ["a piece number 0", "07 00000000 00000004 00000000 01"],
  ["a piece whose place and length wrap around", "07 00000001 00000004 ffffffff 01"],
];

const BAD_MEMBER: readonly (readonly [string, string])[] = [
  ["an empty frame", ""],
  ["not a control frame", "04 a1 61 74 64 70 69 6e 67"],
  ["a message that is none", "01 a1 61 74 64 70 6f 6e 67"],
  ["a field too many", "01 a2 61 6e 01 61 74 64 70 69 6e 67"],
  [
    "a member of 15 bytes",
    `01 a4 61 74 66 73 69 67 6e 61 6c 62 74 6f 4f ${"07".repeat(15)} 63 73 64 70 61 78 64 6b 69 6e 64 65 6f 66 66 65 72`,
  ],
];

const BAD_RENDEZVOUS: readonly (readonly [string, string])[] = [
  ["a member's message", "01 a1 61 74 64 70 69 6e 67"],
  ["gone, without whom", "01 a1 61 74 64 67 6f 6e 65"],
];

/** Why each is not used. */
const BAD_DESCRIPTIONS: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["sound", SDP.replace("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=audio 9 UDP/TLS/RTP/SAVPF 111")],
  ["sound beside the channel", `${SDP}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`],
  ["two channels", `${SDP}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n`],
  ["a channel without encryption", SDP.replace("UDP/DTLS/SCTP", "UDP/SCTP")],
  ["too many addresses", SDP + Array.from({ length: 24 }, (_, i) => `a=candidate:${i} 1 udp 1 192.0.2.1 ${i + 1} typ host\r\n`).join("")],
];

const hexOf = (frame: Uint8Array): string => Buffer.from(frame).toString("hex");

function both<T>(valid: readonly [string, T][], invalid: readonly (readonly [string, string])[], encode: (value: T) => Uint8Array): object {
  return {
    valid: valid.map(([name, value]) => ({ name, hex: hexOf(encode(value)), value })),
    invalid: invalid.map(([name, hex]) => ({ name, hex: hex.replaceAll(" ", ""), fault: "malformed" })),
  };
}

export function swarmVectors(): object {
  return {
    member: both(MEMBER, BAD_MEMBER, encodeMember),
    rendezvous: both(RENDEZVOUS, BAD_RENDEZVOUS, encodeRendezvous),
    channel: both(CHANNEL, BAD_CHANNEL, encodeChannel),
    descriptions: { used: [SDP], notUsed: BAD_DESCRIPTIONS.map(([name, sdp]) => ({ name, sdp })) },
  };
}
