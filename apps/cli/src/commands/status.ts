// `sojourn status`: how a world stands, and above all whether its replicas would bring it back.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { FaultError, fault, valueOf } from "@sojourn/protocol";
import { ask } from "@sojourn/runtime";
import { type ReplicaStatus, type Replication, readReplication } from "@sojourn/world";
import type { Command } from "commander";
import { spanWords } from "../ago.ts";
import { askCard } from "../card.ts";
import { result, run } from "../output.ts";

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
    if (one.isFenced) wrong.push(`${one.name}: another writer speaks for this world there`);
    else if (one.fault !== undefined) wrong.push(`${one.name}: ${one.fault.detail}`);
    if (one.provenMs === 0) wrong.push(`${one.name}: a restore from it was never proven`);
    else if (isRunning && nowMs - one.provenMs > STALE_MS) wrong.push(`${one.name}: last proven ${spanWords(nowMs - one.provenMs)} ago`);
    if (!isRunning && one.seq < seq) wrong.push(`${one.name}: lacks the last ${seq - one.seq} records`);
  }
  return wrong;
}

function sheet({ world, isRunning, seq, status }: Replication, wrong: readonly string[], nowMs: number): string {
  const head = [`${world}`, `  ${isRunning ? "open" : "closed"}, ${seq} records`];
  const ago = (ms: number): string => (ms === 0 ? "never" : `${spanWords(nowMs - ms)} ago`);
  const rows = (status?.replicas ?? []).map((one) => [
    one.name,
    behind(one, seq),
    ago(one.heartbeatMs),
    one.provenMs === 0 ? "never" : `${ago(one.provenMs)}, record ${one.provenSeq}`,
  ]);
  const table = rows.length === 0 ? [] : columns([["replica", "lacks", "heartbeat", "proven restorable"], ...rows]);
  const said = wrong.length === 0 ? ["  every replica would bring this world back"] : wrong.map((one) => `  ! ${one}`);
  return [...head, "", ...table, ...(table.length === 0 ? [] : [""]), ...said].join("\n");
}

function behind({ seq: there }: ReplicaStatus, seq: number): string {
  return there >= seq ? "nothing" : `${seq - there} records`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
}
