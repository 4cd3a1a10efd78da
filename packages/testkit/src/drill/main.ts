// `npm run -s drill -- --json [--kinds folder]`: loses a machine and brings its world back from one replica of each kind. The last line is the
// outcome as JSON. Exit code 1 when a world did not come back as it was.
import process from "node:process";
import { parseArgs } from "node:util";
import { type DrillOutcome, runDrill } from "./drill.ts";
import { DRILL_KINDS, type DrillKind } from "./places.ts";

const { values } = parseArgs({
  options: {
    kinds: { type: "string", default: DRILL_KINDS.join(",") },
    ship: { type: "string", default: "0.5" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const HELP = `npm run drill -- [--kinds ${DRILL_KINDS.join(",")}] [--ship SECONDS] [--json]
  For each kind of replica: a world is opened, built and played in, killed with kill -9, its data folder removed; it is restored
  elsewhere from that replica alone, compared record by record, and its players, who wait as ghosts, live again.
    folder  a folder beside the world            s3    an S3 service in this process
    ceph    Ceph's own S3 gateway, where it is   ipfs  two nodes: the world's own is lost with it
    mesh    three worlds: its two neighbours are all that is left
`;

function isGood({ restored, stateHashEqual, lostChanges, ghostsLive, keptAgain, missing }: DrillOutcome): boolean {
  return missing !== undefined || (restored && stateHashEqual && lostChanges === 0 && ghostsLive && keptAgain);
}

function sentenceOf(outcome: DrillOutcome): string {
  const { kind, missing, problem, lostChanges, seconds, restoreSeconds } = outcome;
  if (missing !== undefined) return `${kind}: NOT TRIED: ${missing}`;
  if (!isGood(outcome)) return `${kind}: FAILED ${problem ?? JSON.stringify(outcome)}`;
  return `${kind}: came back as it was, ${lostChanges} changes lost, ${seconds} s, of these ${restoreSeconds} s restoring`;
}

if (values.help) process.stdout.write(HELP);
else {
  const kinds = values.kinds.split(",");
  const strange = kinds.find((kind) => !(DRILL_KINDS as readonly string[]).includes(kind));
  if (strange !== undefined) {
    process.stderr.write(`drill: there is no kind "${strange}"; there are ${DRILL_KINDS.join(", ")}\n`);
    process.exit(2);
  }
  const outcomes: DrillOutcome[] = [];
  for (const kind of kinds as DrillKind[]) {
    const outcome = await runDrill(kind, { shipSeconds: Number(values.ship), say: (line) => process.stderr.write(`${line}\n`) });
    outcomes.push(outcome);
    process[values.json ? "stderr" : "stdout"].write(`${sentenceOf(outcome)}\n`);
  }
  const isAll = outcomes.every(isGood);
  if (values.json) process.stdout.write(`${JSON.stringify({ good: isAll, kinds: outcomes })}\n`);
  process.exitCode = isAll ? 0 : 1;
}
