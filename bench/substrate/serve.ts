// One world as a process of its own: built as it comes, its blocks served by content id over HTTP, changed and opened whole on request.
// node serve.ts <chunks> <folder>
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { type ContentId, valueOf } from "@sojourn/protocol";
import { amendVersion, type BlockStore, openVersion, verifyBlock, writeVersion } from "@sojourn/substrate";
import { rounded } from "../figures.ts";
import { PackFile } from "./pack-file.ts";
import { chunksOf, crateIn, sceneOf } from "./world.ts";

const [, , count = "0", folder = ""] = process.argv;
const chunks = Number(count);
const VERIFIED = 20_000;
const MB = 1_000_000;

export interface BuildFigures {
  readonly root: ContentId;
  readonly url: string;
  readonly blocks: number;
  readonly bytes: number;
  readonly buildSeconds: number;
  readonly rssMB: number;
  readonly verifyBlocksPerSecond: number;
  readonly verifyMBPerSecond: number;
}

export interface ChangeFigures {
  readonly root: ContentId;
  readonly ms: number;
  readonly blocks: number;
  readonly bytes: number;
  /** What a reader goes through from the root of the new version to the changed chunk. */
  readonly pathBytes: number;
}

export interface WholeFigures {
  readonly seconds: number;
  readonly rssMB: number;
  /** The next version after that, opened whole. */
  readonly nextMs: number;
}

const pack = await PackFile.open(join(folder, "world.pack"));
process.on("disconnect", () => process.exit(0));
const startMs = performance.now();
const parts = { name: "bench", scene: sceneOf(chunks), chunks: chunksOf(chunks), assetBlocks: [] };
let built = 0;
const { root } = valueOf(
  await writeVersion(parts, async (block) => {
    built += 1;
    if (built % 50_000 === 0) process.send?.({ built });
    return await pack.store.put(block);
  }),
);
await pack.flush();
const buildSeconds = (performance.now() - startMs) / 1_000;
const rssMB = rounded(process.memoryUsage.rss() / 1_048_576);
const verified = await verifyRates();

const server = createServer((request, response) => {
  const cid = (request.url ?? "").replace("/ipfs/", "").replace("?format=raw", "");
  void pack.read(cid).then((bytes) => {
    response.writeHead(bytes === undefined ? 404 : 200, { "content-length": bytes?.length ?? 0 }).end(bytes);
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const figures: BuildFigures = { root, url, blocks: pack.blocks, bytes: pack.bytes, buildSeconds, rssMB, ...verified };
process.send?.({ built: figures, open: figures });

process.on("message", ({ do: order }: { readonly do: "change" | "whole" }) => {
  if (order === "change") void change(root).then(({ figures: changed }) => process.send?.({ changed }));
  if (order === "whole") void whole().then((opened) => process.send?.({ opened }));
});

/** What a fetch does with each block that comes: hash it, and read it strictly. */
async function verifyRates(): Promise<Pick<BuildFigures, "verifyBlocksPerSecond" | "verifyMBPerSecond">> {
  const blocks: [ContentId, Uint8Array][] = [];
  for (const cid of pack.ids()) {
    if (blocks.length === VERIFIED) break;
    blocks.push([cid, (await pack.read(cid)) as Uint8Array]);
  }
  const beganMs = performance.now();
  let bytes = 0;
  for (const [cid, block] of blocks) {
    valueOf(await verifyBlock(cid, block));
    bytes += block.length;
  }
  const seconds = (performance.now() - beganMs) / 1_000;
  return { verifyBlocksPerSecond: Math.round(blocks.length / seconds), verifyMBPerSecond: rounded(bytes / MB / seconds) };
}

async function change(of: ContentId): Promise<{ figures: ChangeFigures }> {
  const beganMs = performance.now();
  const view = valueOf(await openVersion(of, pack.store));
  const amended = valueOf(await amendVersion(view, { add: [crateIn(parts.scene)], remove: [], tick: 1, timeMs: 1 }, pack.store));
  const ms = rounded(performance.now() - beganMs);
  for (const block of amended.newBlocks) valueOf(await pack.store.put(block));
  await pack.flush();
  const bytes = amended.newBlocks.reduce((sum, block) => sum + block.bytes.length, 0);
  return { figures: { root: amended.root, ms, blocks: amended.newBlocks.length, bytes, pathBytes: await pathBytes(amended.root) } };
}

async function pathBytes(of: ContentId): Promise<number> {
  const read: number[] = [];
  const get: BlockStore["get"] = async (cid) => {
    const got = await pack.store.get(cid);
    if (got.ok) read.push(got.value.length);
    return got;
  };
  const view = valueOf(await openVersion(of, { ...pack.store, get }));
  // The second block read is the scene, which no change of an object touches.
  read.splice(1, 1);
  const { x, y } = crateIn(parts.scene);
  valueOf(await view.chunk(Math.floor(x / 16), Math.floor(y / 16)));
  return read.reduce((sum, bytes) => sum + bytes, 0);
}

/** What a world does when it opens, and at a heartbeat. */
async function whole(): Promise<WholeFigures> {
  const beganMs = performance.now();
  const view = valueOf(await openVersion(root, pack.store));
  valueOf(await view.loadAll());
  const seconds = rounded((performance.now() - beganMs) / 1_000);
  const rss = rounded(process.memoryUsage.rss() / 1_048_576);
  const { figures: next } = await change(root);
  const nextBeganMs = performance.now();
  const after = valueOf(await openVersion(next.root, pack.store, { after: view }));
  valueOf(await after.loadAll());
  return { seconds, rssMB: rss, nextMs: rounded(performance.now() - nextBeganMs) };
}
