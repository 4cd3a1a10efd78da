// Some travellers in one process of their own, on the client as players use it, with folders to come back to. They cross and handle
// things until they are told to settle. node traveller-process.ts <folder> <count> <seed> <home urls as JSON>
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { enter, type Visitor } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { connect, type KeyValue, type SeededRandom, seededRandom } from "@sojourn/runtime";
import { Failpoints, tell } from "./failpoints.ts";
import { overhear } from "./told.ts";

export type TravellerOrder = { readonly do: "arm"; readonly point: string; readonly skip: number } | { readonly do: "settle" };

const PACE = { pollMs: 10, actMs: 60, crossingMs: 6_000, againMs: 200, quietMs: 700, sayMs: 5_000 } as const;
/** Of these one carries a few; with more than this one eats and drops. */
const ENOUGH = 10;

const [, , folder, count, seed, homes] = process.argv as string[] & { readonly length: 6 };
const failpoints = new Failpoints();
const players: Player[] = [];
let isSettling = false;

class Player {
  readonly #n: number;
  readonly #random: SeededRandom;
  visitor: Visitor;
  #ended = 0;

  constructor(n: number) {
    this.#n = n;
    this.#random = seededRandom(Number(seed) * 1_000 + n);
    this.visitor = this.#enter();
  }

  /** For whoever asks why it is not calm. */
  get restlessness(): string {
    const { traveller, state, worldUrl, crossing, ghost } = this.visitor;
    return `${traveller} is ${state} at ${worldUrl}, crossing ${JSON.stringify(crossing)}, ghost ${JSON.stringify(ghost?.reason)}`;
  }

  get isCalm(): boolean {
    const stage = this.visitor.crossing?.stage;
    return this.visitor.state === "LIVE" && !["asking", "holding", "presenting", "in-transit"].includes(stage ?? "");
  }

  /** Always by the address of the world they were born in: it says where they are. */
  #enter(): Visitor {
    const urls = JSON.parse(homes as string) as readonly string[];
    const own = join(folder as string, `traveller-${this.#n}`);
    const { storage, cache } = nodeTraveller(own);
    const visitor = enter(urls[this.#n % urls.length] as string, {
      name: `Traveller ${this.#n}`,
      storage: watched(storage),
      cache,
      connect: (url) => overhear(connect(url), join(folder as string, "told.jsonl")),
    });
    visitor.on("arrived", ({ from }) => {
      if (from !== undefined) this.#ended += 1;
    });
    visitor.on("crossing", ({ stage, destination }) => {
      if (stage === "refused" || stage === "returned") this.#ended += 1;
      tell({ crossing: stage, to: destination, from: visitor.manifest?.name ?? "" });
      if ((stage === "holding" || stage === "presenting") && this.#chance(0.1))
        void sleep(this.#random.next() * 8).then(() => visitor.stay());
    });
    void visitor.closed.then(async (fault) => {
      tell({ ended: fault?.code ?? "left", detail: fault?.detail ?? "", who: this.#n });
      await sleep(PACE.againMs);
      this.visitor = this.#enter();
    });
    return visitor;
  }

  async play(): Promise<never> {
    for (;;) {
      await sleep(PACE.pollMs);
      if (isSettling || !this.isCalm || this.visitor.me === undefined) continue;
      for (let acts = Math.floor(this.#random.next() * 3); acts > 0; acts--) {
        this.#act();
        await sleep(this.#random.next() * PACE.actMs);
      }
      if (!isSettling) await this.#cross();
    }
  }

  #chance(share: number): boolean {
    return this.#random.next() < share;
  }

  #one<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random.next() * list.length)];
  }

  #act(): void {
    const { visitor } = this;
    const { items, me } = visitor;
    if (me === undefined) return;
    if (this.#chance(0.3)) {
      const lying = this.#one(visitor.frame().entities.filter(({ kind }) => kind.kind.startsWith("item.")));
      if (lying !== undefined && items.length < ENOUGH) visitor.pickUp(lying.id);
      return;
    }
    const item = this.#one(items.filter(({ kind }) => items.length > ENOUGH || this.#chance(0.5) || kind === "flint" || kind === "crate"));
    if (item === undefined) return;
    if (item.kind === "crate" && this.#chance(0.9))
      visitor.place(item.id, me.x + this.#random.next() * 24 - 12, me.y + this.#random.next() * 16 - 8);
    else if (item.kind === "flint" || this.#chance(0.5)) visitor.use(item.id);
    else visitor.drop(item.id);
  }

  async #cross(): Promise<void> {
    const portal = this.#one(this.visitor.manifest?.portals ?? []);
    if (portal === undefined) return;
    const before = this.#ended;
    const deadlineMs = performance.now() + PACE.crossingMs;
    this.visitor.cross(portal.name);
    while (this.#ended === before && performance.now() < deadlineMs) await sleep(PACE.pollMs);
  }
}

/** The passport's way to disk and back off it: where a traveller's own program may die. */
function watched(storage: KeyValue): KeyValue {
  const around = async <T>(key: string, name: string, work: () => Promise<T>): Promise<T> => {
    if (key === "crossing") failpoints.reach(`before:${name}`);
    const done = await work();
    if (key === "crossing") failpoints.reach(`after:${name}`);
    return done;
  };
  return {
    get: (key) => storage.get(key),
    set: (key, value) => around(key, "keep", () => storage.set(key, value)),
    delete: (key) => around(key, "drop", () => storage.delete(key)),
  };
}

/** Says so when nobody has been in a crossing for a while; and at times who is not where they should be. */
async function settle(): Promise<void> {
  isSettling = true;
  let calmSinceMs = performance.now();
  let saidMs = calmSinceMs;
  while (performance.now() - calmSinceMs < PACE.quietMs) {
    await sleep(PACE.pollMs);
    const restless = players.filter((player) => !player.isCalm);
    if (restless.length === 0) continue;
    calmSinceMs = performance.now();
    if (calmSinceMs - saidMs < PACE.sayMs) continue;
    saidMs = calmSinceMs;
    tell({ restless: restless.map((player) => player.restlessness) });
  }
  tell({ settled: players.length });
}

process.on("message", (order: TravellerOrder) => {
  if (order.do === "arm") failpoints.arm(order.point, order.skip);
  else void settle();
});
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

for (let n = 0; n < Number(count); n++) players.push(new Player(n));
tell({ open: players.length });
flushCompileCache();
for (const player of players) void player.play();
