// Every run adds a line of figures to bench/results/NAME.json, which docs and plots are made from.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Provenance } from "./machine.ts";

const FOLDER = join(import.meta.dirname, "results");
/** The newest runs are kept; older ones are in git. */
const KEPT = 40;

export type Result = Provenance & { readonly [figure: string]: unknown };

export function readResults(name: string): Result[] {
  const path = join(FOLDER, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Result[]) : [];
}

export function keepResult(name: string, result: Result): void {
  mkdirSync(FOLDER, { recursive: true });
  const kept = [...readResults(name), result].slice(-KEPT);
  writeFileSync(join(FOLDER, `${name}.json`), `[\n${kept.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`);
}
