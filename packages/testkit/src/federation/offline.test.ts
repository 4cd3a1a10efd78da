// I14: a run is its seed's alone, and what it said stands by itself. Every message signed in a run with real keys is written out and read
// again by somebody else's implementation, with nothing but the file: the key that its header names, and who says that key may sign.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { keysFromSecret } from "@sojourn/passport";
import { nodeNotary } from "@sojourn/passport/node";
import type { Notary } from "@sojourn/protocol";
import { compactVerify, decodeProtectedHeader, importJWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planRun, runFederation } from "./run.ts";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** The 32 bytes in a did:key of Ed25519, read here without the room that writes them. */
function keyIn(did: string): string {
  let n = 0n;
  for (const letter of did.slice("did:key:z".length)) n = n * 58n + BigInt(BASE58.indexOf(letter));
  const bytes = Buffer.from(n.toString(16).padStart(68, "0"), "hex");
  expect([...bytes.subarray(0, 2)]).toEqual([0xed, 0x01]);
  return bytes.subarray(2).toString("base64url");
}

interface Said {
  readonly typ: string;
  readonly kid: string;
  readonly iss: string;
  readonly payload: { readonly keys?: readonly { readonly key: string }[]; readonly transfer?: string };
}

async function verify(token: string): Promise<Said> {
  const { kid, typ } = decodeProtectedHeader(token);
  if (kid === undefined || typ === undefined) throw new Error("a header names its key and its typ");
  const { payload } = await compactVerify(token, await importJWK({ kty: "OKP", crv: "Ed25519", x: keyIn(kid) }, "EdDSA"), {
    algorithms: ["EdDSA"],
  });
  const claims = JSON.parse(new TextDecoder().decode(payload));
  return { typ, kid, iss: claims.iss, payload: claims };
}

describe("what a run said (I14)", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sojourn-said-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is verified from the file alone, each message by a key that its issuer lists", { timeout: 180_000 }, async () => {
    const said: string[] = [];
    const heard = (notary: Notary): Notary => ({
      ...notary,
      sign(claims) {
        const token = notary.sign(claims);
        said.push(token);
        return token;
      },
    });
    const secrets = [1, 2, 3, 4].map((n) => new Uint8Array(32).fill(n));
    const notaryOf = (world: string, index: number, key: number): Notary =>
      heard(key === 0 ? nodeNotary(secrets[index]!) : nodeNotary(new Uint8Array(32).fill(index).fill(key % 251, 0, 8), world));
    const worldIds = secrets.map((secret) => nodeNotary(secret).world);
    const travellerIds = Array.from({ length: 40 }, (_, i) => keysFromSecret(new Uint8Array(32).fill(100 + i)).id);
    const rogue = nodeNotary(new Uint8Array(32).fill(9));
    // Whoever steals keys signs too, and what they say is no world's word.
    const outcome = runFederation(planRun(3, 200, { without: ["thefts", "floods"] }), {
      notaries: { worldIds, travellerIds, notaryOf, rogue },
    });
    expect(outcome.failure).toBeUndefined();
    expect(outcome).toMatchObject({ lost: 0, duplicated: 0, unresolved: 0 });

    const file = join(folder, "said.txt");
    await writeFile(file, said.join("\n"));
    const messages: Said[] = [];
    for (const line of new Set((await readFile(file, "utf8")).split("\n"))) messages.push(await verify(line));
    const listed = new Set(
      messages.flatMap(({ typ, iss, payload }) => (typ === "sojourn-keys+jws" ? payload.keys!.map(({ key }) => `${iss} ${key}`) : [])),
    );
    for (const { kid, iss, typ } of messages) {
      expect(worldIds).toContain(iss);
      if (typ === "sojourn-keys+jws") expect(kid).toBe(iss);
      else expect(kid === iss || listed.has(`${iss} ${kid}`)).toBe(true);
    }
    const counts = Object.groupBy(messages, ({ typ }) => typ);
    for (const typ of ["offer-request", "offer", "passport", "receipt", "refusal", "status", "close"])
      expect(counts[`sojourn-${typ}+jws`]?.length, typ).toBeGreaterThan(0);
    expect(counts["sojourn-passport+jws"]!.length).toBeGreaterThanOrEqual(outcome.transfers);
  });

  it("changed in any one letter is not verified", async () => {
    const token = nodeNotary(new Uint8Array(32).fill(1)).sign({
      ...{ typ: "status", iss: nodeNotary(new Uint8Array(32).fill(1)).world, aud: nodeNotary(new Uint8Array(32).fill(2)).world, iat: 1 },
      transfer: `1@${nodeNotary(new Uint8Array(32).fill(1)).world}`,
    } as never);
    await expect(verify(token)).resolves.toMatchObject({ typ: "sojourn-status+jws" });
    const at = token.indexOf(".") + 20;
    const changed = `${token.slice(0, at)}${token[at] === "a" ? "b" : "a"}${token.slice(at + 1)}`;
    await expect(verify(changed)).rejects.toThrow();
  });
});

describe("a seed (I14)", () => {
  it("gives the same hash in every process and on any number of threads", { timeout: 180_000 }, async () => {
    const main = fileURLToPath(new URL("main.ts", import.meta.url));
    const hashOf = async (threads: string): Promise<string> => {
      const args = [main, "--seed", "5", "--transfers", "300", "--threads", threads, "--json"];
      const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: { stdout: string }) => error);
      return JSON.parse(stdout.trim().split("\n").at(-1) ?? "").traceHash;
    };
    const hashes = [await hashOf("1"), await hashOf("2")];
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
  });
});
