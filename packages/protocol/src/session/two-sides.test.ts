// Both machines against each other, over links that break and worlds that go down: two worlds, one traveller, time made by the test.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeClientFrame, decodeWorldControl, encodeControl } from "../codec/frame.ts";
import { fault, valueOf } from "../fault.ts";
import { LIMITS, TIMES } from "../limits.ts";
import type { ClientMessage, Manifest, WorldMessage } from "../messages.ts";
import { startSession, stepSession, wakeAtSession } from "./session.ts";
import type { Session, SessionEffect, SessionInput, SessionStep } from "./session-types.ts";
import { startVisit, stepVisit } from "./visit.ts";
import { phaseOf, wakeAtVisit } from "./visit-clock.ts";
import type { Visit, VisitEffect, VisitInput } from "./visit-types.ts";

const did = (letter: string): string => `did:key:z6Mk${letter.repeat(44)}`;
const TRAVELLER = did("t");
const ROOT = `bafkrei${"a".repeat(52)}`;
const LATENCY_MS = 20;
const TICK_MS = 250;
const REFUSAL = "signed.refusal";

function manifestOf(world: string, name: string): Manifest {
  const physics = { tickHz: 20, speed: 4, bodyWidth: 0.6, bodyHeight: 0.4, reach: 2, chatRange: 16, viewRadius: 24 };
  const lists = {
    allowedItems: ["*"],
    assets: [],
    customs: [],
    components: [],
    entityKinds: [],
    itemKinds: [],
    portals: [],
    gateways: ["/ipfs"],
  };
  return { world, name, about: "", substrate: ROOT, physics, archive: "all", archiveDelayMs: 0, ...lists };
}

class Time {
  nowMs = 0;
  private readonly queue: { atMs: number; n: number; run: () => void }[] = [];
  private n = 0;

  after(waitMs: number, run: () => void): void {
    this.queue.push({ atMs: this.nowMs + Math.max(0, waitMs), n: this.n++, run });
    this.queue.sort((a, b) => a.atMs - b.atMs || a.n - b.n);
  }

  runUntil(atMs: number): void {
    for (let steps = 0; this.queue[0] !== undefined && this.queue[0].atMs <= atMs; steps++) {
      if (steps > 200_000) throw new Error("no end of it");
      const next = this.queue.shift() as { atMs: number; run: () => void };
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = atMs;
  }
}

/** A link with a world's session at its end. Ordered, and both ends hear of its end once. */
class Wire {
  isUp = true;
  session: Session;
  traveller = "";
  readonly world: World;
  private readonly client: Client;
  private readonly number: number;

  constructor(world: World, client: Client, number: number) {
    this.world = world;
    this.client = client;
    this.number = number;
    this.session = startSession({}, world.time.nowMs).state;
    this.arm();
  }

  fromClient(message: ClientMessage): void {
    const frame = encodeControl(message);
    this.world.time.after(LATENCY_MS, () => {
      if (this.isUp) this.feed({ i: "message", message: valueOf(decodeClientFrame(frame)) });
    });
  }

  feed(input: SessionInput): void {
    const next = stepSession(this.session, input, this.world.time.nowMs);
    this.session = next.state;
    this.world.seen.add(next.state.step);
    for (const effect of next.effects) this.world.perform(this, effect);
    this.arm();
  }

  toClient(message: WorldMessage): void {
    const frame = encodeControl(message);
    this.world.time.after(LATENCY_MS, () => {
      if (this.isUp) this.client.feed({ i: "message", link: this.number, message: valueOf(decodeWorldControl(frame)) });
    });
  }

  snapshot(tick: number): void {
    this.world.time.after(LATENCY_MS, () => {
      if (this.isUp) this.client.feed({ i: "snapshot", link: this.number, tick });
    });
  }

  /** Both ends hear of it; what was on its way from the side that closes still arrives. */
  close(waitMs = 0): void {
    this.world.time.after(waitMs, () => {
      if (!this.isUp) return;
      this.isUp = false;
      this.world.wires.delete(this);
      if (this.world.isUp) this.feed({ i: "link-closed" });
      this.client.feed({ i: "link-closed", link: this.number, jitter: 0.3 });
    });
  }

  private arm(): void {
    const at = wakeAtSession(this.session);
    if (at === undefined) return;
    this.world.time.after(at - this.world.time.nowMs, () => {
      const due = wakeAtSession(this.session);
      if (this.isUp && due !== undefined && due <= this.world.time.nowMs) this.feed({ i: "wake" });
    });
  }
}

type Whereabouts = "here" | { readonly transfer: string } | "away" | "refused";

class World {
  isUp = true;
  isClosedToArrivals = false;
  other!: World;
  readonly wires = new Set<Wire>();
  readonly seen = new Set<SessionStep>();
  /** Custody in one word; it outlives the process. */
  custody = new Map<string, Whereabouts>();
  readonly decided = new Map<string, "admitted" | "refused">();
  readonly manifest: Manifest;
  readonly url: string;
  readonly time: Time;
  private departures = 0;

  constructor(time: Time, letter: string, name: string) {
    this.time = time;
    this.manifest = manifestOf(did(letter), name);
    this.url = `ws://${name}.example/play`;
    this.tick(1);
  }

  get destination(): { world: string; name: string; url: string } {
    return { world: this.manifest.world, name: this.manifest.name, url: this.url };
  }

  private tick(n: number): void {
    if (this.isUp) for (const wire of this.wires) if (wire.session.step === "LIVE") wire.snapshot(n);
    this.time.after(TICK_MS, () => this.tick(n + 1));
  }

  goDown(): void {
    this.isUp = false;
    for (const wire of this.wires) wire.close();
  }

  perform(wire: Wire, effect: SessionEffect): void {
    const soon = (input: SessionInput): void => this.time.after(1, () => (wire.isUp && this.isUp ? wire.feed(input) : undefined));
    switch (effect.e) {
      case "send":
        wire.toClient(effect.message);
        break;
      case "challenge": {
        wire.traveller = effect.hello.traveller;
        const nonce = new Uint8Array(LIMITS.nonceBytes);
        const signature = new Uint8Array(64);
        const { version } = effect;
        soon({ i: "challenge-ready", challenge: { t: "challenge", version, world: this.manifest.world, nonce, timeMs: 1, signature } });
        break;
      }
      case "check-proof":
        soon({ i: "proof-checked" });
        break;
      case "admit":
        soon(this.admit(wire, effect.hello.passport));
        break;
      case "enter": {
        const things = { items: [], locker: [], rulings: [] };
        wire.feed({ i: "tell", message: { t: "welcome", session: "s", entity: 7, tick: 1, resumed: false, ...things } });
        break;
      }
      case "act":
        if (effect.intent.kind === "cross") this.depart(wire);
        break;
      case "pong":
        wire.feed({ i: "tell", message: { t: "pong", n: effect.n, timeMs: 1 } });
        break;
      case "relay":
      case "stay":
        this.resolve(wire, 0);
        break;
      case "close":
        wire.close(LATENCY_MS);
        break;
    }
  }

  private admit(wire: Wire, passport: string | undefined): SessionInput {
    const at = this.custody.get(TRAVELLER);
    const transfer = passport?.split("/")[1]?.split(".")[0];
    if (transfer !== undefined && at !== "here") {
      if (this.isClosedToArrivals || this.decided.get(transfer) === "refused") {
        this.decided.set(transfer, "refused");
        return { i: "refused", fault: fault("refused", "client", "not today"), refusal: REFUSAL };
      }
      this.decided.set(transfer, "admitted");
      this.custody.set(TRAVELLER, "here");
    } else if (at === "away") {
      return { i: "refused", fault: fault("away", "client", "elsewhere"), destination: this.other.destination };
    } else if (typeof at === "object") {
      return { i: "departed", transfer: this.transferMessage(at.transfer) };
    } else {
      this.custody.set(TRAVELLER, "here");
    }
    for (const older of this.wires) {
      if (older !== wire && older.traveller === wire.traveller && older.session.isAdmitted) {
        older.feed({ i: "end", fault: fault("replaced", "client", "came in by another link") });
      }
    }
    return { i: "admitted", manifest: this.manifest };
  }

  private transferMessage(id: string): Extract<WorldMessage, { t: "transfer" }> {
    return { t: "transfer", id, destination: this.other.destination, passport: `p/${id}`, signature: new Uint8Array(64), expiresMs: 9 };
  }

  private depart(wire: Wire): void {
    const transfer = `${this.departures++}@${this.manifest.world}`;
    this.custody.set(TRAVELLER, { transfer });
    wire.feed({ i: "departed", transfer: this.transferMessage(transfer) });
    this.resolve(wire, 20);
  }

  /** Asks the destination until it has decided; `patience` rounds before it is asked to decide against it. */
  private resolve(wire: Wire, patience: number): void {
    const at = this.custody.get(TRAVELLER);
    if (typeof at !== "object") return;
    this.time.after(LATENCY_MS, () => {
      if (this.custody.get(TRAVELLER) !== at) return;
      if (this.isUp && this.other.isUp) {
        if (patience === 0 && !this.other.decided.has(at.transfer)) this.other.decided.set(at.transfer, "refused");
        const word = this.other.decided.get(at.transfer);
        if (word !== undefined) {
          this.custody.set(TRAVELLER, word === "admitted" ? "away" : "here");
          for (const one of this.wires) {
            if (one.session.step !== "DEPARTED") continue;
            one.feed(word === "admitted" ? { i: "gone", destination: this.other.destination } : { i: "returned", manifest: this.manifest });
          }
          return;
        }
      }
      this.time.after(500, () => this.resolve(wire, Math.max(0, patience - 1)));
    });
  }
}

class Client {
  visit: Visit;
  wire: Wire | undefined;
  readonly effects: VisitEffect[] = [];
  readonly phases: string[] = [];
  readonly seen = new Set<string>();
  private readonly worlds: readonly World[];
  private readonly time: Time;

  constructor(worlds: readonly World[], time: Time) {
    this.worlds = worlds;
    this.time = time;
    const start = startVisit({ target: { url: (worlds[0] as World).url }, traveller: TRAVELLER, name: "Ada" }, 0);
    this.visit = start.state;
    for (const effect of start.effects) this.perform(effect);
    this.arm();
  }

  feed(input: VisitInput): void {
    const next = stepVisit(this.visit, input, this.time.nowMs);
    this.visit = next.state;
    this.seen.add(this.visit.step);
    for (const effect of next.effects) this.perform(effect);
    this.arm();
  }

  private arm(): void {
    const at = wakeAtVisit(this.visit);
    if (at === undefined) return;
    this.time.after(at - this.time.nowMs, () => {
      const due = wakeAtVisit(this.visit);
      if (due !== undefined && due <= this.time.nowMs) this.feed({ i: "wake" });
    });
  }

  private perform(effect: VisitEffect): void {
    this.effects.push(effect);
    const soon = (input: VisitInput): void => this.time.after(1, () => this.feed(input));
    if (effect.e === "open-link") this.open(effect.link, effect.url);
    if (effect.e === "close-link") {
      if (this.wire?.isUp === true) this.wire.close(LATENCY_MS);
      else soon({ i: "link-closed", link: effect.link, jitter: 0.7 });
    }
    if (effect.e === "send") this.wire?.fromClient(effect.message);
    if (effect.e === "sign") soon({ i: "proof-ready", link: effect.link, signature: new Uint8Array(64) });
    if (effect.e === "load-substrate") soon({ i: "substrate-ready", root: effect.root });
    if (effect.e === "keep-passport") soon({ i: "passport-kept", transfer: effect.held.transfer });
    if (effect.e === "phase") this.phases.push(effect.phase);
  }

  private open(link: number, url: string): void {
    this.time.after(LATENCY_MS, () => {
      const world = this.worlds.find((one) => one.url === url && one.isUp);
      this.wire = world === undefined ? undefined : new Wire(world, this, link);
      if (this.wire === undefined || world === undefined) return this.feed({ i: "link-closed", link, jitter: 0.1 });
      world.wires.add(this.wire);
      this.feed({ i: "link-open", link, nonce: new Uint8Array(LIMITS.nonceBytes).fill(link) });
    });
  }
}

function stage(): { time: Time; a: World; b: World; client: Client } {
  const time = new Time();
  const a = new World(time, "a", "tavern");
  const b = new World(time, "b", "dungeon");
  a.other = b;
  b.other = a;
  return { time, a, b, client: new Client([a, b], time) };
}

const CROSS: VisitInput = { i: "intent", intent: { kind: "cross", portal: "gate" } };

test("[M1] [M2] [H1] hello, challenge, proof, manifest, ready, welcome and snapshot lead to live", () => {
  const { time, client } = stage();
  time.runUntil(1_000);
  expect(client.phases).toEqual(["LOADING_SUBSTRATE", "SYNCING", "LIVE"]);
  const said = client.effects.flatMap((effect) => (effect.e === "send" ? [effect.message.t] : []));
  expect(said.slice(0, 3)).toEqual(["hello", "prove", "ready"]);
});

test("[T1] [T2] a crossing keeps the passport before it says so, presents it, and arrives", () => {
  const { time, a, b, client } = stage();
  time.runUntil(1_000);
  client.feed(CROSS);
  time.runUntil(5_000);
  expect([a.custody.get(TRAVELLER), b.custody.get(TRAVELLER)]).toEqual(["away", "here"]);
  expect(phaseOf(client.visit)).toBe("LIVE");
  const order = client.effects.map((effect) => (effect.e === "send" ? effect.message.t : effect.e));
  expect(order.indexOf("keep-passport")).toBeLessThan(order.indexOf("held"));
  expect(order.indexOf("drop-passport")).toBeGreaterThan(order.lastIndexOf("hello"));
  const stages = client.effects.flatMap((effect) => (effect.e === "crossing" ? [effect.stage] : []));
  expect(stages).toEqual(["holding", "presenting", "arrived"]);
  expect(client.phases).not.toContain("GHOST");
});

test("[T3] refused at the destination the traveller goes back, hands over the refusal and is returned", () => {
  const { time, a, b, client } = stage();
  b.isClosedToArrivals = true;
  time.runUntil(1_000);
  client.feed(CROSS);
  time.runUntil(6_000);
  expect([a.custody.get(TRAVELLER), b.custody.get(TRAVELLER)]).toEqual(["here", undefined]);
  expect(phaseOf(client.visit)).toBe("LIVE");
  expect(client.visit.target.url).toBe(a.url);
  const over = client.effects.find((effect) => effect.e === "crossing" && effect.stage === "returned");
  expect(over).toMatchObject({ fault: { code: "refused" }, destination: "dungeon" });
});

test("[T5] a destination that dies after the departure: ghost meanwhile, and staying gives the traveller back once it answers", () => {
  const { time, a, b, client } = stage();
  time.runUntil(1_000);
  client.feed(CROSS);
  b.goDown();
  time.runUntil(4_000);
  expect(phaseOf(client.visit)).toBe("GHOST");
  client.feed({ i: "stay" });
  time.runUntil(10_000);
  expect(client.visit.step).toBe("recalling");
  b.isUp = true;
  time.runUntil(20_000);
  expect([a.custody.get(TRAVELLER), b.custody.get(TRAVELLER)]).toEqual(["here", undefined]);
  expect(phaseOf(client.visit)).toBe("LIVE");
});

test("[G1] [G4] a world that dies leaves a ghost within five seconds, and its return ends it without a second avatar", () => {
  const { time, a, client } = stage();
  time.runUntil(1_000);
  a.goDown();
  time.runUntil(1_000 + TIMES.silenceMs);
  expect(phaseOf(client.visit)).toBe("GHOST");
  client.feed(CROSS);
  expect(client.effects.at(-1)).toMatchObject({ e: "refused" });
  time.runUntil(30_000);
  expect(phaseOf(client.visit)).toBe("GHOST");
  a.isUp = true;
  time.runUntil(40_000);
  expect(phaseOf(client.visit)).toBe("LIVE");
  expect([...a.wires].filter((wire) => wire.session.step === "LIVE")).toHaveLength(1);
});

test("[H2] a second link of the same traveller replaces the older one, which does not come back", () => {
  const { time, a, client } = stage();
  time.runUntil(1_000);
  const second = new Client([a], time);
  time.runUntil(5_000);
  expect(client.effects.at(-2)).toMatchObject({ e: "ended", fault: { code: "replaced" } });
  expect(phaseOf(client.visit)).toBe("CLOSED");
  expect(phaseOf(second.visit)).toBe("LIVE");
  expect([...a.wires].filter((wire) => wire.session.step === "LIVE")).toHaveLength(1);
});

type Mishap = {
  readonly atMs: number;
  readonly what: "drop" | "a-down" | "b-down" | "cross" | "stay" | "b-refuses";
  readonly forMs: number;
};
const mishap: fc.Arbitrary<Mishap> = fc.record({
  atMs: fc.integer({ min: 0, max: 30_000 }),
  what: fc.constantFrom("drop", "a-down", "b-down", "cross", "cross", "stay", "b-refuses"),
  forMs: fc.integer({ min: 10, max: 9_000 }),
});

function befall({ time, a, b, client }: ReturnType<typeof stage>, { what, forMs }: Mishap): void {
  const down = (world: World): void => {
    world.goDown();
    time.after(forMs, () => {
      world.isUp = true;
    });
  };
  if (what === "drop") client.wire?.close();
  if (what === "a-down") down(a);
  if (what === "b-down") down(b);
  if (what === "cross") client.feed(CROSS);
  if (what === "stay") client.feed({ i: "stay" });
  if (what === "b-refuses") {
    b.isClosedToArrivals = true;
    time.after(forMs, () => {
      b.isClosedToArrivals = false;
    });
  }
}

test("[R6] [G3] whatever breaks, nobody is ever out of order, and in calm the traveller is live in exactly one world", () => {
  const marks = new Set<string>();
  fc.assert(
    fc.property(fc.array(mishap, { maxLength: 10 }), (mishaps) => {
      const scene = stage();
      const { time, a, b, client } = scene;
      for (const one of mishaps) time.after(one.atMs, () => befall(scene, one));
      for (let at = 0; at < 120_000; at += 500) {
        time.runUntil(at);
        const live = [...a.wires, ...b.wires].filter((wire) => wire.session.step === "LIVE");
        expect(live.length).toBeLessThanOrEqual(1);
        expect([a.custody.get(TRAVELLER), b.custody.get(TRAVELLER)].filter((at1) => at1 === "here").length).toBeLessThanOrEqual(1);
      }
      expect(phaseOf(client.visit)).toBe("LIVE");
      expect([a.custody.get(TRAVELLER), b.custody.get(TRAVELLER)].filter((at) => at === "here")).toHaveLength(1);
      expect(client.effects.filter((effect) => effect.e === "ended")).toEqual([]);
      for (const effect of client.effects) {
        if (effect.e === "phase") expect(effect.ghost?.reason.code).not.toBe("out-of-order");
        if (effect.e === "deliver") expect(effect.message.t).not.toBe("reject");
        if (effect.e === "crossing") marks.add(effect.stage);
      }
      for (const step of [...a.seen, ...b.seen, ...client.seen]) marks.add(step);
    }),
    {
      numRuns: 80,
      examples: [
        [
          [
            { atMs: 1_000, what: "b-refuses", forMs: 9_000 },
            { atMs: 1_500, what: "cross", forMs: 10 },
          ],
        ],
      ],
    },
  );
  // Only `hushed` needs a link that stays open in silence; it has a test of its own.
  expect([...marks].sort()).toEqual(
    [
      ...["ADMITTING", "AWAIT_PROOF", "AWAIT_READY", "CLOSED", "DEPARTED", "LIVE"],
      ...["arrived", "holding", "in-transit", "presenting", "returned"],
      ...["closing", "greeting", "live", "loading", "opening", "proving", "recalling", "signing", "syncing", "waiting"],
    ].sort(),
  );
});
