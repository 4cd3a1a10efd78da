import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultyDisk, journalContract } from "@sojourn/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { type Journal, JournalFailure, memoryJournal } from "../../journal.ts";
import { JOURNAL_LIMITS } from "../../limits.ts";
import { jsonLog } from "../../log.ts";
import { nodeDisk } from "../disk.ts";
import { fileJournal, type JournalSizes } from "./file-journal.ts";
import { readJournal } from "./read-journal.ts";

const SMALL: JournalSizes = { segmentBytes: 8_192, pieceBytes: 4_096, reserveBytes: 4_096 };
const record = (text: string): Uint8Array => new TextEncoder().encode(text);
const told = (journal: { read(): Iterable<{ bytes: Uint8Array }> }): string[] =>
  [...journal.read()].map(({ bytes }) => new TextDecoder().decode(bytes));
const folders: string[] = [];
const open: Journal[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-journal-"));
  folders.push(folder);
  return join(folder, "journal");
}
function opened(folder: string, options: Parameters<typeof fileJournal>[1] = {}): Journal {
  const journal = fileJournal(folder, { sizes: SMALL, ...options });
  open.push(journal);
  return journal;
}
afterEach(() => {
  for (const journal of open.splice(0)) journal.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

journalContract("memory", () => {
  const kept: Uint8Array[] = [];
  return { open: () => memoryJournal(kept), dispose: () => {} };
});
for (const [name, sizes] of Object.entries({ files: {}, "files, in small segments": SMALL })) {
  journalContract(name, () => {
    const folder = newFolder();
    return { open: () => opened(folder, { sizes }), dispose: () => open.splice(0).forEach((journal) => void journal.close()) };
  });
}

/** A journal of `records`, one commit each, closed; its only segment's path. */
function written(...records: string[]): { folder: string; file: string } {
  const folder = newFolder();
  const journal = fileJournal(folder, { sizes: SMALL });
  for (const text of records) journal.append([record(text)]);
  journal.close();
  return { folder, file: join(folder, "0000000001-0000000000000001.segment") };
}

function edit(file: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(file);
  change(bytes);
  writeFileSync(file, bytes);
}

describe("the journal on disk halts on", () => {
  const batch = (n: number): number => 4_096 + 512 * n;
  it.each<[string, (file: string, folder: string) => void, RegExp]>([
    ["a changed record", (file) => edit(file, (b) => b.writeUInt8(1, batch(1) + 85)), /batch at byte 4608 \(record 2 and on\) is damaged/],
    ["a changed last record", (file) => edit(file, (b) => b.writeUInt8(1, batch(2) + 85)), /batch at byte 5120 \(record 3/],
    ["a record taken away", (file) => edit(file, (b) => b.fill(0, batch(2), batch(3))), /byte 5120 \(record 3/],
    ["a record moved", (file) => edit(file, (b) => b.copy(b, batch(2), batch(1), batch(2))), /record 3 and on/],
    ["a head put back", (file) => edit(file, (b) => b.copy(b, 1_024, 512, 1_024)), /head do not belong together/],
    ["a head not whole", (file) => edit(file, (b) => b.fill(0, 512, 1_024)), /slot 0 of the head is not whole/],
    [
      "something behind the last record",
      (file) => edit(file, (b) => b.copy(b, batch(5), batch(0), batch(1))),
      /closed at byte 5632, and not all behind that is zero/,
    ],
    ["an empty file", (file) => writeFileSync(file, ""), /ends at byte 0/],
    ["the segment gone", (file) => rmSync(file), /./],
    [
      "the segment under another name",
      (file, folder) => renameSync(file, join(folder, "0000000001-0000000000000002.segment")),
      /records 1 to 1 are missing/,
    ],
    ["a stranger", (_file, folder) => writeFileSync(join(folder, "notes.txt"), "x"), /notes\.txt: this is no file of the journal/],
    ["an epoch gone", (_file, folder) => rmSync(join(folder, "0000000001.epoch")), /this file is not/],
    ["an epoch that is none", (_file, folder) => writeFileSync(join(folder, "0000000001.epoch"), "x"), /not the beginning of the epoch/],
  ])("%s", (name, damage, message) => {
    const { folder, file } = written("a", "b", "c");
    damage(file, folder);
    if (name === "the segment gone") {
      // The world above knows by its blocks that it has lived; a journal that lost everything looks as if it never began.
      expect(opened(folder).lastSeq).toBe(0);
      return;
    }
    const files = readdirSync(folder).map((one) => readFileSync(join(folder, one)));
    expect(() => opened(folder)).toThrow(message);
    expect(() => opened(folder)).toThrow(JournalFailure);
    // While it is written, what stands behind the last record may be the next one.
    if (name !== "something behind the last record") expect(() => readJournal(folder)).toThrow(message);
    expect(readdirSync(folder).map((one) => readFileSync(join(folder, one)))).toEqual(files);
  });

  it("a format of the future, by its number", () => {
    const { folder, file } = written("a");
    edit(file, (bytes) => {
      bytes.writeBigUInt64BE(9n, 16);
      const { createHash } = process.getBuiltinModule("node:crypto");
      createHash("sha256").update(bytes.subarray(0, 72)).digest().copy(bytes, 72);
    });
    expect(() => opened(folder)).toThrow(/format 9/);
  });

  it("a newest segment that is gone, when others are there", () => {
    const { folder } = written("a");
    opened(folder).close();
    rmSync(join(folder, "0000000002-0000000000000002.segment"));
    expect(() => opened(folder)).toThrow(/goes on after it in a segment that is not there/);
  });
});

describe("the journal on disk", () => {
  it("belongs to one process at a time", () => {
    const folder = newFolder();
    const first = opened(folder);
    expect(() => opened(folder)).toThrow(/running already/);
    first.close();
    opened(folder).close();
  });

  it("goes on in new segments, and can be read while it is written, up to the last commit", () => {
    const folder = newFolder();
    const journal = opened(folder);
    const texts = Array.from({ length: 60 }, (_, i) => `record ${i}`);
    texts.forEach((text, i) => {
      journal.append([record(text)]);
      if (i % 7 === 0) expect(told(readJournal(folder))).toEqual(texts.slice(0, i + 1));
    });
    expect(readdirSync(folder).filter((name) => name.endsWith(".segment")).length).toBeGreaterThan(3);
    expect(told(journal)).toEqual(texts);
    journal.close();
    expect(told(opened(folder))).toEqual(texts);
  });

  it("takes a commit longer than a segment", () => {
    const folder = newFolder();
    const journal = opened(folder);
    const long = new Uint8Array(100_000).fill(7);
    journal.append([record("a"), long, long]);
    journal.append([record("b")]);
    journal.close();
    expect([...opened(folder).read()].map(({ bytes }) => bytes.length)).toEqual([1, 100_000, 100_000, 1]);
  });

  it("says nothing more after a commit that failed", () => {
    const folder = newFolder();
    const disk = new FaultyDisk(nodeDisk);
    const journal = opened(folder, { disk });
    journal.append([record("a")]);
    disk.judge = (call) => (call === "sync" ? { code: "EIO" } : undefined);
    expect(() => journal.append([record("b")])).toThrow(JournalFailure);
    disk.judge = () => undefined;
    expect(() => journal.append([record("c")])).toThrow(/could not be written.*sync/);
    expect(journal.hasRoom()).toBe(false);
  });

  it("cuts off what a crash left unfinished, and nothing else", () => {
    const folder = newFolder();
    const disk = new FaultyDisk(nodeDisk);
    const journal = opened(folder, { disk });
    journal.append([record("a")]);
    // The write gets half way, and the process dies.
    let writes = 0;
    disk.judge = (call) => (call === "write" ? (writes++ === 0 ? { atMost: 90 } : { code: "EIO" }) : undefined);
    expect(() => journal.append([record("b".repeat(400))])).toThrow();
    journal.close();
    const again = opened(folder);
    expect(told(again)).toEqual(["a"]);
    again.append([record("c")]);
    again.close();
    expect(told(opened(folder))).toEqual(["a", "c"]);
  });

  it("counts epochs, and only the newest one writes, lock or no lock", () => {
    const folder = newFolder();
    const lock = () => ({ release: () => {} });
    const zombie = opened(folder, { lock });
    zombie.append([record("a")]);
    const next = opened(folder, { lock });
    expect([zombie.epoch, next.epoch]).toEqual([1, 2]);
    expect(() => zombie.append([record("never said")])).toThrow(/begun epoch 2/);
    next.append([record("b")]);
    expect(told(next)).toEqual(["a", "b"]);
    expect(told(readJournal(folder))).toEqual(["a", "b"]);
    next.close();
    const third = opened(folder, { lock });
    expect(told(third)).toEqual(["a", "b"]);
    // Epochs later the file that spoke of the next one is gone; its own is, too.
    const fourth = opened(folder, { lock });
    expect(() => third.append([record("late")])).toThrow(/a later one/);
    const fifth = opened(folder, { lock });
    expect(() => fourth.append([record("late")])).toThrow(/a later one/);
    fifth.append([record("c")]);
    expect(told(readJournal(folder))).toEqual(["a", "b", "c"]);
  });

  it("on a full disk says so, goes on with its reserve, and opens again by itself", () => {
    const folder = newFolder();
    const disk = new FaultyDisk(nodeDisk);
    let nowMs = 0;
    const lines: string[] = [];
    const log = jsonLog((line) => lines.push(line));
    const journal = opened(folder, {
      disk,
      log,
      monotonic: () => nowMs,
      sizes: { segmentBytes: 1 << 20, pieceBytes: 8_192, reserveBytes: 8_192 },
    });
    let isFull = true;
    // Space that was taken before can be written; more of it is not to be had.
    disk.judge = (call) => (isFull && call === "write" && isBeyond() ? { code: "ENOSPC" } : undefined);
    const isBeyond = (): boolean => new Error().stack?.includes("grow") === true;
    let said = 0;
    while (journal.hasRoom() && said < 1_000) journal.append([record(`record ${said++}`)]);
    for (let i = 0; i < 4; i++) journal.append([record(`reserve ${i}`)]);
    expect(lines.filter((line) => line.includes("disk full")).length).toBe(1);
    isFull = false;
    expect(journal.hasRoom()).toBe(false);
    nowMs += JOURNAL_LIMITS.roomAgainMs;
    expect(journal.hasRoom()).toBe(true);
    expect(lines.at(-1)).toContain("room again");
    isFull = true;
    expect(() => {
      for (;;) journal.append([record("x".repeat(500))]);
    }).toThrow(/reserve is used up/);
    journal.close();
    isFull = false;
    const texts = told(opened(folder));
    expect(texts.slice(0, said + 4)).toEqual([
      ...Array.from({ length: said }, (_, i) => `record ${i}`),
      ...Array.from({ length: 4 }, (_, i) => `reserve ${i}`),
    ]);
  });

  it("keeps every commit that was reported, and frees its lock, when the process is killed", async () => {
    const folder = newFolder();
    const script = `
      import { fileJournal } from ${JSON.stringify(new URL("./file-journal.ts", import.meta.url).href)};
      const journal = fileJournal(${JSON.stringify(folder)}, { sizes: ${JSON.stringify(SMALL)} });
      for (let i = 1; ; i++) { journal.append([new TextEncoder().encode(String(i))]); process.stdout.write(i + "\\n"); }
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    let reported = 0;
    child.stdout.on("data", (data: Buffer) => {
      reported = Number(data.toString().trim().split("\n").at(-1));
      if (reported > 50) child.kill("SIGKILL");
    });
    await once(child, "exit");
    expect(reported).toBeGreaterThan(50);
    const journal = opened(folder);
    expect(journal.lastSeq).toBeGreaterThanOrEqual(reported);
    expect(told(journal)).toEqual(Array.from({ length: journal.lastSeq }, (_, i) => String(i + 1)));
  });
});
