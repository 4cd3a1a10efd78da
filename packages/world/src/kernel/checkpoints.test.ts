// A world's checkpoints: made beside the tick, by a thread that restores; any of them opens the same world; a journal whose beginning was
// dropped is audited from what stands for it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { checkpointOf } from "@sojourn/protocol";
import { type JournalCheckpoint, type JournalEntry, jsonLog } from "@sojourn/runtime";
import { fileJournal, makeCheckpoint, readJournal } from "@sojourn/runtime/node";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { audit } from "../audit.ts";
import { RawVisitor, until } from "../fixtures/raw-visitor.ts";
import { TestWorlds } from "../fixtures/test-worlds.ts";
import type { OpenOptions } from "../options.ts";
import { partsOf, replay, restored } from "./checkpoints.ts";
import { JOURNAL_FOLDER } from "./ledger.ts";

const SIZES = { segmentBytes: 16_384, pieceBytes: 8_192, reserveBytes: 8_192 };
let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

/** A crossing there and back and some things done, with small segments and a checkpoint every `records` records. */
async function livedIn(records: number): Promise<{ folder: string; lines: string[] }> {
  const lines: string[] = [];
  const small: Partial<OpenOptions> = {
    checkpointRecords: records,
    openJournal: (folder, options) => fileJournal(folder, { ...options, sizes: SIZES }),
    log: jsonLog((line) => lines.push(line)),
  };
  const world = await worlds.open("a", {}, small);
  const folder = join(worlds.dataFolder("a"), JOURNAL_FOLDER);
  for (let i = 0; i < 12; i++) {
    const visitor = await RawVisitor.enter(world.wsUrl, `Visitor ${i}`);
    expect(await visitor.doing({ kind: "drop", item: visitor.carried("ale") })).toBe("done");
    await visitor.leave();
  }
  await until("a checkpoint", () => readdirSync(folder).some((name) => name.endsWith(".checkpoint")));
  await worlds.close(world);
  return { folder, lines };
}

const checkpointsIn = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".checkpoint"))
    .map((name) => Number.parseInt(name, 10));

it("are made while the world runs and when it closes, and each with the records after it gives the same custody (I10)", async () => {
  const { folder, lines } = await livedIn(20);
  expect(lines.filter((line) => line.includes("no checkpoint"))).toEqual([]);
  const made = checkpointsIn(folder);
  expect(made.length).toBeGreaterThanOrEqual(2);
  const whole = checkpointOf(replay(readJournal(folder)).custody);
  for (const beginning of [...made, "newest"] as const) {
    const reader = readJournal(folder, { beginning });
    expect(reader.checkpoint?.seq).toBe(beginning === "newest" ? made.at(-1) : beginning);
    expect(checkpointOf(replay(reader).custody)).toEqual(whole);
  }
  const again = await worlds.open("a");
  expect(again.stats().journalSeq).toBeGreaterThan(whole.seq);
  expect((await audit([worlds.dataFolder("a")])).wrong).toEqual([]);
});

it("may be made of any prefix that ends a commit: cut anywhere, custody is the same (I10)", async () => {
  const { folder } = await livedIn(20);
  const entries = [...readJournal(folder).read()];
  const whole = replay(readJournal(folder));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: entries.length }), (cut) => {
      const prefix = replay({ checkpoint: undefined, read: () => entries.slice(0, cut) });
      const checkpoint = { seq: cut, parts: partsOf(prefix) };
      const rest = replay({ checkpoint, read: () => entries.slice(cut) });
      expect(checkpointOf(rest.custody)).toEqual(checkpointOf(whole.custody));
      expect([rest.crossings, rest.returned]).toEqual([whole.crossings, whole.returned]);
      expect(partsOf(restored({ seq: cut, parts: partsOf(prefix) }))).toEqual(partsOf(prefix));
    }),
    { numRuns: 60 },
  );
});

it("stand for records that were dropped: the audit counts the same", async () => {
  const { folder } = await livedIn(20);
  const before = await audit([worlds.dataFolder("a")]);
  // The newest three all stand for the beginning.
  for (let i = 0; i < 3; i++) {
    await worlds.close(await worlds.open("a"));
    const condense = (checkpoint: JournalCheckpoint | undefined, entries: Iterable<JournalEntry>): Uint8Array[] =>
      partsOf(replay({ checkpoint, read: () => entries }));
    expect(makeCheckpoint(folder, readJournal(folder).lastSeq, condense, { keptBytes: i < 2 ? 1 << 30 : 0 })).toBe(true);
    if (i === 1) expect(readJournal(folder).checkpoint).toBeUndefined();
  }
  expect(readJournal(folder).checkpoint).toBeDefined();
  expect(await audit([worlds.dataFolder("a")])).toEqual(before);
  const again = await worlds.open("a");
  expect(again.stats().isDiskFull).toBe(false);
});
