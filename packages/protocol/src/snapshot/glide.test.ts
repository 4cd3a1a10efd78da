import { describe, expect, test } from "vitest";
import { CellEncoder } from "./cell-encoder.ts";
import { cellAt } from "./cells.ts";
import { EntityColumns } from "./columns.ts";
import { fieldTable } from "./fields.ts";
import { composeSnapshot } from "./format.ts";
import { SnapshotReader } from "./reader.ts";
import { ViewFrames } from "./view-frames.ts";

const table = fieldTable([]);
const middle = cellAt(8, 8);

interface Shown {
  readonly world: EntityColumns;
  readonly reader: SnapshotReader;
  /** Ends the tick, hands the reader its frames, and gives back their bytes. */
  tick(): number;
}

function shown(places: readonly (readonly [x: number, y: number])[], from = middle): Shown {
  const world = new EntityColumns(table);
  const frames = new ViewFrames(new CellEncoder(world), 20);
  const reader = new SnapshotReader(table);
  for (const [i, [x, y]] of places.entries()) world.moveTo(world.spawn(i + 1), x, y);
  let tick = 0;
  const next = (): number => {
    tick += 1;
    frames.closeTick(tick);
    const sent = frames.frames(tick === 1 ? undefined : from, from);
    for (const frame of sent) expect(reader.apply(frame)).toMatchObject({ ok: true });
    return sent.reduce((sum, frame) => sum + frame.length, 0);
  };
  next();
  return { world, reader, tick: next };
}

function step(world: EntityColumns, id: number, dx: number, dy: number): void {
  const slot = world.slotOf(id);
  world.moveTo(slot, (world.xs[slot] as number) + dx, (world.ys[slot] as number) + dy);
}

describe("[S9] steps", () => {
  test("[S9] who goes on as before costs no byte, however many they are, and is shown going on", () => {
    const { world, reader, tick } = shown(Array.from({ length: 200 }, (_, i) => [(i % 20) / 4, Math.floor(i / 20) / 4]));
    for (let n = 0; n < 20; n++) {
      for (let id = 1; id <= 200; id++) step(world, id, 0.25, id / 256);
      const bytes = tick();
      for (let id = 1; id <= 200; id += 33)
        expect([reader.entities.get("x", id), reader.entities.get("y", id)]).toEqual([world.get("x", id), world.get("y", id)]);
      if (n > 0 && n < 10) expect(bytes).toBeLessThanOrEqual(6);
    }
  });

  test("[S9] a stop and a turn are told once; standing is silence", () => {
    const { world, reader, tick } = shown([[8, 8]]);
    const told: number[] = [];
    for (const [dx, dy] of [
      [0.25, 0],
      [0.25, 0],
      [0, 0.25],
      [0, 0.25],
      [0, 0],
      [0, 0],
    ] as const) {
      if (dx !== 0 || dy !== 0) step(world, 1, dx, dy);
      told.push(tick());
      expect([reader.entities.get("x", 1), reader.entities.get("y", 1)]).toEqual([world.get("x", 1), world.get("y", 1)]);
    }
    expect(told.map((bytes) => (bytes === 0 ? "nothing" : bytes > 6 ? "told" : "time"))).toEqual([
      "told",
      "time",
      "told",
      "time",
      "told",
      "nothing",
    ]);
  });

  test("[S9] a frame some ticks later walks everybody on by as many steps; more frames of one tick by none", () => {
    const { world, reader, tick } = shown([[2, 2]]);
    step(world, 1, 0.5, -0.125);
    tick();
    expect(reader.apply(composeSnapshot(7, []))).toMatchObject({ ok: true });
    expect([reader.entities.get("x", 1), reader.entities.get("y", 1)]).toEqual([2 + 6 * 0.5, 2 - 6 * 0.125]);
    expect(reader.apply(composeSnapshot(7, []))).toMatchObject({ ok: true });
    expect(reader.entities.get("x", 1)).toBe(5);
  });

  test("[S9] a keyframe carries the step, so that who has just come sees everybody going on", () => {
    const world = new EntityColumns(table);
    const encoder = new CellEncoder(world);
    const frames = new ViewFrames(encoder, 20);
    world.moveTo(world.spawn(1), 3, 3);
    frames.closeTick(1);
    step(world, 1, 0.25, 0.25);
    frames.closeTick(2);
    const reader = new SnapshotReader(table);
    for (const frame of frames.frames(undefined, middle)) reader.apply(frame);
    step(world, 1, 0.25, 0.25);
    frames.closeTick(3);
    for (const frame of frames.frames(middle, middle)) expect(frame.length).toBeLessThanOrEqual(6);
    for (const frame of frames.frames(middle, middle)) reader.apply(frame);
    expect(reader.entities.get("x", 1)).toBe(3.5);
  });
});

describe("[S10] where steps end", () => {
  const EDGE = 1_048_576;

  test("[S10] at the world's edge no step leads out, and a reader comes to rest there where the world does", () => {
    const from = cellAt(EDGE, EDGE);
    const { world, reader, tick } = shown([[EDGE - 1, EDGE - 1]], from);
    for (let n = 0; n < 8; n++) {
      const slot = world.slotOf(1);
      world.moveTo(slot, Math.min(EDGE, (world.xs[slot] as number) + 0.3125), (world.ys[slot] as number) - 0.0625);
      tick();
      expect([reader.entities.get("x", 1), reader.entities.get("y", 1)]).toEqual([world.get("x", 1), world.get("y", 1)]);
    }
  });

  test("[S10] a reader keeps places within the edge, whatever it is told", () => {
    const { world, reader, tick } = shown([[8, 8]]);
    step(world, 1, 3, -3);
    tick();
    reader.apply(composeSnapshot(Number.MAX_SAFE_INTEGER, []));
    expect([reader.entities.get("x", 1), reader.entities.get("y", 1)]).toEqual([EDGE, -EDGE]);
  });

  test("[S10] a jump is not a step: nobody is shown going on like that", () => {
    const { world, reader, tick } = shown([[1, 1]]);
    step(world, 1, 9, 0);
    tick();
    expect(reader.entities.get("x", 1)).toBe(10);
    expect(tick()).toBe(0);
    expect(reader.entities.get("x", 1)).toBe(10);
  });
});
