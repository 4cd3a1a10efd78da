import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CellEncoder } from "./cell-encoder.ts";
import { type CellKey, cellAt, cellsInView } from "./cells.ts";
import { EntityColumns } from "./columns.ts";
import { type FieldTable, fieldTable } from "./fields.ts";
import { composeSnapshot } from "./format.ts";
import { SnapshotReader } from "./reader.ts";
import { ViewFrames } from "./view-frames.ts";

const VIEW_RADIUS = 10;
const table: FieldTable = fieldTable([
  { name: "charge", type: "i16" },
  { name: "glow", type: "f32" },
  { name: "open", type: "bool" },
  { name: "sign", type: "text" },
]);

type Step =
  | { readonly do: "spawn"; readonly id: number; readonly x: number; readonly y: number }
  | { readonly do: "move"; readonly id: number; readonly x: number; readonly y: number }
  | { readonly do: "remove"; readonly id: number }
  | { readonly do: "set"; readonly id: number; readonly field: string; readonly value: string | number | boolean }
  /** From now on it walks by this step each tick, now and then two of them, or none. */
  | { readonly do: "go"; readonly id: number; readonly dx: number; readonly dy: number; readonly haste: number }
  | { readonly do: "look"; readonly x: number; readonly y: number }
  | { readonly do: "miss" }
  | { readonly do: "tick" };

const id = fc.integer({ min: 1, max: 12 });
const coordinate = fc.integer({ min: -40 * 256, max: 40 * 256 }).map((grid) => grid / 256);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("spawn" as const), id, x: coordinate, y: coordinate }),
  fc.record({ do: fc.constant("move" as const), id, x: coordinate, y: coordinate }),
  fc.record({ do: fc.constant("remove" as const), id }),
  fc.oneof(
    fc.record({ do: fc.constant("set" as const), id, field: fc.constant("charge"), value: fc.integer({ min: -32768, max: 32767 }) }),
    fc.record({
      do: fc.constant("set" as const),
      id,
      field: fc.constantFrom("name", "sign"),
      value: fc.string({ unit: "grapheme", maxLength: 8 }),
    }),
    fc.record({ do: fc.constant("set" as const), id, field: fc.constant("open"), value: fc.boolean() }),
    fc.record({
      do: fc.constant("set" as const),
      id,
      field: fc.constant("glow"),
      value: fc.float({ noNaN: true, noDefaultInfinity: true }),
    }),
    fc.record({
      do: fc.constant("set" as const),
      id,
      field: fc.constantFrom("health", "facing", "flags"),
      value: fc.integer({ min: 0, max: 255 }),
    }),
  ),
  fc.record({
    do: fc.constant("go" as const),
    id,
    dx: fc.integer({ min: -700, max: 700 }),
    dy: fc.oneof(fc.integer({ min: -130, max: 130 }), fc.constant(0)),
    haste: fc.integer({ min: 0, max: 5 }),
  }),
  fc.record({ do: fc.constant("look" as const), x: coordinate, y: coordinate }),
  fc.constant({ do: "miss" as const }),
  fc.constant({ do: "tick" as const }),
  fc.constant({ do: "tick" as const }),
);

/** Every row of these columns whose entity lies in one of these cells, in order of ids. */
function rows(columns: EntityColumns, cells: ReadonlySet<CellKey>): unknown[] {
  return [...columns.ids()]
    .sort((a, b) => a - b)
    .filter((one) => cells.has(cellAt(columns.get("x", one) as number, columns.get("y", one) as number)))
    .map((one) => [one, ...table.fields.map((field) => columns.get(field.name, one))]);
}

/** Walks everybody who is on the way, within the field. */
function walk(world: EntityColumns, going: ReadonlyMap<number, Extract<Step, { do: "go" }>>, tick: number): void {
  for (const { id: one, dx, dy, haste } of going.values()) {
    if (!world.has(one)) continue;
    const steps = haste === 0 ? 1 : [1, 0, 2][(tick + haste) % 3 === 0 ? tick % 3 : 0];
    const within = (at: number): number => Math.max(-40, Math.min(40, at));
    const slot = world.slotOf(one);
    for (let n = 0; n < (steps ?? 1); n++)
      world.moveTo(slot, within((world.xs[slot] as number) + dx / 256), within((world.ys[slot] as number) + dy / 256));
  }
}

/** The parts of a change of view, last cell first: what a world may as well send. */
function partsBackwards(encoder: CellEncoder, held: CellKey | undefined, from: CellKey): Uint8Array[] {
  const before = held === undefined ? [] : cellsInView(held, VIEW_RADIUS);
  const now = cellsInView(from, VIEW_RADIUS);
  const shown = now.map((cell) => (before.includes(cell) ? encoder.delta(cell) : encoder.keyframe(cell)));
  const left = before.filter((cell) => !now.includes(cell)).map((cell) => encoder.leavePart(cell));
  return [...left, ...shown.reverse()].filter((part) => part !== undefined);
}

describe("[S1] what a reader holds is what lies in the cells it sees", () => {
  test("[S1] [S3] after any sequence of spawns, moves, removals, crossings, changes of view and missed ticks", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200, size: "max" }), (steps) => {
        const world = new EntityColumns(table);
        const encoder = new CellEncoder(world);
        const frames = new ViewFrames(encoder, VIEW_RADIUS);
        const reader = new SnapshotReader(table);
        const mirrored = new SnapshotReader(table);
        let tick = 0;
        let held: CellKey | undefined;
        let from = cellAt(0, 0);
        let misses = false;
        const known = new Set<number>();
        const going = new Map<number, Extract<Step, { do: "go" }>>();
        for (const one of [...steps, { do: "tick" } as Step]) {
          if (one.do === "spawn" && !world.has(one.id)) world.moveTo(world.spawn(one.id), one.x, one.y);
          if (one.do === "move" && world.has(one.id)) world.moveTo(world.slotOf(one.id), one.x, one.y);
          if (one.do === "remove") world.remove(one.id);
          if (one.do === "set" && world.has(one.id)) world.set(one.field, one.id, one.value);
          if (one.do === "go") going.set(one.id, one);
          if (one.do === "look") from = cellAt(one.x, one.y);
          if (one.do === "miss") misses = true;
          if (one.do !== "tick") continue;
          tick += 1;
          walk(world, going, tick);
          frames.closeTick(tick);
          if (misses) {
            misses = false;
            held = undefined;
            continue;
          }
          for (const frame of frames.frames(held, from)) {
            const applied = reader.apply(frame);
            if (!applied.ok) throw new Error(applied.fault.detail);
            const other = mirrored.apply(composeSnapshot(tick, partsBackwards(encoder, held, from), held === undefined));
            if (!other.ok) throw new Error(other.fault.detail);
            expect([...other.value.added].sort()).toEqual([...applied.value.added].sort());
            expect([...other.value.removed].sort()).toEqual([...applied.value.removed].sort());
            for (const gone of applied.value.removed) expect(known.delete(gone)).toBe(true);
            for (const added of applied.value.added) {
              expect(known.has(added)).toBe(false);
              known.add(added);
            }
          }
          held = from;
          const cells = new Set(cellsInView(from, VIEW_RADIUS));
          expect(rows(reader.entities, cells)).toEqual(rows(world, cells));
          expect(rows(mirrored.entities, cells)).toEqual(rows(reader.entities, cells));
          expect(reader.entities.count).toBe(rows(world, cells).length);
          expect([...known].sort((a, b) => a - b)).toEqual([...reader.entities.ids()].sort((a, b) => a - b));
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("[S3] gone from a cell", () => {
  function crossing(): { world: EntityColumns; encoder: CellEncoder; reader: SnapshotReader } {
    const world = new EntityColumns(table);
    const encoder = new CellEncoder(world);
    const reader = new SnapshotReader(table);
    world.moveTo(world.spawn(1), 15, 0);
    encoder.closeTick();
    const cells = [cellAt(0, 0), cellAt(16, 0)];
    const parts = cells.map((cell) => encoder.keyframe(cell));
    expect(reader.apply(composeSnapshot(1, parts, true))).toMatchObject({ ok: true, value: { added: [1] } });
    return { world, encoder, reader };
  }

  test("[S3] is nothing to one whom another cell has shown since, even in an earlier frame of the tick", () => {
    const { world, encoder, reader } = crossing();
    world.moveTo(world.slotOf(1), 17, 0);
    encoder.closeTick();
    const arrival = encoder.delta(cellAt(16, 0)) as Uint8Array;
    const departure = encoder.delta(cellAt(0, 0)) as Uint8Array;
    expect(reader.apply(composeSnapshot(2, [arrival]))).toMatchObject({ value: { added: [], removed: [] } });
    expect(reader.apply(composeSnapshot(2, [departure]))).toMatchObject({ value: { added: [], removed: [] } });
    expect(reader.entities.get("x", 1)).toBe(17);
  });

  test("[S3] is nothing to one of whom the same part has a row: an id removed and used again within a tick", () => {
    const { world, encoder, reader } = crossing();
    world.remove(1);
    world.moveTo(world.spawn(1), 3, 3);
    encoder.closeTick();
    const part = encoder.delta(cellAt(0, 0)) as Uint8Array;
    expect(reader.apply(composeSnapshot(2, [part]))).toMatchObject({ value: { added: [], removed: [] } });
    expect(reader.entities.get("x", 1)).toBe(3);
  });

  test("[S3] without another cell in view it is the end of it", () => {
    const { world, encoder, reader } = crossing();
    world.moveTo(world.slotOf(1), 15, 200);
    encoder.closeTick();
    expect(reader.apply(composeSnapshot(2, [encoder.delta(cellAt(0, 0)) as Uint8Array]))).toMatchObject({ value: { removed: [1] } });
  });
});
