import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderReplica } from "@sojourn/substrate/node";
import { afterAll, describe, expect, test } from "vitest";
import { headStoreRules } from "../head-store-contract.ts";
import { crashPlace } from "./crash-places.ts";
import { crashEverywhere } from "./crashes.ts";
import { memoryHeads, memoryReplica } from "./memory-replica.ts";

const folder = await mkdtemp(join(tmpdir(), "sojourn-publish-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("heads in memory", () => {
  for (const rule of headStoreRules) test(rule.title, () => rule.check({ open: () => memoryHeads(), again: (store) => store }));
});

test("[N10] [N11] a crash at every step of publishing leaves a head that names a complete version: memory", async () => {
  const replica = memoryReplica();
  const outcome = await crashEverywhere({ kind: "memory", open: () => replica }, 70, 1);
  expect(outcome).toMatchObject({ crashes: 70, wrong: [] });
  expect(outcome.published).toBeGreaterThan(2);
});

test("[N10] [N11] a crash at every step of publishing leaves a head that names a complete version: folder", async () => {
  const outcome = await crashEverywhere({ kind: "folder", open: (step) => folderReplica(folder, { step }) }, 40, 2);
  expect(outcome).toMatchObject({ crashes: 40, wrong: [] });
});

test("[N10] [N11] a crash at every step of a neighbour's copying leaves a head that names a complete version: mesh", async () => {
  const { place, close } = await crashPlace("mesh");
  const outcome = await crashEverywhere(place, 16, 3).finally(close);
  expect(outcome).toMatchObject({ crashes: 16, wrong: [] });
});
