// `npm run -s hostile -- --blocks N --seed S --json`: wrong blocks at every store, liars around one honest source, and dear bytes for every
// decoder; the last line is the outcome as JSON. Exit code 1 when anything wrong was taken, took too long, or cost too much.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DECODER_HEAP_BYTES, DECODER_MS, measureDecoders } from "./decoders.ts";
import { fetchAmongLiars } from "./liars.ts";
import { attackStores } from "./wrong-blocks.ts";

const HELP = `npm run -s hostile -- [--blocks N] [--inputs N] [--seed S] [--json]

  --blocks N   wrong, short, long, slow and doubled blocks, over all stores together (100000)
  --inputs N   changed inputs of at most 64 KiB for each decoder, beside the dear ones that are known (2000)
  --seed S     draws all of them (at random)
  --json       print nothing but the last line

Three proofs. No store that runs in a process takes or gives out a wrong block; each is named, and healed by the right one.
A version comes within twice the time that one honest source takes alone when four liars and two that never answer stand
beside it. No input of at most 64 KiB costs a decoder more than 50 ms of its thread's time or 16 MiB of heap. The last
line is JSON: stores, liars, decoders, wrong (what broke, in words), seed, seconds. Exit code 1 when something broke.

  npm run -s hostile -- --blocks 1000 --inputs 100
  npm run -s hostile -- --seed 7 --json
`;

/** Nothing is swept while a decoder is measured, so that what it takes is seen. */
const HEAP_FLAGS = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=128"];
const LIARS_SIDE = 24;
const STALLERS = 2;
const MOST_RATIO = 2;

const { values } = parseArgs({
  options: {
    blocks: { type: "string", default: "100000" },
    inputs: { type: "string", default: "2000" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(text: string): number {
  const n = Number(text);
  if (Number.isSafeInteger(n) && n > 0) return n;
  process.stderr.write(`hostile: ${text} is not a whole number above 0\n`);
  process.exit(2);
}

async function run(): Promise<void> {
  const seed = values.seed === undefined ? 1 + Math.floor(Math.random() * 1e9) : wholeNumber(values.seed);
  const [blocks, inputs] = [wholeNumber(values.blocks), wholeNumber(values.inputs)];
  const startedMs = performance.now();
  const wrong: string[] = [];
  const say = (line: string): void => void (values.json || process.stdout.write(`${line}\n`));
  const stores = await attackStores(blocks, seed);
  for (const [name, { blocks: tried, accepted, unnamed, unhealed, refused }] of Object.entries(stores)) {
    say(`${name}: ${tried} blocks, ${accepted} accepted, ${unnamed} not named, ${unhealed} not healed`);
    if (accepted + unnamed + unhealed + refused > 0)
      wrong.push(`${name} accepted ${accepted}, did not name ${unnamed}, heal ${unhealed}, refused ${refused} right ones`);
  }
  const liars = await fetchAmongLiars(LIARS_SIDE, STALLERS);
  say(`one honest source among ${liars.others}: ${liars.amongMs} ms instead of ${liars.aloneMs} (${liars.ratio}), ${liars.left} left`);
  if (liars.ratio > MOST_RATIO || liars.wrong > 0) wrong.push(`among liars: ${liars.ratio} times as long, ${liars.wrong} wrong blocks`);
  const decoders = await measureDecoders(inputs, seed);
  for (const [name, { cases, worstMs, worstHeapBytes, threw, slowest, heaviest }] of Object.entries(decoders)) {
    say(`${name}: ${cases} inputs, at worst ${worstMs} ms and ${Math.round(worstHeapBytes / 1_024)} KiB, ${threw} thrown`);
    if (worstMs > DECODER_MS) wrong.push(`${name} took ${worstMs} ms (${slowest})`);
    if (worstHeapBytes > DECODER_HEAP_BYTES) wrong.push(`${name} took ${worstHeapBytes} bytes (${heaviest})`);
    if (threw > 0) wrong.push(`${name} threw ${threw} times`);
  }
  for (const what of wrong) process.stderr.write(`  ${what}\n`);
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  process.stdout.write(`${JSON.stringify({ stores, liars, decoders, wrong, seed, seconds })}\n`);
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
