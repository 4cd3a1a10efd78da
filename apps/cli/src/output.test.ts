import { fileURLToPath } from "node:url";
import { makeBlock, memoryStore } from "@sojourn/substrate";
import { describe, expect, it } from "vitest";
import { plain } from "./output.ts";
import { metered } from "./source.ts";
import { isAuthors } from "./strays.ts";

describe("what strangers named", () => {
  it("steers no terminal and turns no text around", () => {
    expect(plain("a\u001b[2Jb\r\u202ec\u0007\nd\u2028é😀")).toBe("a�[2Jb��c�\nd�é😀");
  });
});

describe("a stranger's world", () => {
  it("is looked at up to so many bytes and no further", async () => {
    const blocks = await Promise.all([1, 2, 3].map((n) => makeBlock("raw", new Uint8Array(100).fill(n))));
    const store = metered(memoryStore("stranger", blocks), 150);
    const codes: string[] = [];
    for (const { cid } of blocks) codes.push(await store.get(cid).then((got) => (got.ok ? "ok" : got.fault.code)));
    expect(codes).toEqual(["ok", "ok", "oversized"]);
  });
});

describe("what nobody caught", () => {
  const ours = fileURLToPath(new URL("../../../packages/world/src/author/facade.ts", import.meta.url));
  it.each([
    ["the author's own line", "Error: x\n    at f (file:///srv/eve/town/world.ts:3:1)", true],
    ["a moment kept for later", `Error: over\n    at Era.check (file://${ours}:30:1)\n    at f (file:///srv/eve/town/world.ts:3:1)`, true],
    ["a failure of the platform", "TypeError: fetch failed\n    at node:internal/deps/undici/undici:1:2", true],
    ["ours", `Error: x\n    at f (file://${ours}:30:1)\n    at node:internal/timers:1:2`, false],
  ])("%s", (_name, stack, expected) => {
    expect(isAuthors(stack, "/srv/eve/town")).toBe(expected);
  });
});
