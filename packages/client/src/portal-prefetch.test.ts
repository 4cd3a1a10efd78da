// What is behind a portal: loaded as one nears it, left alone when one turns away, and never for a portal that leads nowhere sure.
import { keysFromSecret, pureEd25519, signCard } from "@sojourn/passport";
import type { Manifest } from "@sojourn/protocol";
import { systemClock } from "@sojourn/runtime";
import { type BlockStore, memoryStore, streamVersion } from "@sojourn/substrate";
import { ScriptedWorld } from "@sojourn/testkit";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { PREFETCH } from "./limits.ts";
import { PortalPrefetch, type PrefetchTools } from "./portal-prefetch.ts";
import type { Prefetched } from "./visitor.ts";

const FAR_URL = "http://far.test";
const GATE = { name: "gate", label: "Gate", worldName: "far", x: 100, y: 100, w: 2, h: 3 };
let far: ScriptedWorld;
let here: Manifest;

beforeAll(async () => {
  far = await ScriptedWorld.open(FAR_URL, 2, "Far", 512);
  here = {
    ...(await ScriptedWorld.open("http://here.test", 1, "Here")).manifest,
    portals: [{ ...GATE, world: far.keys.id, url: FAR_URL }],
  };
});

function cardOf(world: ScriptedWorld): string {
  const { id, secret } = world.keys;
  const facts = { world: id, name: "Far", about: "", substrate: world.manifest.substrate, archive: world.manifest.archive, timeMs: 0 };
  return signCard(facts, secret, pureEd25519);
}

function prefetch(tools: Partial<PrefetchTools> = {}) {
  const told: Prefetched[] = [];
  const asked: string[] = [];
  const cache = memoryStore("cache");
  const one = new PortalPrefetch({
    ...{ clock: systemClock, cache, sources: () => [far.blocks], seen: async () => undefined, tell: (said) => void told.push(said) },
    card: async (base) => {
      asked.push(base);
      return cardOf(far);
    },
    ...tools,
  });
  return { one, told, asked, cache };
}

async function ended(told: readonly Prefetched[]): Promise<Prefetched> {
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(1), { interval: 2 });
  return told.at(-1) as Prefetched;
}

describe("the far side of a portal", () => {
  test("is loaded as one nears it, once, so that going there loads nothing", async () => {
    const { one, told, asked, cache } = prefetch();
    one.near({ x: 100 - PREFETCH.nearUnits - 1, y: 101 }, here);
    expect([told, asked]).toEqual([[], []]);
    one.near({ x: 100 - PREFETCH.nearUnits, y: 101 }, here);
    const done = await ended(told);
    expect(done).toMatchObject({ portal: "gate", world: "far", state: "done" });
    expect(done.blocks).toBeGreaterThan(1);
    one.near({ x: 99, y: 101 }, here);
    expect(asked).toEqual([FAR_URL]);
    const around = { spots: [{ x: 256, y: 256 }], radius: PREFETCH.radiusUnits };
    const arrival = streamVersion(far.manifest.substrate, { cache, sources: [], around, isNearOnly: true });
    expect(await arrival.ended).toMatchObject({ ok: true, value: { fetchedBlocks: 0 } });
  });

  test("is not looked for behind a portal that is not pinned, and a world that does not answer is asked once", async () => {
    const { one, told, asked } = prefetch({
      card: async (base) => {
        asked.push(base);
        return undefined;
      },
    });
    one.near({ x: 100, y: 100 }, { ...here, portals: [GATE] });
    expect(asked).toEqual([]);
    one.near({ x: 100, y: 100 }, here);
    expect(await ended(told)).toMatchObject({ state: "failed", blocks: 0, fault: { code: "destination-down" } });
    one.near({ x: 100, y: 100 }, here);
    expect(asked).toEqual([FAR_URL]);
  });

  test("is loaded from nobody but the world the portal names, whose card is its own", async () => {
    const fetched: string[] = [];
    const watched: BlockStore = {
      ...far.blocks,
      get: async (cid) => {
        fetched.push(cid);
        return far.blocks.get(cid);
      },
    };
    const stranger = keysFromSecret(new Uint8Array(32).fill(9));
    const other = await ScriptedWorld.open(FAR_URL, 9, "Far", 512);
    expect(other.keys.id).toBe(stranger.id);
    for (const card of [cardOf(other), cardOf(far).replace('"name":"Far"', '"name":"Fur"'), "<html>", "{}"]) {
      const { one, told } = prefetch({ sources: () => [watched], card: async () => card });
      one.near({ x: 100, y: 100 }, here);
      expect(await ended(told)).toMatchObject({ state: "failed", fault: { code: expect.stringMatching(/forged|malformed/) } });
    }
    expect(fetched).toEqual([]);
  });

  test("is left alone by whoever walks away, and loaded when they come back", async () => {
    let isSlow = true;
    const slow: BlockStore = {
      ...far.blocks,
      get: async (cid, options) => {
        if (isSlow) await new Promise((resolve) => options?.signal?.addEventListener("abort", resolve));
        return far.blocks.get(cid);
      },
    };
    const { one, told } = prefetch({ sources: () => [slow] });
    one.near({ x: 100, y: 100 }, here);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    one.near({ x: 100 - PREFETCH.leaveUnits - 1, y: 100 }, here);
    expect(await ended(told)).toMatchObject({ state: "stopped" });
    isSlow = false;
    one.near({ x: 100, y: 100 }, here);
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ state: "done" }));
  });
});
