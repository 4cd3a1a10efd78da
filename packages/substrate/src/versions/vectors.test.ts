// A whole version as vectors: whoever can read these blocks to this version, and write this amendment, can hold our worlds.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { verifyBlock } from "../blocks/block.ts";
import { memoryStore } from "../stores/memory.ts";
import type { Block } from "../stores/port.ts";
import { type Amendment, amendVersion } from "./amend.ts";
import type { SubstrateView } from "./types.ts";
import { openVersion } from "./view.ts";

interface HexBlock {
  readonly cid: string;
  readonly hex: string;
}

interface VersionVector {
  readonly root: string;
  readonly blocks: readonly HexBlock[];
  readonly version: object;
  readonly chunks: readonly object[];
  readonly amendment: Amendment & { readonly root: string; readonly newBlocks: readonly HexBlock[] };
}

const vectors = ["version", "drawn-version"].map((name): [string, VersionVector] => [
  name,
  JSON.parse(readFileSync(new URL(`../../../../vectors/substrate/${name}.json`, import.meta.url), "utf8")),
]);
const blockOf = ({ cid, hex }: HexBlock): Block => ({ cid, bytes: new Uint8Array(Buffer.from(hex, "hex")) });

async function opened(root: string, blocks: readonly HexBlock[]): Promise<SubstrateView> {
  const view = await openVersion(root, memoryStore("memory", blocks.map(blockOf)));
  if (!view.ok) throw new Error(view.fault.detail);
  expect(await view.value.loadAll()).toEqual({ ok: true, value: undefined });
  return view.value;
}

describe.each(vectors)("the vector %s", (_, vector) => {
  test("has blocks that hash to their ids", async () => {
    for (const hexBlock of [...vector.blocks, ...vector.amendment.newBlocks]) {
      const block = blockOf(hexBlock);
      expect(await verifyBlock(block.cid, block.bytes)).toEqual({ ok: true, value: block });
    }
  });

  test("reads as it says", async () => {
    const view = await opened(vector.root, vector.blocks);
    expect(view.version).toEqual(vector.version);
    const chunks = [...view.loadedChunks()]
      .sort((a, b) => a.cy - b.cy || a.cx - b.cx)
      .map(({ layers, solid, ...chunk }) => ({
        ...chunk,
        layers: layers.map(({ layer, gids }) => ({ layer, gids: [...gids].join(",") })),
        solid: Buffer.from(solid).toString("hex"),
      }));
    expect(chunks).toEqual(vector.chunks);
  });

  test("is amended to the very blocks it says", async () => {
    const { root, newBlocks, ...change } = vector.amendment;
    const view = await opened(vector.root, vector.blocks);
    const next = await amendVersion(view, change, memoryStore("memory", vector.blocks.map(blockOf)));
    expect(next).toEqual({ ok: true, value: { root, newBlocks: newBlocks.map(blockOf) } });
    const amended = await opened(root, [...vector.blocks, ...newBlocks]);
    expect(amended.version).toMatchObject({ parent: vector.root, tick: change.tick, timeMs: change.timeMs });
  });
});
