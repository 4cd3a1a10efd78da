// A visitor in real worlds, as an author would write one: walking, talking, being a ghost, coming back, and what is fetched of it all.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EnterOptions, enter, type LoadProgress, type Visitor } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { ENTITY_FLAGS } from "@sojourn/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startBoth, type WorldProcess } from "./two-worlds.ts";

let near: WorldProcess;
let worlds: Awaited<ReturnType<typeof startBoth>>;
let folder: string;
const visitors: Visitor[] = [];

beforeAll(async () => {
  worlds = await startBoth();
  near = worlds.near;
  folder = await mkdtemp(join(tmpdir(), "sojourn-visit-"));
});
afterEach(async () => {
  for (const visitor of visitors.splice(0)) await visitor.leave();
});
afterAll(async () => {
  await near?.kill();
  await worlds?.end();
  await rm(folder, { recursive: true, force: true });
});

async function until(what: () => boolean, withinMs = 10_000): Promise<void> {
  await vi.waitFor(() => expect(what()).toBe(true), { timeout: withinMs, interval: 5 });
}

async function live(name: string, options: Partial<EnterOptions> = {}): Promise<Visitor> {
  const visitor = enter(near.url, { name, ...nodeTraveller(join(folder, name)), ...options });
  visitors.push(visitor);
  await until(() => visitor.state === "LIVE");
  return visitor;
}

/** The last word on each load since now. */
function loads(visitor: Visitor): LoadProgress[] {
  const done: LoadProgress[] = [];
  visitor.on("progress", (progress) => {
    if (progress.done) done.push(progress);
  });
  return done;
}

const fetched = (done: readonly LoadProgress[]): number => done.reduce((sum, load) => sum + load.blocksDone - load.blocksCached, 0);

describe("a visitor in a real world", () => {
  test("walks without a correction, is seen and heard by another, and keeps what it was born with", async () => {
    const ada = await live("ada");
    const bob = await live("bob");
    expect(ada.items.map(({ kind }) => kind).sort()).toEqual(["ale", "crate", "torch"]);
    const heard: string[] = [];
    bob.on("say", ({ name, text }) => heard.push(`${name}: ${text}`));
    ada.chat("Hello?");
    await until(() => heard.length === 1);
    expect(heard).toEqual(["ada: Hello?"]);
    const from = ada.me?.x ?? 0;
    ada.walk(1, 0.2);
    const entity = ada.me?.entity;
    await until(() => bob.frame().entities.some(({ id, flags }) => id === entity && (flags & ENTITY_FLAGS.walking) !== 0));
    await until(() => (ada.me?.x ?? 0) > from + 3);
    ada.walk(0, 0);
    await until(() => bob.frame().entities.some(({ id, flags }) => id === entity && (flags & ENTITY_FLAGS.walking) === 0));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(ada.stats.largestCorrection).toBe(0);
    const seen = bob.frame().entities.find(({ id }) => id === ada.me?.entity);
    expect(seen?.name).toBe("ada");
    expect([seen?.x, seen?.y]).toEqual([ada.me?.x, ada.me?.y]);
    expect(bob.frame().me?.id).toBe(bob.me?.entity);
  });

  test("a wall stops the prediction where it stops the world", async () => {
    const ada = await live("ada");
    ada.walk(1, -1);
    await until(() => (ada.me?.y ?? 99) < 1);
    ada.walk(1, 0);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    ada.walk(0, 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(ada.me?.x).toBeLessThan(10);
    expect(ada.stats.largestCorrection).toBe(0);
  });

  test("a second visit fetches nothing", async () => {
    const first = await live("eve");
    await first.leave();
    const again = enter(near.url, { name: "eve", ...nodeTraveller(join(folder, "eve")) });
    visitors.push(again);
    const done = loads(again);
    await until(() => again.state === "LIVE");
    expect(done.length).toBeGreaterThan(0);
    expect(fetched(done)).toBe(0);
    expect(done[0]?.blocksCached).toBeGreaterThan(1);
  });

  test("a flipped byte in the cache is noticed, fetched anew and mended", async () => {
    const first = await live("mal");
    await first.leave();
    const blocks = join(folder, "mal", "blocks");
    const files = (await readdir(blocks, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      const bytes = await readFile(path);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      await writeFile(path, bytes);
    }
    const again = enter(near.url, { name: "mal", ...nodeTraveller(join(folder, "mal")) });
    visitors.push(again);
    const done = loads(again);
    await until(() => again.state === "LIVE");
    expect(fetched(done)).toBe(files.length);
    await again.leave();
    const third = enter(near.url, { name: "mal", ...nodeTraveller(join(folder, "mal")) });
    visitors.push(third);
    const last = loads(third);
    await until(() => third.state === "LIVE");
    expect(fetched(last)).toBe(0);
  });

  test("a placed thing is of the substrate's next version, for everybody and while one plays on", async () => {
    const pam = await live("pam");
    const bob = await live("bob");
    const crate = pam.items.find(({ kind }) => kind === "crate");
    const root = bob.substrate?.version.root;
    const { x, y } = pam.me ?? { x: 0, y: 0 };
    pam.place(crate?.id ?? "", x + 1, y + 1);
    await until(() => !pam.items.some(({ kind }) => kind === "crate"));
    await until(() => bob.substrate?.version.root !== root, 20_000);
    expect(bob.substrate?.objectsNear(x + 1, y + 1, 1).map(({ kind }) => kind)).toEqual(["crate"]);
    expect(bob.state).toBe("LIVE");
  });

  test("the authority is killed: ghost within five seconds, one walks, nothing is done; it is back: live by itself, nothing fetched", async () => {
    const ada = await live("ada");
    const placed = ada.substrate?.version.root;
    const killedMs = performance.now();
    await near.kill();
    await until(() => ada.state === "GHOST", 5_000);
    expect(performance.now() - killedMs).toBeLessThan(5_000);
    const y = ada.me?.y ?? 0;
    ada.walk(0, y > 6 ? -1 : 1);
    await until(() => Math.abs((ada.me?.y ?? 0) - y) > 1);
    ada.walk(0, 0);
    const refused: string[] = [];
    ada.on("reject", ({ intent }) => refused.push(intent?.kind ?? ""));
    ada.chat("anybody?");
    expect(refused).toEqual(["chat"]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(ada.ghost?.ageMs).toBeGreaterThan(1_000);
    const done = loads(ada);
    near = await near.restart();
    await until(() => ada.state === "LIVE", 15_000);
    await until(() => ada.me?.y !== undefined && Math.abs(ada.me.y - y) < 0.5);
    expect(fetched(done)).toBe(0);
    expect(ada.substrate?.version.root).toBe(placed);
    expect(ada.frame().entities.filter(({ name }) => name === "ada")).toHaveLength(1);
    expect(ada.items.map(({ kind }) => kind).sort()).toEqual(["ale", "crate", "torch"]);
  });
});
