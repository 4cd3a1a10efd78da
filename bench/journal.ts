// What a commit costs: the journal's files, the same records in a SQLite table (what the journal was before), and the disk's bare
// fdatasync, in turns on the same disk in the same run.
import { createHash } from "node:crypto";
import { closeSync, fdatasyncSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { fileJournal } from "@sojourn/runtime/node";
import type { Command } from "./command.ts";
import { median } from "./figures.ts";
import { provenance } from "./machine.ts";
import { table } from "./progress.ts";
import { keepResult } from "./results.ts";

const ROUND_MS = 1_500;
const ROUNDS = 4;
const RECORD = new Uint8Array(220).fill(7);
const BATCHES = [1, 20, 1_000] as const;
const OPENING_RECORDS = 101_000;

interface Way {
  readonly name: string;
  readonly commit: (records: readonly Uint8Array[]) => void;
  readonly close: () => void;
}

type Row = {
  readonly recordsPerCommit: number;
  readonly floor: number;
  readonly files: number;
  readonly sqlite: number;
};

/** One write into space that is there already, and its sync: nothing that is durable can be quicker. */
function floor(folder: string): Way {
  const fd = openSync(join(folder, "floor"), "w+");
  const size = 64 * 1_024 * 1_024;
  writeSync(fd, new Uint8Array(size));
  fsyncSync(fd);
  let at = 0;
  return {
    name: "floor",
    commit(records) {
      const bytes = new Uint8Array(Math.ceil((records.length * RECORD.length) / 512) * 512);
      if (at + bytes.length > size) at = 0;
      writeSync(fd, bytes, 0, bytes.length, at);
      fdatasyncSync(fd);
      at += bytes.length;
    },
    close: () => closeSync(fd),
  };
}

function files(folder: string, place: string): Way {
  const journal = fileJournal(join(folder, place));
  return { name: "files", commit: (records) => journal.append(records), close: () => journal.close() };
}

/** Write-ahead log, every commit synced, each row chained to the one before. */
function sqlite(folder: string, place: string): Way {
  const database = new DatabaseSync(join(folder, place));
  database.exec(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE entry (seq INTEGER PRIMARY KEY, bytes BLOB, hash BLOB) STRICT",
  );
  const insert = database.prepare("INSERT INTO entry VALUES (?, ?, ?)");
  let [seq, hash] = [0, createHash("sha256").digest()];
  return {
    name: "sqlite",
    commit(records) {
      database.exec("BEGIN IMMEDIATE");
      for (const bytes of records) {
        hash = createHash("sha256").update(hash).update(bytes).digest();
        insert.run(++seq, bytes, hash);
      }
      database.exec("COMMIT");
    },
    close: () => database.close(),
  };
}

function perSecond(way: Way, records: readonly Uint8Array[]): number {
  for (let i = 0; i < 20; i++) way.commit(records);
  const startMs = performance.now();
  let commits = 0;
  for (; performance.now() - startMs < ROUND_MS; commits++) way.commit(records);
  return (commits * 1_000) / (performance.now() - startMs);
}

/** Commits a second. */
function measured(folder: string): Row[] {
  return BATCHES.map((batch) => {
    const records = Array.from({ length: batch }, () => RECORD);
    const ways = [floor(folder), files(folder, `files-${batch}`), sqlite(folder, `sqlite-${batch}`)];
    const rates = new Map<string, number[]>(ways.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) for (const way of ways) rates.get(way.name)?.push(perSecond(way, records));
    for (const way of ways) way.close();
    const row = Object.fromEntries([...rates].map(([name, list]) => [name, Math.round(median(list))]));
    return { recordsPerCommit: batch, ...row } as Row;
  });
}

/** From nothing to the last record read, hashes checked. */
function opening(folder: string): object {
  const place = join(folder, "opening");
  const journal = fileJournal(place);
  for (let i = 0; i < OPENING_RECORDS; i += 1_000) journal.append(Array.from({ length: 1_000 }, () => RECORD));
  journal.close();
  const startMs = performance.now();
  const again = fileJournal(place);
  let records = 0;
  for (const _entry of again.read()) records += 1;
  const ms = Math.round(performance.now() - startMs);
  again.close();
  return { records, ms };
}

export const journal: Command = {
  name: "journal",
  about: "what a durable commit costs: the journal's files, the same in SQLite, and the disk's bare fdatasync",
  options: {},
  more: ["Commits of 1, 20 and 1,000 records in turns on the disk that holds this repository; medians of rounds. And one opening."],
  run: async (values, isJson, commandLine) => {
    const folder = mkdtempSync(join(process.cwd(), "node_modules", ".journal-"));
    try {
      const [commits, opened] = [measured(folder), opening(folder)];
      if (!isJson) process.stdout.write(`${table(commits, ["recordsPerCommit", "floor", "files", "sqlite"])}\n`);
      const result = { ...provenance(commandLine), recordBytes: RECORD.length, commitsPerSecond: commits, opening: opened };
      if (values.keep === true) keepResult("journal", result);
      return result;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
