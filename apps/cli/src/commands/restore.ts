// `sojourn restore`: a world back from one replica, on a machine that has nothing of it but its identity key.
import { resolve } from "node:path";
import { type Restored, type RestoreProgress, restoreFrom } from "@sojourn/world";
import type { Command } from "commander";
import { spanWords } from "../ago.ts";
import { replicaSource } from "../options.ts";
import { result, run } from "../output.ts";
import { byteWords, progress } from "../progress.ts";

interface Options {
  readonly from: string;
  readonly key: string;
  readonly data: string;
  readonly json?: boolean;
}

export function restoreCommand(program: Command): void {
  program
    .command("restore")
    .requiredOption(
      "--from <place>",
      "the replica: folder:/backup/tavern, s3:https://s3.example/bucket/prefix, ipfs:/ip4/192.0.2.7/tcp/4001/p2p/12D3… (a node that keeps it), mesh:https://their.world (a neighbour), or the address of a copy on the web",
      replicaSource,
    )
    .requiredOption("--key <file>", "the world's identity key (world.key, or where sojourn key detach put it)")
    .requiredOption("--data <folder>", "the data folder to make; nothing is overwritten")
    .option("--json", "print one JSON object")
    .description("bring a world back from one of its replicas")
    .addHelpText(
      "after",
      `
From the newest head that the world signed there: the version with everything that was built, who is here and what they
carry, peers, bans, keys, and every record of the journal that came there. What it finds is checked block by block, and
the folder appears when it is complete.

What the world did after the newest record that came there, nobody can tell from here. So, unless it was closed in
good order, it opens as a world that has forgotten: it asks every peer what it has lost, and until they have told,
nobody leaves and nobody comes in. Then nobody and nothing that had left is here twice.

Make sure that the old machine does not run the world any more. If it does, the restored world takes over at the
replicas, and the old one is told that another writer speaks for it.

An S3 service is told who you are by SOJOURN_S3_KEY and SOJOURN_S3_SECRET.

  sojourn restore --from folder:/backup/tavern --key /media/stick/tavern.key --data .sojourn/tavern
  sojourn serve tavern --data .sojourn/tavern`,
    )
    .action((options: Options) => run(options.json === true, () => restore(options)));
}

async function restore({ from, key, data, json }: Options): Promise<void> {
  const shown = progress(json === true);
  const dataFolder = resolve(data);
  const restored = await restoreFrom({
    ...{ from: { replica: from }, keyFile: key, dataFolder },
    onProgress: (at) => shown.at(at.part, words(at)),
  }).finally(() => shown.done());
  result(json === true, { ...restored, dataFolder, ...accountOf(restored, Date.now()) }, sheet(restored, dataFolder, Date.now()));
}

const DOING = {
  state: "reading the sealed state",
  journal: "reading the journal's end",
  blocks: "fetching blocks",
  writing: "writing",
} as const;

function words({ doing, blocks, bytes }: RestoreProgress): string {
  return `${DOING[doing]}: ${blocks} blocks, ${byteWords(bytes)}`;
}

/** What is lost, as far as anybody can know it. */
function accountOf({ isAtRest, recordMs, heartbeatMs }: Restored, nowMs: number): { readonly lost: string; readonly ageMs: number } {
  const lastMs = Math.max(recordMs, heartbeatMs);
  const lost = isAtRest ? "nothing" : "unknown";
  return { lost, ageMs: Math.max(0, nowMs - lastMs) };
}

function sheet(restored: Restored, dataFolder: string, nowMs: number): string {
  const { ageMs } = accountOf(restored, nowMs);
  const { seq, stateSeq, travellers, items, builds, blocks, bytes, isAtRest, tookMs } = restored;
  const time = (ms: number): string => new Date(ms).toISOString();
  const lost = isAtRest
    ? "nothing: the world was closed in good order, and nothing came after"
    : `what happened after ${time(restored.heartbeatMs)}, ${spanWords(ageMs)} ago, if the world went on: its peers are asked when it opens`;
  const rows = [
    ["world", restored.world],
    ["from", `${restored.from}, heartbeat of ${time(restored.heartbeatMs)}`],
    ["restored", `${seq} records: ${stateSeq} in the sealed state, ${seq - stateSeq} shipped after it`],
    ["newest record", `${seq}, written ${time(restored.recordMs)}, ${spanWords(nowMs - restored.recordMs)} ago`],
    ["in it", `${travellers} travellers, ${items} things, ${builds} builds`],
    ...(restored.heir === undefined ? [] : [["meanwhile", `${restored.heir} went on with the world; open, this one is above that`]]),
    ["lost", lost],
    ["took", `${(tookMs / 1_000).toFixed(1)} s: ${blocks} blocks of the version, ${byteWords(bytes)}`],
  ];
  const table = rows.map(([name, value]) => `  ${name?.padEnd(15)}${value}`).join("\n");
  return `the world is in ${dataFolder}\n${table}\n  next           sojourn serve … --data ${dataFolder}`;
}
