import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { journalContract } from "@sojourn/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { type Journal, JournalFailure, memoryJournal } from "../journal.ts";
import { readSqliteJournal, sqliteJournal } from "./sqlite-journal.ts";

const record = (text: string): Uint8Array => new TextEncoder().encode(text);
const folders: string[] = [];
function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-journal-"));
  folders.push(folder);
  return join(folder, "journal.sqlite");
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

journalContract("memory", () => {
  const kept: Uint8Array[] = [];
  return { open: () => memoryJournal(kept), dispose: () => {} };
});

journalContract("sqlite", () => {
  const file = newFile();
  const opened: Journal[] = [];
  return {
    open() {
      const journal = sqliteJournal(file);
      opened.push(journal);
      return journal;
    },
    dispose: () => opened.forEach((journal) => void journal.close()),
  };
});

function writtenFile(records: readonly string[]): string {
  const file = newFile();
  const journal = sqliteJournal(file);
  journal.append(records.map(record));
  journal.close();
  return file;
}

function tamper(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

describe("the journal on disk", () => {
  it.each([
    ["a changed record", "UPDATE entry SET bytes = x'00' WHERE seq = 2", /record 2 has been altered/],
    ["a changed hash", "UPDATE entry SET hash = zeroblob(32) WHERE seq = 2", /record 2 has been altered/],
    ["a record taken from the middle", "DELETE FROM entry WHERE seq = 2", /record 2 is missing/],
    ["a record taken from the end", "DELETE FROM entry WHERE seq = 3", /records 3 to 3 are missing/],
    [
      "two records swapped",
      "UPDATE entry SET seq = 9 WHERE seq = 1; UPDATE entry SET seq = 1 WHERE seq = 2; UPDATE entry SET seq = 2 WHERE seq = 9",
      /altered/,
    ],
    ["a head moved back", "UPDATE head SET seq = 2", /head does not name/],
    ["a record put before the first", "INSERT INTO entry (seq, bytes, hash) VALUES (0, x'00', zeroblob(32))", /record 1 is missing/],
    ["an unknown format", "UPDATE head SET format = 99", /format 99/],
  ])("halts on %s", (_name, sql, message) => {
    const file = writtenFile(["a", "b", "c"]);
    tamper(file, sql);
    expect(() => sqliteJournal(file)).toThrow(message);
    expect(() => sqliteJournal(file)).toThrow(JournalFailure);
    expect(() => {
      const reader = readSqliteJournal(file);
      try {
        [...reader.read()];
      } finally {
        reader.close();
      }
    }).toThrow(message);
  });

  it("is held by one owner at a time, and free again after a close", () => {
    const file = newFile();
    const first = sqliteJournal(file);
    expect(() => sqliteJournal(file)).toThrow(/running already/);
    first.close();
    sqliteJournal(file).close();
  });

  it("can be read while it is written, up to the last commit", () => {
    const file = newFile();
    const journal = sqliteJournal(file);
    journal.append([record("a")]);
    const reader = readSqliteJournal(file);
    journal.append([record("b")]);
    expect([...reader.read()].length).toBe(1);
    reader.close();
    const later = readSqliteJournal(file);
    expect(later.lastSeq).toBe(2);
    later.close();
    journal.close();
  });

  it("says nothing more after a commit that failed", () => {
    const file = newFile();
    const journal = sqliteJournal(file);
    journal.append([record("a")]);
    // The table is pulled away under it: the next commit fails as it would on a broken disk.
    tamper(file, "DROP TABLE entry");
    expect(() => journal.append([record("b")])).toThrow(JournalFailure);
    expect(() => journal.append([record("c")])).toThrow(JournalFailure);
    journal.close();
  });

  it("keeps every commit that was reported, and frees its lock, when the process is killed", async () => {
    const file = newFile();
    const script = `
      import { sqliteJournal } from ${JSON.stringify(new URL("./sqlite-journal.ts", import.meta.url).href)};
      const journal = sqliteJournal(${JSON.stringify(file)});
      for (let i = 1; ; i++) { journal.append([new TextEncoder().encode(String(i))]); process.stdout.write(i + "\\n"); }
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    let reported = 0;
    child.stdout.on("data", (data: Buffer) => {
      reported = Number(data.toString().trim().split("\n").at(-1));
      if (reported > 50) child.kill("SIGKILL");
    });
    await once(child, "exit");
    const journal = sqliteJournal(file);
    expect(journal.lastSeq).toBeGreaterThanOrEqual(reported);
    expect([...journal.read()].map(({ bytes }) => Number(new TextDecoder().decode(bytes)))).toEqual(
      Array.from({ length: journal.lastSeq }, (_, i) => i + 1),
    );
    journal.close();
  });
});
