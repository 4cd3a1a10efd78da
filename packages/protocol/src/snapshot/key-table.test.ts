import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CELL_EDGE, cellKey } from "./cells.ts";
import { KeyTable } from "./key-table.ts";

describe("a table by cell", () => {
  it("holds what a map would, filling after filling", () => {
    const at = fc.integer({ min: -CELL_EDGE, max: CELL_EDGE });
    const key = fc.oneof(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })), fc.tuple(at, at));
    const filling = fc.array(fc.tuple(key, fc.nat()), { maxLength: 400 });
    fc.assert(
      fc.property(fc.array(filling, { minLength: 1, maxLength: 4 }), (fillings) => {
        const table = new KeyTable<number>();
        for (const entries of fillings) {
          table.clear();
          const map = new Map<number, number>();
          for (const [[x, y], value] of entries) {
            table.set(cellKey(x, y), value);
            map.set(cellKey(x, y), value);
          }
          for (const others of fillings) {
            for (const [[x, y]] of others) expect(table.get(cellKey(x, y))).toBe(map.get(cellKey(x, y)));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("lets go of what was in it when it is emptied, however long it is not filled again", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const table = new KeyTable<object>();
    const fill = (): WeakRef<object>[] =>
      Array.from({ length: 500 }, (_, n) => {
        const value = { n };
        table.set(cellKey(n, n), value);
        return new WeakRef(value);
      });
    const held = fill();
    await sleep(0);
    collect();
    expect(held.every((one) => one.deref() !== undefined)).toBe(true);
    table.clear();
    await sleep(0);
    collect();
    expect(held.filter((one) => one.deref() !== undefined)).toEqual([]);
  });
});
