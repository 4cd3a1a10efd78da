// One honest source among liars and stallers: how long a version takes to come, beside what the honest source takes alone. Every source
// answers after a time of its own, as over a network, and each is asked over a real clock.
import type { ContentId } from "@sojourn/protocol";
import { type Block, type BlockStore, fetchVersion, memoryStore } from "@sojourn/substrate";
import { changingWorld } from "./changing-world.ts";

export interface LiarsReport {
  readonly blocks: number;
  readonly aloneMs: number;
  readonly amongMs: number;
  /** What took so long among the others, over what it took alone. */
  readonly ratio: number;
  /** Asked of all sources together: alone, and among the others. */
  readonly requestsAlone: number;
  readonly requestsAmong: number;
  /** Wrong blocks in the cache afterwards, and right ones that are not. */
  readonly wrong: number;
  /** Of the liars and stallers, how many were named and left. */
  readonly left: number;
  readonly others: number;
}

const HONEST_MS = 40;
const LIAR_MS = 5;

const LIES: Readonly<Record<string, (right: Uint8Array) => Uint8Array>> = {
  wrong: (right) => Uint8Array.from(right, (byte) => byte ^ 1),
  short: (right) => right.subarray(0, right.length >> 1),
  long: (right) => Uint8Array.from([...right, 0]),
  duplicated: (right) => Uint8Array.from([...right, ...right]),
};

/** `side`: chunks along one side of the world. */
export async function fetchAmongLiars(side: number, stallers: number): Promise<LiarsReport> {
  const { root, blocks } = await changingWorld(side);
  const held = new Map(blocks.map((block) => [block.cid, block]));
  const alone = await timed(root, [source("honest", held, HONEST_MS)]);
  const liars = Object.entries(LIES).map(([name, lie]) => source(name, held, LIAR_MS, lie));
  const silent = Array.from({ length: stallers }, (_, i) => source(`silent ${i + 1}`, held, Number.POSITIVE_INFINITY));
  const among = await timed(root, [...liars, ...silent, source("honest", held, HONEST_MS)]);
  let wrong = 0;
  for (const { cid, bytes } of blocks) {
    const got = await among.cache.get(cid);
    if (!got.ok || Buffer.compare(got.value, bytes) !== 0) wrong++;
  }
  return {
    blocks: blocks.length,
    aloneMs: Math.round(alone.ms),
    amongMs: Math.round(among.ms),
    ratio: Math.round((among.ms / alone.ms) * 100) / 100,
    requestsAlone: alone.requests,
    requestsAmong: among.requests,
    wrong,
    left: among.left,
    others: liars.length + silent.length,
  };
}

interface Source extends BlockStore {
  readonly asked: { count: number };
}

function source(
  name: string,
  held: ReadonlyMap<ContentId, Block>,
  ms: number,
  lie: (right: Uint8Array) => Uint8Array = (right) => right,
): Source {
  const asked = { count: 0 };
  return {
    ...memoryStore(name),
    asked,
    get: async (cid, options) => {
      asked.count++;
      await after(ms, options?.signal);
      const block = held.get(cid);
      if (block === undefined || options?.signal?.aborted === true)
        return { ok: false, fault: { code: "store-failed", blame: "link", detail: `${name} gave nothing for ${cid}`, retryAfterMs: 0 } };
      return { ok: true, value: lie(block.bytes) };
    },
  };
}

function after(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (ms !== Number.POSITIVE_INFINITY) setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function timed(
  root: ContentId,
  sources: readonly Source[],
): Promise<{ ms: number; requests: number; left: number; cache: BlockStore }> {
  const cache = memoryStore("cache");
  const startedMs = performance.now();
  const fetched = await fetchVersion(root, { cache, sources });
  const ms = performance.now() - startedMs;
  if (!fetched.ok) throw new Error(`the version did not come: ${fetched.fault.detail}`);
  const left = fetched.value.sources.filter((one) => one.left !== undefined).length;
  return { ms, requests: sources.reduce((sum, { asked }) => sum + asked.count, 0), left, cache };
}
