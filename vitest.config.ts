// How the tests are run. `unit` is quick and runs side by side; `real` starts real processes and a real Chromium,
// so it runs one file at a time and is given minutes, not seconds.
import { defineConfig } from "vitest/config";
import { findChromium } from "./tools/chromium.ts";

const IGNORED = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  test: {
    teardownTimeout: 30_000,
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
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          name: "real",
          environment: "node",
          include: ["packages/testkit/real/**/*.test.ts"],
          exclude: IGNORED,
          // The browser that real tests start; empty when this machine has none, and then they are passed over.
          env: { CHROMIUM: findChromium() ?? "" },
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
