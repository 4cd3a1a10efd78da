// Taking in and drawing what hundreds do makes no garbage for each of them.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CellEncoder, cellAt, ENTITY_FLAGS, EntityColumns, FIELD, fieldTable, type Manifest, ViewFrames } from "@sojourn/protocol";
import { expect, test } from "vitest";
import { Scene } from "./scene.ts";

const COMPONENTS: Manifest["components"] = [
  { name: "lit", type: "bool" },
  { name: "power", type: "f32" },
];
const TICKS = 200;
const PASSES = 10;

const manifest: Manifest = {
  world: "",
  name: "",
  about: "",
  substrate: "",
  allowedItems: [],
  physics: { tickHz: 20, speed: 5, bodyWidth: 0.6, bodyHeight: 0.5, reach: 2, chatRange: 10, viewRadius: 40 },
  assets: [],
  archive: "terrain",
  archiveDelayMs: 0,
  customs: [],
  components: COMPONENTS,
  entityKinds: [{ kind: "traveller", title: "", sprite: "traveller", solid: false, width: 0.6, height: 0.5 }],
  itemKinds: [],
  portals: [],
  gateways: [],
};

/** Frames of a world in which so many walk in circles. */
function* circling(count: number): Generator<readonly Uint8Array[]> {
  const columns = new EntityColumns(fieldTable(COMPONENTS));
  const views = new ViewFrames(new CellEncoder(columns), manifest.physics.viewRadius);
  const from = cellAt(0, 0);
  for (let id = 1; id <= count; id++) {
    const slot = columns.spawn(id);
    columns.write(FIELD.name, slot, `walker ${id}`);
    columns.write(FIELD.flags, slot, ENTITY_FLAGS.traveller | ENTITY_FLAGS.walking);
  }
  for (let tick = 1; ; tick++) {
    for (let id = 1; id <= count; id++) {
      const way = tick / 12 + id;
      const x = ((id * 37) % 60) - 30 + 3 * Math.cos(way);
      const y = ((id * 61) % 60) - 30 + 3 * Math.sin(way);
      columns.moveTo(columns.slotOf(id), Math.round(x * 256) / 256, Math.round(y * 256) / 256);
    }
    views.closeTick(tick);
    yield views.frames(tick === 1 ? undefined : from, from).map((frame) => frame.slice());
  }
}

/** Bytes that taking in a tick and drawing it three times leaves on the heap, once the code has warmed up. */
function bytesPerTick(count: number, gc: () => void): number {
  const scene = new Scene(manifest);
  const world = circling(count);
  // The first frame is a fresh one: the same ticks can be taken in again.
  const ticks = Array.from({ length: TICKS }, () => world.next().value as readonly Uint8Array[]);
  let least = Number.POSITIVE_INFINITY;
  let nowMs = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    gc();
    const before = process.memoryUsage().heapUsed;
    for (const frames of ticks) {
      for (const frame of frames) if (!scene.snapshot(frame, nowMs).ok) throw new Error("a frame of our own is malformed");
      for (let i = 0; i < 3; i++) scene.frame(nowMs + i * 16, false);
      nowMs += 50;
    }
    const made = (process.memoryUsage().heapUsed - before) / TICKS;
    // Less than nothing: a collection came in between.
    if (made > 0) least = Math.min(least, made);
  }
  return least;
}

test("a tick of five hundred walkers, drawn three times, makes hardly more garbage than one of fifty", () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const few = bytesPerTick(50, gc);
  const many = bytesPerTick(500, gc);
  // A number on the heap for each entity in each drawn frame would be 36 bytes and more.
  expect((many - few) / 450).toBeLessThan(30);
  expect(few).toBeLessThan(8_000);
}, 60_000);
