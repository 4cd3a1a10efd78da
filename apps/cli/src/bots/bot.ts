// One scripted traveller on the client SDK: does its steps one after another, through crossings, ghost times and refusals,
// and keeps count of what happened. It has no way into a world that a player does not have.
import type { EnterOptions, ViewEntity, Visitor } from "@sojourn/client";
import { enter } from "@sojourn/client";
import type { Fault, Item } from "@sojourn/protocol";
import { solidsOf } from "@sojourn/substrate";
import { findWay, type Way } from "./path.ts";
import type { Step } from "./script.ts";

export interface BotReport {
  readonly name: string;
  readonly crossings: number;
  readonly refusals: number;
  readonly steps: number;
  /** Faults that ended the visit, and refusals of intents that the script had every right to make. */
  readonly faults: readonly Fault[];
  /** When its time was up it was in no world that answered, and nothing had refused it. */
  readonly isStranded: boolean;
  /** Blocks fetched from a world, and found in the cache. */
  readonly blocksFetched: number;
  readonly blocksCached: number;
}

export interface Bot {
  readonly visitor: Visitor;
  /** Ends the script, waits until the bot is in no crossing, and leaves. */
  stop(): Promise<BotReport>;
  /** Settles when the script has come to its end by itself. */
  readonly finished: Promise<void>;
}

const BOT_LIMITS = { arriveMs: 12_000, walkMs: 20_000, settleMs: 15_000, quietMs: 800, faults: 100, pollMs: 40 } as const;

/** Refusals that belong to a life among others: somebody took the thing first, it was too far, one chatted too fast. */
const ORDINARY: ReadonlySet<string> = new Set([
  "too-fast",
  "no-such-target",
  "out-of-reach",
  "already-crossing",
  "not-usable",
  "no-room",
  "not-allowed",
]);

export function startBot(url: string, steps: readonly Step[], options: EnterOptions): Bot {
  const visitor = enter(url, options);
  const player = new Player(visitor, steps);
  const finished = player.play();
  return {
    visitor,
    finished,
    stop: async () => {
      player.stopping = true;
      await finished;
      await player.settle();
      await visitor.leave();
      return player.report(options.name);
    },
  };
}

class Player {
  stopping = false;
  readonly #visitor: Visitor;
  readonly #steps: readonly Step[];
  readonly #faults: Fault[] = [];
  #crossings = 0;
  #refusals = 0;
  #done = 0;
  #isStranded = false;
  #blocksFetched = 0;
  #blocksCached = 0;

  constructor(visitor: Visitor, steps: readonly Step[]) {
    this.#visitor = visitor;
    this.#steps = steps;
    visitor.on("arrived", (arrival) => {
      if (arrival.from !== undefined) this.#crossings++;
    });
    visitor.on("crossing", (crossing) => {
      if (crossing.stage === "refused" || crossing.stage === "returned") this.#refusals++;
    });
    visitor.on("reject", ({ fault }) => {
      if (!ORDINARY.has(fault.code)) this.#note(fault);
    });
    visitor.on("progress", (progress) => {
      if (!progress.done) return;
      this.#blocksCached += progress.blocksCached;
      this.#blocksFetched += progress.blocksDone - progress.blocksCached;
    });
    visitor.closed.then((fault) => {
      if (fault !== undefined) this.#note(fault);
      this.stopping = true;
    });
  }

  async play(): Promise<void> {
    for (let i = 0; !this.stopping && i < this.#steps.length; i++) {
      const step = this.#steps[i] as Step;
      await this.#until(() => this.#visitor.state === "LIVE", Number.POSITIVE_INFINITY);
      if (this.stopping) break;
      if (step.do === "repeat") i = -1;
      else await this.#act(step);
      this.#done++;
      await pause(BOT_LIMITS.pollMs);
    }
    this.#visitor.walk(0, 0);
  }

  /** Waits until no crossing is under way, so that nobody is left in escrow by a bot that went home. */
  async settle(): Promise<void> {
    this.#visitor.walk(0, 0);
    const deadline = Date.now() + BOT_LIMITS.settleMs;
    let quietSince = Date.now();
    // A portal walked into a moment ago may not have been heard of yet: only a while without any crossing counts.
    while (Date.now() < deadline && Date.now() - quietSince < BOT_LIMITS.quietMs) {
      await pause(BOT_LIMITS.pollMs);
      if (this.#isCrossing()) quietSince = Date.now();
    }
    this.#isStranded = this.#visitor.state !== "LIVE" && this.#faults.length === 0;
  }

  report(name: string): BotReport {
    return {
      name,
      crossings: this.#crossings,
      refusals: this.#refusals,
      steps: this.#done,
      faults: this.#faults,
      isStranded: this.#isStranded,
      blocksFetched: this.#blocksFetched,
      blocksCached: this.#blocksCached,
    };
  }

  async #act(step: Step): Promise<void> {
    const visitor = this.#visitor;
    switch (step.do) {
      case "walk":
        return this.#walkFor(step.dx, step.dy, (step.units / this.#speed()) * 1_000);
      case "go":
        await this.#goTo(step);
        return;
      case "wander":
        return this.#wander(step.seconds);
      case "wait":
        await this.#until(() => false, step.seconds * 1_000);
        return;
      case "chat":
        return visitor.chat(step.text);
      case "use":
        return this.#withItem(step.kind, (item) => visitor.use(item.id));
      case "drop":
        return this.#withItem(step.kind, (item) => visitor.drop(item.id));
      case "place":
        return this.#withItem(step.kind, (item) => visitor.place(item.id, (visitor.me?.x ?? 0) + 1, visitor.me?.y ?? 0));
      case "pick-up":
        return this.#atNearest(step.kind, (entity) => visitor.pickUp(entity.id));
      case "interact":
        return this.#atNearest(step.kind, (entity) => visitor.interact(entity.id));
      case "cross":
        return this.#cross(step.portal);
      case "repeat":
        return;
    }
  }

  #withItem(kind: string, act: (item: Item) => void): void {
    const item = this.#visitor.items.find((carried) => carried.kind === kind);
    if (item !== undefined) act(item);
  }

  async #atNearest(kind: string, act: (entity: ViewEntity) => void): Promise<void> {
    const me = this.#visitor.me;
    if (me === undefined) return;
    const near = this.#visitor
      .frame()
      .entities.filter((entity) => entity.kind.kind === kind)
      .map((entity) => ({ ...entity, distance: Math.hypot(entity.x - me.x, entity.y - me.y) }))
      .sort((a, b) => a.distance - b.distance)[0];
    if (near !== undefined && (await this.#goTo(near))) act(near);
  }

  async #wander(seconds: number): Promise<void> {
    const until = Date.now() + seconds * 1_000;
    while (!this.stopping && Date.now() < until) {
      const turn = Math.random() * 2 * Math.PI;
      await this.#walkFor(Math.cos(turn), Math.sin(turn), Math.min(until - Date.now(), 200 + Math.random() * 600));
    }
  }

  async #walkFor(dx: number, dy: number, ms: number): Promise<void> {
    this.#visitor.walk(dx, dy);
    await this.#until(() => this.#visitor.state !== "LIVE" || this.#isCrossing(), ms);
    this.#visitor.walk(0, 0);
  }

  async #cross(name: string | undefined): Promise<void> {
    const me = this.#visitor.me;
    const portals = (this.#visitor.manifest?.portals ?? []).filter(
      (portal) => name === undefined || portal.name === name || portal.label === name,
    );
    if (me === undefined || portals.length === 0) return;
    const distance = (portal: (typeof portals)[number]): number =>
      Math.hypot(portal.x + portal.w / 2 - me.x, portal.y + portal.h / 2 - me.y);
    const portal = portals.sort((a, b) => distance(a) - distance(b))[0] as (typeof portals)[number];
    const before = this.#crossings + this.#refusals;
    const done = (): boolean => this.#crossings + this.#refusals > before;
    await this.#goTo({ x: portal.x + portal.w / 2, y: portal.y + portal.h / 2 }, done);
    if (!done() && !this.#isCrossing() && this.#visitor.state === "LIVE") this.#visitor.cross(portal.name);
    await this.#until(() => done() && this.#visitor.state === "LIVE", BOT_LIMITS.arriveMs);
  }

  /** Walks a found way; true when it got there. Ends early when a crossing starts on the way. */
  async #goTo(to: Way, done: () => boolean = () => false): Promise<boolean> {
    const visitor = this.#visitor;
    const { me, manifest, substrate } = visitor;
    if (me === undefined || manifest === undefined || substrate === undefined) return false;
    const way = findWay(me, to, manifest.physics.bodyWidth, manifest.physics.bodyHeight, solidsOf(substrate));
    const deadline = Date.now() + BOT_LIMITS.walkMs;
    for (const place of way ?? []) {
      for (;;) {
        const here = visitor.me;
        if (this.stopping || here === undefined || done() || this.#isCrossing() || visitor.state !== "LIVE" || Date.now() > deadline) {
          visitor.walk(0, 0);
          return false;
        }
        const [dx, dy] = [place.x - here.x, place.y - here.y];
        const distance = Math.hypot(dx, dy);
        if (distance < 0.2) break;
        visitor.walk(dx / Math.max(distance, 0.3), dy / Math.max(distance, 0.3));
        await pause(BOT_LIMITS.pollMs);
      }
    }
    visitor.walk(0, 0);
    return way !== undefined;
  }

  #isCrossing(): boolean {
    const stage = this.#visitor.crossing?.stage;
    return stage === "asking" || stage === "holding" || stage === "presenting" || stage === "in-transit";
  }

  #speed(): number {
    return Math.max(0.1, this.#visitor.manifest?.physics.speed ?? 4);
  }

  async #until(reached: () => boolean, ms: number): Promise<void> {
    const deadline = Date.now() + ms;
    while (!this.stopping && !reached() && Date.now() < deadline) await pause(BOT_LIMITS.pollMs);
  }

  #note(fault: Fault): void {
    if (this.#faults.length < BOT_LIMITS.faults) this.#faults.push(fault);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
