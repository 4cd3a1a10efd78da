// A running world read by somebody else's client: Helia's own for trustless gateways walks a whole version over plain HTTP.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fallbackRouter } from "@helia/fallback-router";
import { trustlessGatewayBlockBroker } from "@helia/trustless-gateway-client";
import * as dagCbor from "@ipld/dag-cbor";
import { memoryStore, openVersion, verifyBlock, walkVersion } from "@sojourn/substrate";
import { type Openable, openWorld, type RunningWorld } from "@sojourn/world";
import { worlds } from "@sojourn/worlds";
import { createHeliaLight, type Helia } from "helia";
import { CID } from "multiformats/cid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder: string;
let world: RunningWorld;
let root: string;
let helia: Helia;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sojourn-gateway-"));
  world = await openWorld(worlds.tavern as Openable, { dataFolder: folder, port: 0, peers: [] });
  root = (await (await fetch(`${world.url}/.well-known/sojourn`)).json()).card.substrate;
  helia = createHeliaLight({ codecs: [dagCbor] });
  // Helia waits for ever for its first routers where all are fallbacks; this one is a router like any other here.
  helia.addRouter(Object.assign(fallbackRouter({ gateways: [world.url] }), { capabilities: () => [] }));
  helia.addBlockBroker(trustlessGatewayBlockBroker({ allowInsecure: true, allowLocal: true }));
  await helia.start();
});

afterAll(async () => {
  await helia?.stop();
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

async function blockOf(cid: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of helia.blockstore.get(CID.parse(cid), { signal: AbortSignal.timeout(10_000) })) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

describe("a world's gateway", () => {
  test("gives Helia's gateway client a whole version, which opens", async () => {
    const held = memoryStore("from helia");
    // By links alone, as any tool of IPFS walks: nothing of ours decides what is asked for.
    const wanted = [root];
    const seen = new Set(wanted);
    for (let cid = wanted.pop(); cid !== undefined; cid = wanted.pop()) {
      const block = await verifyBlock(cid, await blockOf(cid));
      expect(block.ok ? await held.put(block.value) : block).toEqual({ ok: true, value: undefined });
      if (CID.parse(cid).code !== dagCbor.code) continue;
      for (const link of linksIn(dagCbor.decode(await blockOf(cid)))) if (!seen.has(link)) wanted.push(seen.add(link) && link);
    }
    const whole: string[] = [];
    for await (const block of walkVersion(root, held)) whole.push(block.ok ? block.value.cid : block.fault.detail);
    expect([...seen].sort()).toEqual(whole.sort());
    expect(await openVersion(root, held)).toMatchObject({ ok: true });
  });

  test("lets Helia pin a version through it", async () => {
    const pinned: string[] = [];
    for await (const cid of helia.pins.add(CID.parse(root))) pinned.push(String(cid));
    expect(pinned).toContain(root);
    expect(await helia.pins.isPinned(CID.parse(root))).toBe(true);
  });
});

/** Parents of a version are links too: they are other versions, which a world may have let go. */
function linksIn(value: unknown, key = ""): string[] {
  const link = CID.asCID(value);
  if (link !== null) return key === "parent" ? [] : [String(link)];
  if (Array.isArray(value)) return value.flatMap((item) => linksIn(item));
  return value !== null && typeof value === "object" ? Object.entries(value).flatMap(([name, item]) => linksIn(item, name)) : [];
}
