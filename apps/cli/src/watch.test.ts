import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { watchFiles } from "./watch.ts";

const home = mkdtempSync(join(tmpdir(), "sojourn-watch-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it("tells what changed once it has come to rest, however it was saved, and whatever the listener does", async () => {
  const [map, art, gone] = ["map.tmj", "art.png", "later.tsj"].map((name) => join(home, name)) as [string, string, string];
  for (const file of [map, art]) writeFileSync(file, "1");
  const told: string[][] = [];
  const problems: string[] = [];
  const watch = watchFiles(
    async (files) => {
      told.push(files.map((file) => basename(file)));
      if (told.length === 2) throw new Error("the listener failed");
    },
    (problem) => problems.push(problem),
  );
  await watch.follow([map, art, gone]);
  const until = (count: number): Promise<void> => vi.waitFor(() => expect(told.length).toBe(count), { timeout: 8_000, interval: 20 });
  writeFileSync(map, "22");
  await until(1);
  // Written anew beside the old one, and one that was not there yet.
  writeFileSync(`${art}.new`, "1");
  renameSync(`${art}.new`, art);
  writeFileSync(gone, "3");
  await until(2);
  rmSync(gone);
  await until(3);
  watch.stop();
  expect(told).toEqual([["map.tmj"], ["art.png", "later.tsj"], ["later.tsj"]]);
  expect(problems).toEqual(["the listener failed"]);
});
