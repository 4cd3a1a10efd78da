import { blockStoreRules } from "@sojourn/testkit";
import { describe, test } from "vitest";
import { memoryStore } from "./memory.ts";

describe("the memory store", () => {
  for (const rule of blockStoreRules) test(rule.title, () => rule.check({ open: (seed) => memoryStore("memory", seed) }));
});
