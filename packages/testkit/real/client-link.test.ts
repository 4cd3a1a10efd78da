// Poor links to a real world, over real sockets: three visitors walk and watch each other, each on a link of their own.
import { type EnterOptions, enter, LINK_PRESETS, LinkConditioner, type LinkPreset, type Visitor } from "@sojourn/client";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startBoth } from "./two-worlds.ts";

let worlds: Awaited<ReturnType<typeof startBoth>>;
const visitors: Visitor[] = [];

beforeAll(async () => {
  worlds = await startBoth();
});
afterAll(async () => {
  for (const visitor of visitors) await visitor.leave();
  await worlds?.near.kill();
  await worlds?.end();
});

async function live(name: string, preset: LinkPreset): Promise<Visitor> {
  const options: EnterOptions = { name, conditioner: new LinkConditioner({ conditions: LINK_PRESETS[preset], seed: name.length }) };
  const visitor = enter(worlds.near.url, options);
  visitors.push(visitor);
  await vi.waitFor(() => expect(visitor.state).toBe("LIVE"), { timeout: 20_000, interval: 10 });
  return visitor;
}

/** Draws as a screen would, and keeps how far others came from one frame to the next beyond what their speed allows. */
class Watcher {
  worst = 0;
  ranBack = false;
  mostUnanswered = 0;
  readonly visitor: Visitor;
  private readonly at = new Map<number, { readonly x: number; readonly y: number }>();
  private tick = 0;
  private lastMs = 0;

  constructor(visitor: Visitor) {
    this.visitor = visitor;
  }

  draw(nowMs: number): void {
    const frame = this.visitor.frame(nowMs);
    const speed = this.visitor.manifest?.physics.speed ?? 0;
    const way = (speed * (nowMs - this.lastMs)) / 1_000;
    for (const { id, isMe, x, y } of frame.entities) {
      const before = this.at.get(id);
      if (before !== undefined && !isMe) this.worst = Math.max(this.worst, Math.hypot(x - before.x, y - before.y) - 2 * way);
      this.at.set(id, { x, y });
    }
    this.ranBack ||= frame.tick < this.tick;
    this.tick = frame.tick;
    this.lastMs = nowMs;
    this.mostUnanswered = Math.max(this.mostUnanswered, this.visitor.stats.unanswered);
  }
}

describe("poor links to a real world", () => {
  test("nobody's own walk is corrected, and nobody is seen to jump", async () => {
    const watchers = [
      new Watcher(await live("ada", "good")),
      new Watcher(await live("bob", "200ms-jitter")),
      new Watcher(await live("carol", "1s-stalls")),
    ];
    const [, bob, carol] = watchers as [Watcher, Watcher, Watcher];
    const beganMs = performance.now();
    for (let nowMs = beganMs; nowMs < beganMs + 20_000; nowMs = performance.now()) {
      const turn = Math.floor((nowMs - beganMs) / 900);
      watchers.forEach(({ visitor }, i) => {
        const way = (turn + i) % 5;
        visitor.walk([1, -1, 0, 0, 0][way] ?? 0, [0.4, 0, 1, -1, 0][way] ?? 0);
      });
      for (const watcher of watchers) watcher.draw(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 16));
    }
    for (const { visitor } of watchers) visitor.walk(0, 0);
    await vi.waitFor(() => expect(watchers.map(({ visitor }) => visitor.stats.unanswered)).toEqual([0, 0, 0]), { timeout: 5_000 });
    expect(bob.mostUnanswered).toBeGreaterThanOrEqual(4);
    expect(carol.mostUnanswered).toBeGreaterThan(15);
    for (const { visitor, worst, ranBack } of watchers) {
      expect({ name: visitor.manifest?.name, correction: visitor.stats.largestCorrection, ranBack }).toMatchObject({
        correction: 0,
        ranBack: false,
      });
      expect(worst).toBeLessThan(0.25);
    }
    // Everybody comes to rest where everybody else sees them.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    for (const { visitor } of watchers) {
      const frame = visitor.frame();
      for (const { visitor: other } of watchers) {
        const seen = frame.entities.find(({ id }) => id === other.me?.entity);
        expect([seen?.x, seen?.y]).toEqual([other.me?.x, other.me?.y]);
      }
    }
  });
});
