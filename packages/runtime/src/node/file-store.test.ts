import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { fileStore, keptValue } from "./file-store.ts";

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-keys-"));
  folders.push(folder);
  return join(folder, "keys");
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

it("keeps, replaces and deletes values, readable by the owner alone, with nothing left beside them", async () => {
  const folder = newFolder();
  const store = fileStore(folder);
  expect(await store.get("world.key")).toBeUndefined();
  await store.set("world.key", Uint8Array.of(1, 2, 3));
  await store.set("world.key", Uint8Array.of(4));
  expect(await fileStore(folder).get("world.key")).toEqual(Uint8Array.of(4));
  expect(statSync(join(folder, "world.key")).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["world.key"]);
  await store.delete("world.key");
  expect(await store.get("world.key")).toBeUndefined();
});

it("takes no key that leads out of its folder", async () => {
  const store = fileStore(newFolder());
  for (const key of ["../secret", "a/b", "", ".hidden", "A", "x".repeat(200)]) await expect(store.get(key)).rejects.toThrow("no store key");
});

it("makes a value once, whoever asks first", async () => {
  const folder = newFolder();
  let made = 0;
  const asked = await Promise.all(Array.from({ length: 8 }, () => keptValue(folder, "world.key", () => Uint8Array.of(++made))));
  expect(new Set(asked.map((value) => value[0])).size).toBe(1);
  expect(readdirSync(folder)).toEqual(["world.key"]);
});
