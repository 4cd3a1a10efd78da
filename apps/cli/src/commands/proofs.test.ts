// What others show as a proof, checked as an operator would: by its signatures alone, in a process of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { sojourn } from "../fixtures/command.ts";

const home = mkdtempSync(join(tmpdir(), "sojourn-proofs-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const vectors = JSON.parse(readFileSync(new URL("../../../../vectors/passport/papers.json", import.meta.url), "utf8")) as {
  readonly proofs: readonly { readonly first: string; readonly second: string; readonly isProof: boolean }[];
};

it("[E8] verifies a double spend offline, and says of anything else that it proves nothing", { timeout: 60_000 }, async () => {
  const file = join(home, "proof.json");
  for (const { first, second, isProof } of vectors.proofs) {
    writeFileSync(file, JSON.stringify({ proofs: [{ first, second }] }));
    const { code, last } = await sojourn(["proofs", "verify", file, "--json"], { cwd: home });
    expect([code, last.verified, last.fault !== undefined]).toEqual(isProof ? [0, 1, false] : [1, undefined, true]);
  }
  writeFileSync(file, "{");
  expect((await sojourn(["proofs", "verify", file, "--json"], { cwd: home })).last.fault?.detail).toMatch(/holds no proof/);
});
