// `npm run -s publish -- --crashes N --appends N --seed S --json`: a crash at every step of publishing to every kind of store, and two
// writers at a bucket that answers badly. The last line is the outcome as JSON. Exit code 1 when a head named what is not there, an epoch
// had two owners, or an acknowledged record was lost.
import process from "node:process";
import { parseArgs } from "node:util";
import { appendBadly } from "./appends.ts";
import { CRASH_KINDS, type CrashKind, crashPlace } from "./crash-places.ts";
import { type CrashOutcome, crashEverywhere } from "./crashes.ts";

const HELP = `npm run -s publish -- [--crashes N] [--kinds ${CRASH_KINDS.join(",")}] [--appends N] [--seed S] [--json]

  --crashes N  processes that end while they publish, over all kinds of stores (1000)
  --kinds …    which of them
  --appends N  appends by two writers at a bucket that answers badly (10000)
  --seed S     draws the world, the troubles and the takeovers (at random)
  --json       print nothing but the last line

A publisher is ended at one step after the other: before and after each call to the store, and between the steps of a folder's own swap; of
the mesh it is a neighbour that ends while it copies. In IPFS what was acknowledged last must be found whole through a peer.
After each end a reader who knows the world's id alone looks at the replica: its head must be genuine, no older than any before, and
everything that it names must be there. The last line is JSON: crashes and wrong per kind, appends, acknowledged, doubleOwners,
lostRecords, seconds.
`;

const { values } = parseArgs({
  options: {
    crashes: { type: "string", default: "1000" },
    kinds: { type: "string", default: CRASH_KINDS.join(",") },
    appends: { type: "string", default: "10000" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(text: string): number {
  const n = Number(text);
  if (Number.isSafeInteger(n) && n >= 0) return n;
  process.stderr.write(`publish: ${text} is not a whole number\n`);
  process.exit(2);
}

function kindsOf(text: string): CrashKind[] {
  const strange = text.split(",").find((kind) => !(CRASH_KINDS as readonly string[]).includes(kind));
  if (strange === undefined) return text.split(",") as CrashKind[];
  process.stderr.write(`publish: there is no kind "${strange}"; there are ${CRASH_KINDS.join(", ")}\n`);
  process.exit(2);
}

async function crashKinds(kinds: readonly CrashKind[], crashes: number, seed: number): Promise<CrashOutcome[]> {
  const outcomes: CrashOutcome[] = [];
  for (const kind of kinds) {
    const { place, close } = await crashPlace(kind);
    try {
      outcomes.push(await crashEverywhere(place, Math.ceil(crashes / kinds.length), seed));
    } finally {
      await close();
    }
  }
  return outcomes;
}

async function run(): Promise<void> {
  const seed = values.seed === undefined ? 1 + Math.floor(Math.random() * 1e9) : wholeNumber(values.seed);
  const startedMs = performance.now();
  const say = (line: string): void => void (values.json || process.stdout.write(`${line}\n`));
  const kinds = wholeNumber(values.crashes) === 0 ? [] : await crashKinds(kindsOf(values.kinds), wholeNumber(values.crashes), seed);
  for (const { kind, crashes, published, steps, wrong } of kinds) {
    say(`${kind}: ${crashes} processes ended, at up to ${steps} steps of one publish; ${published} heads published; ${wrong.length} wrong`);
  }
  const bad = await appendBadly(wholeNumber(values.appends), seed);
  say(`appends: ${bad.acknowledged} of ${bad.appends} acknowledged, ${bad.takeovers} takeovers, ${bad.fenced} times fenced`);
  const wrong = [...kinds.flatMap((one) => one.wrong), ...bad.wrong];
  for (const what of wrong) process.stderr.write(`  ${what}\n`);
  const outcome = {
    crashes: Object.fromEntries(kinds.map(({ kind, crashes, published, wrong: bad }) => [kind, { crashes, published, wrong: bad.length }])),
    ...{ appends: bad.appends, acknowledged: bad.acknowledged, takeovers: bad.takeovers, fenced: bad.fenced, troubles: bad.troubles },
    ...{ doubleOwners: bad.doubleOwners, lostRecords: bad.lostRecords, wrong: wrong.length },
    ...{ seed, seconds: Math.round((performance.now() - startedMs) / 100) / 10 },
  };
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  process.exitCode = wrong.length + bad.doubleOwners + bad.lostRecords === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(HELP);
else await run();
