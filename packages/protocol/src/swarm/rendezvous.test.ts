import { describe, expect, test } from "vitest";
import { PROTOCOL_VERSION, RATES, SWARM, TIMES } from "../limits.ts";
import { memberBroke, memberCame, memberSaid, memberWent, openRendezvous, type RendezvousEffect, sweepRendezvous } from "./rendezvous.ts";
import type { MemberMessage, RendezvousMessage } from "./signals.ts";
import { decodeMember } from "./signals.ts";

const did = (letter: string): string => `did:key:z6Mk${letter.repeat(44)}`;
const HOME = did("a");
const PEER = did("b");
const SDP = "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n";

/** A rendezvous with a clock of its own; what it sent, by link. */
class Place {
  nowMs = 1_000;
  readonly at = openRendezvous({ isKnown: (world) => world === HOME || world === PEER, ice: ["stun:stun.example:3478"] });
  readonly sent: { link: number; message: RendezvousMessage }[] = [];
  readonly closed: number[] = [];

  came(link: number): void {
    this.take(memberCame(this.at, link, idOf(link), this.nowMs));
  }
  says(link: number, message: MemberMessage): RendezvousMessage | undefined {
    const before = this.sent.length;
    this.take(memberSaid(this.at, link, message, this.nowMs));
    return this.sent.slice(before).find((one) => one.link === link)?.message;
  }
  joins(link: number, world = HOME): RendezvousMessage | undefined {
    this.came(link);
    return this.says(link, { t: "join", versions: [PROTOCOL_VERSION], world });
  }
  take(effects: readonly RendezvousEffect[]): void {
    for (const effect of effects) {
      if (effect.e === "send") this.sent.push({ link: effect.link, message: effect.message });
      else this.closed.push(effect.link);
    }
  }
}

const idOf = (link: number): Uint8Array =>
  Uint8Array.from({ length: SWARM.idBytes }, (_, i) => (i === 0 ? link & 255 : i === 1 ? link >> 8 : 7));
const signal = (to: number): MemberMessage => ({ t: "signal", to: idOf(to), kind: "offer", sdp: SDP });

describe("a rendezvous", () => {
  test("[W1] hears a join first and once, in a version it speaks", () => {
    const place = new Place();
    expect(place.joins(1)).toEqual({ t: "met", you: idOf(1), members: [], ice: ["stun:stun.example:3478"] });
    expect(place.says(1, { t: "join", versions: [1], world: HOME })).toMatchObject({ t: "reject", fault: { code: "out-of-order" } });
    place.came(2);
    expect(place.says(2, { t: "ping" })).toMatchObject({ t: "reject", fault: { code: "out-of-order" } });
    place.came(3);
    expect(place.says(3, { t: "join", versions: [99], world: HOME })).toMatchObject({ fault: { code: "unsupported-version" } });
    expect(place.closed).toEqual([1, 2, 3]);
    expect(place.at.byLink.size + place.at.byName.size + place.at.swarms.size).toBe(0);
  });

  test("[W2] is one for its own swarm and those of worlds it knows, apart from each other", () => {
    const place = new Place();
    place.joins(1, HOME);
    expect(place.joins(2, PEER)).toMatchObject({ t: "met", members: [] });
    expect(place.joins(3, PEER)).toMatchObject({ t: "met", members: [idOf(2)] });
    expect(place.joins(4, did("c"))).toMatchObject({ t: "reject", fault: { code: "unknown-origin" } });
    expect(place.says(3, signal(1))).toEqual({ t: "gone", member: idOf(1) });
  });

  test("[W3] [W4] passes descriptions on, unchanged, between those who were introduced, and no others", () => {
    const place = new Place();
    place.joins(1);
    place.joins(2);
    expect(place.says(1, signal(2))).toEqual({ t: "gone", member: idOf(2) });
    expect(place.says(2, signal(9))).toEqual({ t: "gone", member: idOf(9) });
    expect(place.says(2, signal(1))).toBeUndefined();
    expect(place.sent.at(-1)).toEqual({ link: 1, message: { t: "signal", from: idOf(2), kind: "offer", sdp: SDP } });
    expect(place.says(1, { t: "signal", to: idOf(2), kind: "answer", sdp: SDP })).toBeUndefined();
    expect(place.sent.at(-1)).toEqual({ link: 2, message: { t: "signal", from: idOf(1), kind: "answer", sdp: SDP } });
    memberWent(place.at, 1);
    expect(place.says(2, signal(1))).toEqual({ t: "gone", member: idOf(1) });
  });

  test("[W5] introduces a few, those first who were called least, and nobody twice", () => {
    const place = new Place();
    for (let link = 1; link <= 20; link++) place.joins(link);
    const calls = [...place.at.byName.values()].map((member) => member.calls);
    expect(Math.max(...calls) - Math.min(...calls.slice(0, -SWARM.introduced))).toBeLessThanOrEqual(SWARM.introduced);
    const first = place.says(20, { t: "more" });
    const second = place.says(20, { t: "more" });
    const known = [first, second].flatMap((met) => (met?.t === "met" ? met.members.map((id) => id[0]) : []));
    expect(new Set(known).size).toBe(known.length);
    expect(known.length).toBe(2 * SWARM.introduced);
    expect(known).not.toContain(20);
  });

  test("[W5] lets one member know only so many, and takes those who went off the list", () => {
    const place = new Place();
    for (let link = 1; link <= SWARM.known + 30; link++) place.joins(link);
    for (let i = 0; i < 40; i++) {
      place.nowMs += 4_000;
      place.says(1, { t: "more" });
    }
    expect(place.at.byLink.get(1)?.known.size).toBe(SWARM.known);
    for (let link = 2; link <= SWARM.known + 30; link++) memberWent(place.at, link);
    expect(place.at.byLink.get(1)?.known.size).toBe(0);
  });

  test("[W6] is full at so many, sends away who is too fast, silent or unreadable, and forgets them", () => {
    const place = new Place();
    for (let link = 1; link <= SWARM.members; link++) place.joins(link);
    expect(place.joins(1_000)).toMatchObject({ t: "reject", fault: { code: "busy" } });
    for (let link = 2_000; place.at.byLink.size < SWARM.membersInAll; link++) place.came(link);
    place.came(9_000);
    expect(place.sent.at(-1)?.message).toMatchObject({ fault: { code: "busy" } });
    for (let i = 0; i < RATES.signals.burst; i++) place.says(1, signal(2));
    expect(place.says(1, signal(2))).toMatchObject({ t: "reject", fault: { code: "too-fast" } });
    for (let i = 0; i < RATES.meetings.burst - 1; i++) place.says(2, { t: "ping" });
    expect(place.says(2, { t: "ping" })).toMatchObject({ t: "reject", fault: { code: "too-fast" } });
    const broken = decodeMember(Uint8Array.of(9));
    if (!broken.ok) place.take(memberBroke(place.at, 3, broken.fault));
    expect(place.sent.at(-1)?.message).toMatchObject({ fault: { code: "malformed" } });
    place.nowMs += TIMES.helloMs + 1;
    place.take(sweepRendezvous(place.at, place.nowMs));
    expect(place.at.byLink.size).toBe(SWARM.members - 3);
    place.nowMs += SWARM.idleMs;
    expect(place.says(4, { t: "ping" })).toEqual({ t: "pong" });
    place.take(sweepRendezvous(place.at, place.nowMs));
    expect([...place.at.byLink.keys()]).toEqual([4]);
  });
});
