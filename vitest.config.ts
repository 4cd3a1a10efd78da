// How the tests are run. `unit` is quick and runs side by side; `real` starts real processes and a real Chromium,
// so it runs one file at a time and is given minutes, not seconds. Law: a test leaves nothing behind in its process, for the next file of
// `unit` runs in the same one (modules loaded, functions compiled): that halves what the suite costs.
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { findChromium } from "./tools/chromium.ts";
import { LongestFirst } from "./tools/longest-first.ts";

// Where the processes that tests start find what another one has stripped of its types and compiled: they start in half of the time.
const NODE_COMPILE_CACHE = join(import.meta.dirname, "dist", "compile-cache");
const IGNORED = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  test: {
    teardownTimeout: 30_000,
    // Every core: left to itself, Vitest keeps one free, and on a machine of two runs one file at a time.
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/src/**/*.test.ts",
            "worlds/**/*.test.ts",
            "tools/**/*.test.ts",
            "model/**/*.test.ts",
            "bench/**/*.test.ts",
            "examples/**/*.test.ts",
          ],
          exclude: IGNORED,
          isolate: false,
          env: { NODE_COMPILE_CACHE },
          // Far more than any takes: what fails a test is what it sees, not how busy the machine is.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "real",
          environment: "node",
          include: ["packages/testkit/real/**/*.test.ts"],
          exclude: IGNORED,
          // The browser that real tests start; empty when this machine has none, and then they are passed over.
          env: { CHROMIUM: findChromium() ?? "", NODE_COMPILE_CACHE },
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // What a page shows is waited for as long as a busy machine may take; left to itself, Vitest gives it one second.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
