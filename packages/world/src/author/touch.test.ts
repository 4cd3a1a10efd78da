import { afterEach, beforeEach, expect, it } from "vitest";
import { RawVisitor, until } from "../fixtures/raw-visitor.ts";
import { TestWorlds } from "../fixtures/test-worlds.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

const MATS = 24;
const TICKS = 80;
const BODY = 0.75;
const MAT = 2;
const TOUCH = 0.05;

it("a thing is told once of each who begins to touch it, however both come and go", async () => {
  const wrong: string[] = [];
  let told: string[] = [];
  let before = new Set<string>();
  let ticks = 0;
  let touches = 0;
  const world = await worlds.open("a", {
    physics: { speed: 10, tickHz: 60, bodyWidth: BODY, bodyHeight: BODY },
    things: {
      mat: {
        title: "Mat",
        sprite: "",
        width: MAT,
        height: MAT,
        onTouch: (ctx) => void told.push(`${ctx.traveller.name} ${ctx.target.id}`),
      },
      rug: { title: "Rug", sprite: "", width: MAT, height: MAT },
    },
    onStart(ctx) {
      for (let n = 0; n < MATS; n++) ctx.spawn(n % 4 === 3 ? "rug" : "mat", { x: 3 + 34 * ctx.random(), y: 3 + 24 * ctx.random() });
    },
    onTick(ctx) {
      const mats = ctx.entities("mat");
      const travellers = ctx.travellers();
      if (travellers.length < 2) {
        told = [];
        return;
      }
      // Nothing has moved since it was looked who touches what.
      const now = new Set<string>();
      for (const { name, x, y } of travellers) {
        for (const mat of mats) {
          const gap = Math.max(Math.abs(x - mat.x), Math.abs(y - mat.y)) - (BODY + MAT) / 2;
          if (gap <= TOUCH) now.add(`${name} ${mat.id}`);
        }
      }
      const wanted = [...now].filter((one) => !before.has(one)).sort();
      if (ticks > 0 && wanted.join() !== [...told].sort().join()) wrong.push(`tick ${ticks}: told ${told.join()}, not ${wanted.join()}`);
      touches += wanted.length;
      before = now;
      told = [];
      ticks += 1;
      const somewhere = { x: 3 + 34 * ctx.random(), y: 3 + 24 * ctx.random() };
      for (const traveller of travellers) if (ctx.random() < 0.5) traveller.moveTo(ctx.random() < 0.3 ? somewhere : (mats[0] ?? somewhere));
      for (const mat of mats) if (ctx.random() < 0.1) mat.moveTo({ x: 3 + 34 * ctx.random(), y: 3 + 24 * ctx.random() });
      if (ctx.random() < 0.1) mats.at(-1)?.despawn();
      if (ctx.random() < 0.1) ctx.spawn("mat", somewhere);
    },
  });
  await Promise.all([RawVisitor.enter(world.wsUrl, "Ada"), RawVisitor.enter(world.wsUrl, "Bob")]);
  await until("many ticks", () => ticks > TICKS);
  expect(wrong).toEqual([]);
  expect(touches).toBeGreaterThan(10);
}, 60_000);
