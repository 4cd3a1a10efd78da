// `sojourn status`: how a world stands, and above all whether its replicas would bring it back.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { FaultError, fault, valueOf } from "@sojourn/protocol";
import { ask } from "@sojourn/runtime";
import { type NeighbourStatus, type ReplicaStatus, type Replication, readReplication } from "@sojourn/world";
import type { Command } from "commander";
import { spanWords } from "../ago.ts";
import { askCard } from "../card.ts";
import { heirRows } from "../heir-words.ts";
import { result, run } from "../output.ts";
import { byteWords } from "../progress.ts";

const HEALTH_BYTES = 8_192;

export function statusCommand(program: Command): void {
  program
    .command("status")
    .argument("<where>", "a world's data folder, or its address")
    .option("--check", "end with exit code 1 when a replica would not bring the world back as it is")
    .option("--json", "print one JSON object")
    .description("show how a world and its replicas stand")
    .addHelpText(
      "after",
      `
"proven" is when a restore from that replica alone was last made, in a folder of its own, and came to the very state
of the world. Nothing else tells that a backup is one. From an address you learn what the world tells everybody.

Of a world in a mesh (serve --mesh) each neighbour is shown with what it takes here of the room you gave, how old its
copy is, and whether what it keeps of this world would bring it back: a restore from there is made every few minutes.

  sojourn status .sojourn/tavern
  sojourn status .sojourn/tavern --check || mail operator
  sojourn status http://127.0.0.1:7801`,
    )
    .action((where: string, options: { check?: boolean; json?: boolean }) =>
      run(options.json === true, () =>
        /^https?:\/\//.test(where) ? ofAddress(where, options.json === true) : ofFolder(resolve(where), options),
      ),
    );
}

async function ofAddress(url: string, json: boolean): Promise<void> {
  const card = valueOf(await askCard(url));
  const answer = valueOf(await ask(`${card.url}/healthz`, { maxBytes: HEALTH_BYTES }));
  const health = JSON.parse(answer.text) as { readonly [name: string]: unknown };
  const rows = Object.entries({ world: card.id, name: card.name, ...health }).map(([name, value]) => `${name.padEnd(17)}${String(value)}`);
  result(json, { ...card, ...health }, rows.join("\n"));
}

async function ofFolder(folder: string, { check, json }: { check?: boolean; json?: boolean }): Promise<void> {
  if (!existsSync(folder)) throw new FaultError(fault("malformed", "client", `there is no data folder ${folder}`));
  const found = await readReplication(folder);
  const nowMs = Date.now();
  const wrong = problems(found, nowMs);
  result(json === true, { ...found, wrong }, sheet(found, wrong, nowMs));
  if (check === true && wrong.length > 0) process.exitCode = 1;
}

/** A running world writes how its replicas stand every few seconds; proofs come with every heartbeat. */
const STALE_MS = 900_000;

function problems({ status, configured, seq, isRunning }: Replication, nowMs: number): string[] {
  if (status === undefined)
    return [configured.length === 0 ? "no replica is kept: this folder is the only copy" : "no replica was fed yet"];
  const wrong: string[] = [];
  for (const one of status.replicas) {
    if (one.claim?.isOver === true)
      wrong.push(`${one.name}: ${one.claim.fault?.detail ?? "somebody else goes on with the world that this one resumed"}`);
    else if (one.claim?.fault !== undefined) wrong.push(`${one.name}: the resumed world is not stated there: ${one.claim.fault.detail}`);
    if (one.isFenced) wrong.push(`${one.name}: another writer speaks for this world there`);
    else if (one.fault !== undefined) wrong.push(`${one.name}: ${one.fault.detail}`);
    if (one.provenMs === 0) wrong.push(`${one.name}: a restore from it was never proven`);
    else if (isRunning && nowMs - one.provenMs > STALE_MS) wrong.push(`${one.name}: last proven ${spanWords(nowMs - one.provenMs)} ago`);
    if (!isRunning && one.seq < seq) wrong.push(`${one.name}: lacks the last ${seq - one.seq} records`);
  }
  for (const { name, own } of status.neighbours ?? []) {
    if (own.seq > 0 && own.problem !== undefined) wrong.push(`${name}: ${own.problem}`);
  }
  // A mesh is a replica when somebody in it has the world.
  const isMesh = status.replicas.every(({ kind }) => kind === "mesh");
  if (isMesh && !(status.neighbours ?? []).some(({ own }) => own.provenMs > 0))
    wrong.push("no neighbour would bring this world back yet: each must pin it and run with --mesh");
  return wrong;
}

function sheet({ world, isRunning, seq, status, heirs, resumes }: Replication, wrong: readonly string[], nowMs: number): string {
  const head = [`${world}`, `  ${isRunning ? "open" : "closed"}, ${seq} records`];
  if (resumes !== undefined) head.push(`  goes on with ${resumes}, as its heir`);
  head.push(
    ...(heirs === undefined
      ? ["  heirs: none named (sojourn heirs --help)"]
      : [`  heirs, by statement ${heirs.version}:`, ...heirRows(heirs)]),
  );
  const ago = (ms: number): string => (ms === 0 ? "never" : `${spanWords(nowMs - ms)} ago`);
  const rows = (status?.replicas ?? []).map((one) => [
    one.name,
    behind(one, seq),
    ago(one.heartbeatMs),
    one.provenMs === 0 ? "never" : `${ago(one.provenMs)}, record ${one.provenSeq}`,
  ]);
  const table = rows.length === 0 ? [] : columns([["replica", "lacks", "heartbeat", "proven restorable"], ...rows]);
  const neighbours = neighbourTable(status?.neighbours ?? [], status?.budget, seq, nowMs);
  const said = wrong.length === 0 ? ["  every replica would bring this world back"] : wrong.map((one) => `  ! ${one}`);
  return [...head, "", ...table, ...(table.length === 0 ? [] : [""]), ...neighbours, ...said].join("\n");
}

/** What neighbours take here and how old it is; what they keep of this world, and whether it would bring it back. */
function neighbourTable(
  neighbours: readonly NeighbourStatus[],
  budget: { readonly bytesPerNeighbour: number; readonly bytesInAll: number } | undefined,
  seq: number,
  nowMs: number,
): string[] {
  if (budget === undefined || neighbours.length === 0) return [];
  const ago = (ms: number): string => (ms === 0 ? "never" : `${spanWords(nowMs - ms)} ago`);
  const rows = neighbours.map(({ name, bytes, worldMs, problem, own }) => [
    name,
    problem ?? `${byteWords(bytes)}, as of ${ago(worldMs)}`,
    own.seq === 0 ? "nothing" : `as of ${ago(own.headMs)}, lacks ${own.seq >= seq ? "nothing" : `${seq - own.seq} records`}`,
    own.provenMs === 0 ? "never" : `${ago(own.provenMs)}, record ${own.provenSeq}`,
  ]);
  const taken = neighbours.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    ...columns([["neighbour", "kept of it here", "kept of this world there", "proven restorable"], ...rows]),
    `  neighbours take ${byteWords(taken)} here, of ${byteWords(budget.bytesInAll)} in all and ${byteWords(budget.bytesPerNeighbour)} each`,
    "",
  ];
}

function behind({ seq: there }: ReplicaStatus, seq: number): string {
  return there >= seq ? "nothing" : `${seq - there} records`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
}
