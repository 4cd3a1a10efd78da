// What every journal promises, as one suite: ordered, whole or not at all, readable again in the same order, loud when it is misused.
// A store of the journal proves itself by calling this with a place of its own.
import type { Journal } from "@sojourn/runtime";
import { afterEach, describe, expect, it } from "vitest";

/** One place a journal can be opened at, closed, and opened again. */
export interface JournalPlace {
  open(): Journal;
  dispose(): void;
}

const record = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (journal: Journal, fromSeq?: number): string[] =>
  [...journal.read(fromSeq)].map(({ seq, bytes }) => `${seq}:${new TextDecoder().decode(bytes)}`);

export function journalContract(name: string, makePlace: () => JournalPlace): void {
  describe(`journal contract: ${name}`, () => {
    let place: JournalPlace | undefined;
    const open = (): Journal => {
      place ??= makePlace();
      return place.open();
    };
    afterEach(() => {
      place?.dispose();
      place = undefined;
    });

    it("starts empty", () => {
      const journal = open();
      expect(journal.lastSeq).toBe(0);
      expect(texts(journal)).toEqual([]);
      journal.close();
    });

    it("numbers records from 1 in the order they came, over several commits", () => {
      const journal = open();
      journal.append([record("a"), record("b")]);
      journal.append([record("c")]);
      expect(journal.lastSeq).toBe(3);
      expect(texts(journal)).toEqual(["1:a", "2:b", "3:c"]);
      expect(texts(journal, 2)).toEqual(["2:b", "3:c"]);
      expect(texts(journal, 4)).toEqual([]);
      journal.close();
    });

    it("holds everything after it was closed and opened again, and goes on from there", () => {
      const first = open();
      first.append([record("a"), record("b")]);
      first.close();
      const second = open();
      expect(second.lastSeq).toBe(2);
      second.append([record("c")]);
      expect(texts(second)).toEqual(["1:a", "2:b", "3:c"]);
      second.close();
    });

    it("keeps its own copy of what was appended and gives out copies", () => {
      const journal = open();
      const bytes = record("kept");
      journal.append([bytes]);
      bytes.fill(0);
      for (const entry of journal.read()) entry.bytes.fill(1);
      expect(texts(journal)).toEqual(["1:kept"]);
      journal.close();
    });

    it("takes nothing as nothing", () => {
      const journal = open();
      journal.append([]);
      expect(journal.lastSeq).toBe(0);
      journal.close();
    });

    it("takes none of a commit that holds a record past its bounds", () => {
      const journal = open();
      expect(() => journal.append([record("a"), new Uint8Array(0)])).toThrow();
      expect(() => journal.append([record("a"), new Uint8Array(4 * 1024 * 1024)])).toThrow();
      expect(texts(journal)).toEqual([]);
      journal.append([record("b")]);
      expect(texts(journal)).toEqual(["1:b"]);
      journal.close();
    });

    it("refuses to be written once closed", () => {
      const journal = open();
      journal.close();
      expect(() => journal.append([record("late")])).toThrow(/closed/);
    });

    it("keeps a thousand records of mixed sizes byte for byte", () => {
      const journal = open();
      const records = Array.from({ length: 1_000 }, (_, i) => new Uint8Array((i % 97) + 1).fill(i % 251));
      for (let at = 0; at < records.length; at += 50) journal.append(records.slice(at, at + 50));
      let at = 0;
      for (const { seq, bytes } of journal.read()) {
        expect(seq).toBe(at + 1);
        expect(Buffer.compare(bytes, records[at] as Uint8Array)).toBe(0);
        at += 1;
      }
      expect(at).toBe(records.length);
      journal.close();
    });
  });
}
