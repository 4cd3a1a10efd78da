// `bench substrate`: what building, entering and changing a world costs, for worlds of very different size seen from the same spot.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { inFolder } from "../bench-folder.ts";
import { Child, withChildren } from "../child.ts";
import { type Command, Misuse, type Values } from "../command.ts";
import { median, rounded } from "../figures.ts";
import { provenance } from "../machine.ts";
import { table } from "../progress.ts";
import { keepResult } from "../results.ts";
import type { BuildFigures, ChangeFigures, WholeFigures } from "./serve.ts";
import type { EntryFigures } from "./visit.ts";

const BUILD_MS = 1_800_000;
const ENTRY_MS = 120_000;
const ENTRIES = 3;
const MB = 1_000_000;

export const substrate: Command = {
  name: "substrate",
  about: "build, first and second entry, and the change of one object, for worlds of 100, 10,000 and 1,000,000 chunks",
  options: {
    chunks: { type: "string", default: "100,10000,1000000", about: "sizes, separated by commas" },
    whole: { type: "boolean", default: false, about: "also open each world whole, as its server does, and the next version after that" },
  },
  more: [
    "A process builds each world as it comes into one file and serves its blocks over HTTP on this machine; every entry is a process that",
    "has just begun, with a cache in files. Entered is who has everything within 40 units of the start in memory, verified. playableMs",
    `are medians of ${ENTRIES}; firstBytes and secondBytes are content that came over the network. A change is one object placed near the`,
    "start: changeBytes are all new blocks, and pathBytes what the chunk, one index node a level and the root have together. The SHA-256",
    "floor hashes blocks of the same length, and of 1 MiB, by node:crypto in the same run.",
  ],
  run: async (values, isJson, commandLine) => {
    const figures = await measured(values);
    const result = { ...provenance(commandLine), ...figures };
    if (!isJson) {
      process.stdout.write(
        `${table(
          figures.worlds.map((one) => ({ ...one })),
          COLUMNS,
        )}\n\n${table([{ ...figures.floor }], FLOORS)}\n`,
      );
    }
    if (values.keep === true) keepResult("substrate", result);
    return result;
  },
};

const COLUMNS = [
  ...["chunks", "worldMB", "buildSeconds", "buildBlocksPerSecond", "buildMBPerSecond", "verifyBlocksPerSecond", "verifyMBPerSecond"],
  ...[
    "buildRssMB",
    "firstBlocks",
    "firstBytes",
    "firstMs",
    "secondBytes",
    "secondMs",
    "changeMs",
    "changeBlocks",
    "changeBytes",
    "pathBytes",
  ],
  ...["updateBytes"],
];
const FLOORS = ["blockBytes", "sha256BlocksPerSecond", "sha256MBPerSecond", "sha256LongMBPerSecond"];

interface WorldFigures {
  readonly chunks: number;
  readonly blocks: number;
  readonly worldMB: number;
  readonly buildSeconds: number;
  readonly buildBlocksPerSecond: number;
  readonly buildMBPerSecond: number;
  readonly buildRssMB: number;
  readonly verifyBlocksPerSecond: number;
  readonly verifyMBPerSecond: number;
  readonly firstBlocks: number;
  readonly firstBytes: number;
  readonly firstMs: number;
  readonly secondBytes: number;
  readonly secondMs: number;
  readonly entryHeapMB: number;
  readonly changeMs: number;
  readonly changeBlocks: number;
  readonly changeBytes: number;
  readonly pathBytes: number;
  /** Content bytes that one who was there before fetches to see the change. */
  readonly updateBytes: number;
  readonly wholeSeconds?: number;
  readonly wholeRssMB?: number;
  readonly wholeNextMs?: number;
}

async function measured(values: Values): Promise<{ worlds: WorldFigures[]; floor: Floor }> {
  const sizes = String(values.chunks).split(",").map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1 || size > 4_000_000))
    throw new Misuse(`--chunks: ${values.chunks} are no sizes`);
  return await inFolder(async (folder, say) => {
    const worlds: WorldFigures[] = [];
    for (const chunks of sizes)
      worlds.push(await withChildren((children) => world(chunks, join(folder, String(chunks)), children, say, values.whole === true)));
    say("floor: SHA-256");
    const largest = worlds.at(-1) as WorldFigures;
    return { worlds, floor: sha256Floor(Math.round((largest.worldMB * MB) / largest.blocks)) };
  });
}

async function world(
  chunks: number,
  folder: string,
  children: Child[],
  say: (line: string) => void,
  isWhole: boolean,
): Promise<WorldFigures> {
  await mkdir(folder, { recursive: true });
  say(`${chunks} chunks: build`);
  const server = new Child("server", import.meta.url, "./serve.ts", [String(chunks), folder]);
  children.push(server);
  server.on(({ built }) => {
    if (typeof built === "number") say(`${chunks} chunks: ${built} blocks built`);
  });
  const { root, url, blocks, bytes, ...build } = await server.said<BuildFigures>("open", BUILD_MS);
  const enter = async (of: string, cache: string): Promise<EntryFigures> => {
    const visitor = new Child("visitor", import.meta.url, "./visit.ts", [of, url, join(folder, cache)]);
    children.push(visitor);
    const entered = await visitor.said<EntryFigures>("entered", ENTRY_MS);
    await visitor.gone;
    return entered;
  };
  say(`${chunks} chunks: first and second entries`);
  const firsts: EntryFigures[] = [];
  const seconds: EntryFigures[] = [];
  for (let i = 0; i < ENTRIES; i++) {
    firsts.push(await enter(root, `cache-${i}`));
    seconds.push(await enter(root, `cache-${i}`));
  }
  const first = firsts[0] as EntryFigures;
  const change = await server.said<ChangeFigures>("changed", ENTRY_MS, { do: "change" });
  const update = await enter(change.root, "cache-0");
  if (isWhole) say(`${chunks} chunks: open whole`);
  const whole = isWhole ? await server.said<WholeFigures>("opened", BUILD_MS, { do: "whole" }) : undefined;
  return {
    ...{ chunks, blocks, worldMB: rounded(bytes / MB) },
    buildSeconds: rounded(build.buildSeconds),
    buildBlocksPerSecond: Math.round(blocks / build.buildSeconds),
    buildMBPerSecond: rounded(bytes / MB / build.buildSeconds),
    buildRssMB: build.rssMB,
    verifyBlocksPerSecond: build.verifyBlocksPerSecond,
    verifyMBPerSecond: build.verifyMBPerSecond,
    ...{ firstBlocks: first.blocks, firstBytes: first.bytes, firstMs: median(firsts.map(({ ms }) => ms)), entryHeapMB: first.heapMB },
    secondBytes: Math.max(...seconds.map(({ bytes: fetched }) => fetched)),
    secondMs: median(seconds.map(({ ms }) => ms)),
    ...{ changeMs: change.ms, changeBlocks: change.blocks, changeBytes: change.bytes },
    pathBytes: change.pathBytes,
    updateBytes: update.bytes,
    ...(whole === undefined ? {} : { wholeSeconds: whole.seconds, wholeRssMB: whole.rssMB, wholeNextMs: whole.nextMs }),
  };
}

interface Floor {
  readonly blockBytes: number;
  readonly sha256BlocksPerSecond: number;
  readonly sha256MBPerSecond: number;
  readonly sha256LongMBPerSecond: number;
}

function sha256Floor(blockBytes: number): Floor {
  const rate = (bytes: number): number => {
    const block = new Uint8Array(bytes).fill(7);
    let hashed = 0;
    const endMs = performance.now() + 1_000;
    while (performance.now() < endMs) {
      for (let i = 0; i < 16; i++) createHash("sha256").update(block).digest();
      hashed += 16;
    }
    return hashed;
  };
  const perSecond = rate(blockBytes);
  return {
    blockBytes,
    sha256BlocksPerSecond: perSecond,
    sha256MBPerSecond: rounded((perSecond * blockBytes) / MB),
    sha256LongMBPerSecond: rounded((rate(1_048_576) * 1_048_576) / MB),
  };
}
