// `sojourn dev` as an author uses it: a process that serves a map, two visitors in it, and the map on the disk drawn on.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { enter, type LoadProgress, type Visitor } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const COMMAND = fileURLToPath(new URL("../../../apps/cli/src/main.ts", import.meta.url));
const GARDEN = fileURLToPath(new URL("../../../examples/my-world/", import.meta.url));
let folder: string;
let world: ChildProcess;
let url = "";
const logged: { readonly [name: string]: unknown }[] = [];
const visitors: Visitor[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sojourn-dev-"));
  await cp(GARDEN, folder, { recursive: true });
  const args = ["dev", "garden.ts", "--data", "data", "--port", "0", "--no-web", "--json"];
  world = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  createInterface({ input: world.stderr as NodeJS.ReadableStream }).on("line", (line) => {
    if (line.startsWith("{")) logged.push(JSON.parse(line));
  });
  const [line] = (await once(createInterface({ input: world.stdout as NodeJS.ReadableStream }), "line")) as [string];
  url = (JSON.parse(line) as { url: string }).url;
});
afterAll(async () => {
  for (const visitor of visitors) await visitor.leave();
  const ended = once(world, "close");
  world.kill("SIGTERM");
  await ended;
  await rm(folder, { recursive: true, force: true });
});

const until = (what: () => boolean): Promise<void> => vi.waitFor(() => expect(what()).toBe(true), { timeout: 15_000, interval: 10 });
const said = (event: string): number => logged.filter((line) => line.event === event).length;

async function live(name: string): Promise<{ visitor: Visitor; states: string[]; loads: LoadProgress[] }> {
  const visitor = enter(url, { name, ...nodeTraveller(join(folder, name)) });
  visitors.push(visitor);
  await until(() => visitor.state === "LIVE");
  const seen = { visitor, states: [] as string[], loads: [] as LoadProgress[] };
  visitor.on("state", (state) => seen.states.push(state));
  visitor.on("progress", (progress) => void (progress.done && seen.loads.push(progress)));
  return seen;
}

/** Saves as editors do: written beside, then put in its place. */
async function save(name: string, text: string): Promise<void> {
  await writeFile(join(folder, `${name}.new`), text);
  await rename(join(folder, `${name}.new`), join(folder, name));
}

test("a map that is saved is seen by everybody in it, by the blocks that changed alone; a broken one changes nothing", async () => {
  const both = [await live("Ada"), await live("Bob")];
  const first = both[0]?.visitor.substrate?.version.root;
  const blocks = both[0]?.visitor.substrate?.version.blocks ?? 0;
  const map = await readFile(join(folder, "garden.tmj"), "utf8");
  const drawn = JSON.parse(map);
  drawn.layers.find((layer: { type: string; data: number[] }) => layer.type === "tilelayer").data[0] ^= 0x8000_0000;
  drawn.layers.find((layer: { type: string; data: number[] }) => layer.type === "tilelayer").data[0] >>>= 0;
  await save("garden.tmj", JSON.stringify(drawn));
  await until(() => both.every(({ visitor }) => visitor.substrate?.version.root !== first));
  const second = both[0]?.visitor.substrate?.version.root;
  expect(both[1]?.visitor.substrate?.version.root).toBe(second);
  for (const { states, loads } of both) {
    expect(states).toEqual([]);
    const [load] = loads;
    // One chunk, the index above it, the root: a turned tile changes nothing else.
    expect((load?.blocksDone ?? 0) - (load?.blocksCached ?? 0)).toBeLessThanOrEqual(4);
    expect(load?.blocksTotal).toBe(blocks);
  }
  await save("garden.tmj", map.slice(0, 2_000));
  await until(() => said("map not taken") === 1);
  expect(logged.find((line) => line.event === "map not taken")?.detail).toMatch(/^garden\.tmj: it is no well-formed JSON/);
  expect(both.map(({ visitor }) => [visitor.state, visitor.substrate?.version.root])).toEqual([
    ["LIVE", second],
    ["LIVE", second],
  ]);
  await save("garden.tmj", map);
  await until(() => both.every(({ visitor }) => visitor.substrate?.version.root === first));
  expect(both.map(({ states }) => states)).toEqual([[], []]);
});

test("code that changes is begun with anew on the same port, and visitors come back; code that does not load changes nothing", async () => {
  const { visitor, states } = await live("Cy");
  const code = await readFile(join(folder, "garden.ts"), "utf8");
  await save("garden.ts", `${code}\nconst a = { b: ;`);
  await until(() => said("code not taken") === 1);
  expect(logged.find((line) => line.event === "code not taken")?.detail).toMatch(/garden\.ts: it cannot be loaded: SyntaxError/);
  expect([visitor.state, states]).toEqual(["LIVE", []]);
  await save("garden.ts", code.replace("The Garden", "The other Garden"));
  await until(() => states.includes("GHOST") && visitor.state === "LIVE");
  expect(visitor.manifest?.name).toBe("The other Garden");
  expect(said("world open")).toBe(2);
});
