// One visitor on a conditioned link to a world that keeps its beat, under a hand-moved clock: what is drawn is held against what was.

import type { Visitor } from "@sojourn/client";
import type { Point } from "@sojourn/protocol";
import { type Clock, type Link, LinkConditioner, type LinkConditions } from "@sojourn/runtime";
import type { BlockStore } from "@sojourn/substrate";
import { type HandClock, handClock } from "./hand-clock.ts";
import { TickingWorld } from "./ticking-world.ts";

const FRAME_MS = 1000 / 60;

/** What the one who is watched enters with. */
export interface Entry {
  readonly url: string;
  readonly blocks: BlockStore;
  readonly connect: () => Link;
  readonly clock: Clock;
}

export interface Rehearsal {
  readonly enter: (entry: Entry) => Visitor;
  readonly conditions: LinkConditions;
  readonly seed: number;
  /** What one does: from this moment of the walk on, ms, one walks in this direction. */
  readonly deeds: readonly { readonly atMs: number; readonly dx: number; readonly dy: number }[];
  readonly lengthMs: number;
  /** The world's tick takes this share of its nominal time longer; its clock drifts. */
  readonly drift?: number;
  /** How fast the world's time goes at this moment since one began to enter, ms. */
  readonly paceAt?: (ms: number) => number;
  readonly furnish?: (world: TickingWorld) => void;
}

export interface Seen {
  /** Own corrections, units: the largest, and how many were visible. */
  readonly largestCorrection: number;
  readonly visibleCorrections: number;
  /** Largest step of one's own picture from one drawn frame to the next, units. */
  readonly ownJump: number;
  /** Where one was drawn last, and where one was in the world. */
  readonly own: Point;
  readonly inWorld: Point;
  /** The largest y that one reached in the world. */
  readonly southmost: number;
  readonly dropped: number;
  /** Distances of others from where they were at the shown tick, sorted; the largest step of any between two drawn frames. */
  readonly errors: readonly number[];
  readonly othersJump: number;
  /** Ticks by which the shown moment lay behind the world's present, sorted. */
  readonly behind: readonly number[];
  /** Whether the shown tick ever ran backwards. */
  readonly ranBack: boolean;
  readonly rttMs: number;
}

export function share(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** Lets everything that waits for nothing but its turn have it. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}

class Walk {
  readonly clock: HandClock = handClock();
  readonly world: TickingWorld;
  readonly visitor: Visitor;
  private readonly tickMs: number;
  private readonly paceAt: (ms: number) => number;
  private nextTickMs: number;

  constructor(world: TickingWorld, { conditions, seed, enter, drift = 0, paceAt = () => 1 }: Rehearsal) {
    this.world = world;
    this.tickMs = 50 * (1 + drift);
    this.nextTickMs = this.tickMs;
    this.paceAt = paceAt;
    const conditioner = new LinkConditioner({ conditions, seed, clock: this.clock });
    this.visitor = enter({
      url: world.scripted.url,
      blocks: world.scripted.blocks,
      connect: () => conditioner.over(world.scripted.connect()),
      clock: this.clock,
    });
  }

  /** Moves on, ms by ms, with the world's ticks in between. */
  async moveTo(ms: number): Promise<void> {
    while (this.clock.monotonic() < ms) {
      const next = Math.min(ms, Math.floor(this.clock.monotonic()) + 1, this.nextTickMs);
      this.clock.moveTo(next);
      await turns(3);
      if (next >= this.nextTickMs) {
        this.world.pace = this.paceAt(next);
        this.nextTickMs += this.tickMs / this.world.pace;
        this.world.tick();
        await turns(3);
      }
    }
  }

  async enter(): Promise<void> {
    for (let i = 0; this.visitor.state !== "LIVE"; i++) {
      if (i > 2_000) throw new Error(`not live, but ${this.visitor.state}`);
      // Keys, signatures and hashes are made by the platform in its own time.
      await new Promise((resolve) => setImmediate(resolve));
      await this.moveTo(this.clock.monotonic() + 5);
    }
    await this.moveTo(this.clock.monotonic() + 1_000);
  }

  async leave(): Promise<void> {
    let isOver = false;
    void this.visitor.leave().then(() => {
      isOver = true;
    });
    for (let i = 0; !isOver; i++) {
      if (i > 200) throw new Error("the visit does not end");
      await this.moveTo(this.clock.monotonic() + 100);
    }
  }
}

export async function rehearse(rehearsal: Rehearsal): Promise<Seen> {
  const world = await TickingWorld.open("http://field.test");
  rehearsal.furnish?.(world);
  const walk = new Walk(world, rehearsal);
  await walk.enter();
  const seen = await watch(walk, rehearsal);
  await walk.leave();
  return seen;
}

async function watch(walk: Walk, { deeds, lengthMs }: Rehearsal): Promise<Seen> {
  const { world, visitor, clock } = walk;
  const beganMs = clock.monotonic();
  const paths = world.paths();
  const errors: number[] = [];
  const behind: number[] = [];
  const drawn = new Map<number, Point>();
  let [ownJump, othersJump, shownTick, ranBack] = [0, 0, Number.NEGATIVE_INFINITY, false];
  let deed = 0;
  for (let atMs = 0; atMs < lengthMs; atMs += FRAME_MS) {
    await walk.moveTo(beganMs + atMs);
    for (; (deeds[deed]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs; deed++) visitor.walk(deeds[deed]?.dx ?? 0, deeds[deed]?.dy ?? 0);
    const frame = visitor.frame(clock.monotonic());
    ranBack ||= frame.tick < shownTick;
    shownTick = frame.tick;
    behind.push(world.scripted.tick - frame.tick);
    for (const { id, isMe, x, y } of frame.entities) {
      const before = drawn.get(id);
      const jump = before === undefined ? 0 : Math.hypot(x - before.x, y - before.y);
      drawn.set(id, { x, y });
      if (isMe) ownJump = Math.max(ownJump, jump);
      else othersJump = Math.max(othersJump, jump);
      const path = paths.get(id);
      if (path !== undefined) errors.push(away({ x, y }, path, frame.tick));
    }
  }
  const { largestCorrection, corrections, rttMs } = visitor.stats;
  const { x = Number.NaN, y = Number.NaN } = visitor.me ?? {};
  const byNumber = (a: number, b: number): number => a - b;
  return {
    largestCorrection,
    visibleCorrections: corrections,
    ownJump,
    own: { x, y },
    inWorld: world.scripted.body,
    southmost: Math.max(...[...world.path.values()].map((at) => at.y)),
    dropped: world.dropped,
    errors: errors.sort(byNumber),
    othersJump,
    behind: behind.sort(byNumber),
    ranBack,
    rttMs,
  };
}

/** How far a point is from where one was at this tick, between two ticks on the straight line. */
function away(at: Point, path: ReadonlyMap<number, Point>, tick: number): number {
  const before = path.get(Math.floor(tick));
  const after = path.get(Math.ceil(tick));
  if (before === undefined || after === undefined) return 0;
  const part = tick - Math.floor(tick);
  return Math.hypot(at.x - before.x - (after.x - before.x) * part, at.y - before.y - (after.y - before.y) * part);
}
