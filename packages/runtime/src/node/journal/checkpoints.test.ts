import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Journal, JournalCheckpoint, JournalEntry } from "../../journal.ts";
import { jsonLog } from "../../log.ts";
import { type FileJournalOptions, fileJournal } from "./file-journal.ts";
import { makeCheckpoint } from "./make-checkpoint.ts";
import { readJournal } from "./read-journal.ts";

const SIZES = { segmentBytes: 8_192, pieceBytes: 4_096, reserveBytes: 4_096 };
const folders: string[] = [];
const open: Journal[] = [];
afterEach(() => {
  for (const journal of open.splice(0)) journal.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-checkpoints-"));
  folders.push(folder);
  return join(folder, "journal");
}
function opened(folder: string, options: FileJournalOptions = {}): Journal {
  const journal = fileJournal(folder, { sizes: SIZES, ...options });
  open.push(journal);
  return journal;
}

/** What the world of this test keeps: the sum and the number of its records, which are numbers. */
const utf8 = {
  write: (n: number): Uint8Array => new TextEncoder().encode(String(n)),
  read: (b: Uint8Array): number => Number(new TextDecoder().decode(b)),
};
function condense(base: JournalCheckpoint | undefined, entries: Iterable<JournalEntry>): Uint8Array[] {
  let [sum, count] = base === undefined ? [0, 0] : (base.parts.map(utf8.read) as [number, number]);
  for (const { bytes } of entries) [sum, count] = [sum + utf8.read(bytes), count + 1];
  return [sum, count].map(utf8.write);
}
const state = (journal: { checkpoint: JournalCheckpoint | undefined; read(): Iterable<JournalEntry> }): number[] =>
  condense(journal.checkpoint, journal.read()).map(utf8.read);
const expected = (count: number): number[] => [(count * (count + 1)) / 2, count];

/** A journal of 1, 2, 3 …, one commit each, closed, with checkpoints at these numbers. */
function lived(count: number, checkpoints: readonly number[], keptBytes = 1 << 30): string {
  const folder = newFolder();
  const journal = opened(folder);
  for (let n = 1; n <= count; n++) {
    journal.append([utf8.write(n)]);
    if (checkpoints.includes(n)) expect(makeCheckpoint(folder, n, condense, { keptBytes })).toBe(true);
  }
  journal.close();
  return folder;
}

describe("a checkpoint", () => {
  it("with the records after it is the whole journal, whichever it is", () => {
    const folder = lived(50, [10, 20, 35]);
    for (const beginning of [10, 20, 35, "newest", "first"] as const) {
      const journal = opened(folder, { beginning });
      expect(journal.checkpoint?.seq).toBe(beginning === "newest" ? 35 : beginning === "first" ? undefined : beginning);
      expect([...journal.read()].length).toBe(50 - (journal.checkpoint?.seq ?? 0));
      expect(state(journal)).toEqual(expected(50));
      journal.close();
    }
    expect(() => opened(folder, { beginning: 12 })).toThrow(/no whole checkpoint 12; those it has are 10, 20, 35/);
  });

  it("is made once, of commits that were reported, and the newest three are kept", () => {
    const folder = lived(50, [10, 20, 30, 40, 45]);
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith(".checkpoint"))
        .map((name) => Number.parseInt(name, 10)),
    ).toEqual([30, 40, 45]);
    expect(makeCheckpoint(folder, 45, condense)).toBe(false);
    expect(() => makeCheckpoint(folder, 51, condense)).toThrow(/no commit ends with record 51/);
  });

  it("lets old segments go, and what is left is enough for every one that is kept", () => {
    const folder = lived(200, [50, 100, 150, 190], 20_000);
    expect(() => readFileSync(join(folder, "0000000001-0000000000000001.segment"))).toThrow(/ENOENT/);
    for (const beginning of [100, 150, 190, "first"] as const) expect(state(readJournal(folder, { beginning }))).toEqual(expected(200));
    expect(state(opened(folder))).toEqual(expected(200));
  });

  it("that is damaged is said loudly, and an older one gives the same", () => {
    const folder = lived(50, [10, 20, 35]);
    const file = join(folder, "0000000000000035.checkpoint");
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      writeFileSync(file, changed);
      const lines: string[] = [];
      const reader = readJournal(folder, { beginning: "newest", log: jsonLog((line) => lines.push(line)) });
      expect([reader.checkpoint?.seq, lines.length]).toEqual([20, 1]);
    }
    expect(state(opened(folder))).toEqual(expected(50));
    // When none is whole, every record must be there.
    for (const name of readdirSync(folder)) if (name.endsWith(".checkpoint")) writeFileSync(join(folder, name), "");
    open.splice(0).forEach((journal) => void journal.close());
    expect(state(opened(folder))).toEqual(expected(50));
  });

  it("halts when it is of another journal, or of records that are not there", () => {
    const [folder, other] = [lived(50, [35]), lived(40, [])];
    const checkpoint = readFileSync(join(folder, "0000000000000035.checkpoint"));
    const shorter = lived(20, []);
    writeFileSync(join(shorter, "0000000000000035.checkpoint"), checkpoint);
    expect(() => opened(shorter)).toThrow(/ends with record 20, before this checkpoint/);
    const changed = newFolder();
    const journal = opened(changed);
    for (let n = 1; n <= 40; n++) journal.append([utf8.write(n + 1)]);
    journal.close();
    writeFileSync(join(changed, "0000000000000035.checkpoint"), checkpoint);
    expect(() => opened(changed)).toThrow(/is that of another journal/);
    writeFileSync(join(other, "0000000000000035.checkpoint"), checkpoint);
    expect(state(opened(other))).toEqual(expected(40));
  });
});
