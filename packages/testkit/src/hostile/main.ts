// `npm run -s hostile -- --blocks N --seed S --json`: wrong blocks at every store, liars around one honest source, and dear bytes for every
// decoder; the last line is the outcome as JSON. Exit code 1 when anything wrong was taken, took too long, or cost too much.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openBrowserVictim } from "./browser-victim.ts";
import { DECODER_HEAP_BYTES, DECODER_MS, measureDecoders } from "./decoders.ts";
import type { CacheReport } from "./in-page.ts";
import { openIpfsVictims } from "./ipfs-victims.ts";
import { fetchAmongLiars, type LiarsReport } from "./liars.ts";
import { peersVictim } from "./peers-victim.ts";
import { openVictims } from "./victims.ts";
import { type Attacked, attackStores, closeVictims } from "./wrong-blocks.ts";

const HELP = `npm run -s hostile -- [--blocks N] [--inputs N] [--seed S] [--only PROOFS] [--json]

  --blocks N   wrong, short, long, slow and doubled blocks, over all stores together (100000)
  --inputs N   changed inputs of at most 64 KiB for each decoder, beside the dear ones that are known (2000)
  --seed S     draws all of them (at random)
  --only A,B   of the proofs stores, liars and decoders only these
  --json       print nothing but the last line

Three proofs. No store takes or gives out a wrong block; each is named, and healed by the right one: memory, directory, http,
s3, cached, tiered, the swarm's peers, two IPFS nodes (their disks, and over bitswap), and the storage of a real Chromium,
where every block of a cached world is damaged once besides. A version comes within twice the time that one honest source
takes alone when four liars and two that never answer stand beside it. No input of at most 64 KiB costs a decoder more than
50 ms of its thread's time or 16 MiB of heap.

Chromium is looked for as npm test does (CHROMIUM=/path/to/it names one); Helia is there where the testkit is installed. What
could not be tried is said in passedOver. The last line is JSON: stores, browserCache, liars, decoders, passedOver, wrong (what
broke, in words), seed, seconds. Exit code 1 when something broke.

  npm run -s hostile -- --blocks 1000 --inputs 100
  npm run -s hostile -- --only stores --seed 7 --json
`;

/** Nothing is swept while a decoder is measured, so that what it takes is seen. */
const HEAP_FLAGS = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=128"];
const LIARS_SIDE = 24;
const STALLERS = 2;
const MOST_RATIO = 2;
const CACHE_SIDE = 6;
const PROOFS = ["stores", "liars", "decoders"] as const;

const { values } = parseArgs({
  options: {
    blocks: { type: "string", default: "100000" },
    inputs: { type: "string", default: "2000" },
    seed: { type: "string" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function stop(why: string): never {
  process.stderr.write(`hostile: ${why}\nTry npm run -s hostile -- --help\n`);
  process.exit(2);
}

function wholeNumber(text: string): number {
  const n = Number(text);
  return Number.isSafeInteger(n) && n > 0 ? n : stop(`${text} is not a whole number above 0`);
}

function proofs(): ReadonlySet<string> {
  const names = values.only?.split(",").map((name) => name.trim()) ?? PROOFS;
  for (const name of names) if (!PROOFS.some((proof) => proof === name)) stop(`there is no proof "${name}"`);
  return new Set(names);
}

const say = (line: string): void => void (values.json || process.stdout.write(`${line}\n`));

interface StoresOutcome {
  readonly stores?: Awaited<ReturnType<typeof attackStores>>;
  readonly browserCache?: CacheReport;
}

async function proveStores(blocks: number, seed: number, wrong: string[], passedOver: string[]): Promise<StoresOutcome> {
  const victims: Record<string, Attacked> = { ...(await openVictims()), peers: peersVictim() };
  const ipfs = await openIpfsVictims();
  if (typeof ipfs === "string") passedOver.push(`ipfs and bitswap: ${ipfs}`);
  else Object.assign(victims, ipfs);
  const chromium = await findChromium();
  if (chromium === undefined) passedOver.push("browser: there is no Chromium here");
  const browser = chromium === undefined ? undefined : await openBrowserVictim(chromium);
  if (browser !== undefined) victims.browser = browser;
  const stores = await attackStores(victims, blocks, seed, (name, { blocks: tried, accepted, unnamed, unhealed, refused }, seconds) => {
    say(`${name}: ${tried} blocks, ${accepted} accepted, ${unnamed} not named, ${unhealed} not healed, ${seconds} s`);
    if (accepted + unnamed + unhealed + refused > 0)
      wrong.push(`${name} accepted ${accepted}, did not name ${unnamed}, heal ${unhealed}, refused ${refused} right ones`);
  });
  const browserCache = await browser?.healed(CACHE_SIDE);
  await closeVictims(victims);
  if (browserCache === undefined) return { stores };
  say(`a world in the browser's cache: each of ${browserCache.blocks} blocks damaged once, ${browserCache.unhealed} not healed`);
  if (browserCache.unhealed > 0) wrong.push(`${browserCache.unhealed} damaged blocks of the browser's cache were not healed`);
  return { stores, browserCache };
}

/** As the tests find it; the tools are no room, and are asked when they are needed. */
async function findChromium(): Promise<string | undefined> {
  const tool = new URL("../../../../tools/chromium.ts", import.meta.url).href;
  return ((await import(tool)) as { findChromium(): string | undefined }).findChromium();
}

async function proveLiars(wrong: string[]): Promise<LiarsReport> {
  const liars = await fetchAmongLiars(LIARS_SIDE, STALLERS);
  say(`one honest source among ${liars.others}: ${liars.amongMs} ms instead of ${liars.aloneMs} (${liars.ratio}), ${liars.left} left`);
  if (liars.ratio > MOST_RATIO || liars.wrong > 0) wrong.push(`among liars: ${liars.ratio} times as long, ${liars.wrong} wrong blocks`);
  return liars;
}

async function proveDecoders(inputs: number, seed: number, wrong: string[]): Promise<Awaited<ReturnType<typeof measureDecoders>>> {
  const decoders = await measureDecoders(inputs, seed);
  for (const [name, { cases, worstMs, worstHeapBytes, threw, slowest, heaviest }] of Object.entries(decoders)) {
    say(`${name}: ${cases} inputs, at worst ${worstMs} ms and ${Math.round(worstHeapBytes / 1_024)} KiB, ${threw} thrown`);
    if (worstMs > DECODER_MS) wrong.push(`${name} took ${worstMs} ms (${slowest})`);
    if (worstHeapBytes > DECODER_HEAP_BYTES) wrong.push(`${name} took ${worstHeapBytes} bytes (${heaviest})`);
    if (threw > 0) wrong.push(`${name} threw ${threw} times`);
  }
  return decoders;
}

async function run(): Promise<void> {
  const seed = values.seed === undefined ? 1 + Math.floor(Math.random() * 1e9) : wholeNumber(values.seed);
  const [blocks, inputs, wanted] = [wholeNumber(values.blocks), wholeNumber(values.inputs), proofs()];
  const startedMs = performance.now();
  const wrong: string[] = [];
  const passedOver: string[] = [];
  // Timers that only wait for a silent store keep no process alive; this one does.
  const alive = setInterval(() => undefined, 1_000);
  const stores = wanted.has("stores") ? await proveStores(blocks, seed, wrong, passedOver) : {};
  const liars = wanted.has("liars") ? { liars: await proveLiars(wrong) } : {};
  const decoders = wanted.has("decoders") ? { decoders: await proveDecoders(inputs, seed, wrong) } : {};
  clearInterval(alive);
  for (const what of passedOver) process.stderr.write(`  passed over: ${what}\n`);
  for (const what of wrong) process.stderr.write(`  ${what}\n`);
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  process.stdout.write(`${JSON.stringify({ ...stores, ...liars, ...decoders, passedOver, wrong, seed, seconds })}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(HELP);
else if ((globalThis as { gc?: unknown }).gc !== undefined) await run();
else {
  const again = spawnSync(process.execPath, [...HEAP_FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  process.exitCode = again.status ?? 1;
}
