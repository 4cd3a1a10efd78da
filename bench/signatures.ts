// What a signed message costs: Ed25519 and whole tokens, by the pure implementation and by Node's own.
import process from "node:process";
import { keysFromSecret, openToken, pureEd25519, worldNotary } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import type { Passport } from "@sojourn/protocol";
import type { Command } from "./command.ts";
import { provenance } from "./machine.ts";
import { table } from "./progress.ts";
import { keepResult } from "./results.ts";

const ROUND_MS = 1_000;
const secret = new Uint8Array(32).fill(1);
const message = new Uint8Array(2_000).fill(7);

/** Microseconds for one run, over about a second, after a warm-up. */
function cost(run: () => void): number {
  for (let i = 0; i < 50; i++) run();
  const startMs = performance.now();
  let runs = 0;
  while (performance.now() - startMs < ROUND_MS) {
    run();
    runs += 1;
  }
  return Math.round(((performance.now() - startMs) * 1_000) / runs);
}

const world = worldNotary(secret).world;
const items = Array.from({ length: 8 }, (_, i) => ({ id: `${i}@${world}`, kind: "torch", props: { charge: i }, hop: 1, contents: [] }));
const passport: Passport = {
  ...{ typ: "passport", iss: world, aud: world, iat: 1, exp: 2, transfer: `1@${world}`, epoch: 0 },
  ...{
    traveller: keysFromSecret(secret).id,
    name: "Ada",
    home: world,
    hop: 1,
    body: { health: 1, props: {} },
    items,
    offer: "x".repeat(2_000),
  },
};
const token = worldNotary(secret).sign(passport);

/** Microseconds of each step, by the pure implementation and by Node's own. */
export function signatureCosts(): { readonly [implementation: string]: { readonly [step: string]: number } } {
  return Object.fromEntries(
    Object.entries({ pure: pureEd25519, node: nodeEd25519 }).map(([name, ed25519]) => {
      const publicKey = ed25519.publicKey(secret);
      const signature = ed25519.sign(message, secret);
      const notary = worldNotary(secret, ed25519);
      return [
        name,
        {
          signUs: cost(() => ed25519.sign(message, secret)),
          verifyUs: cost(() => ed25519.verify(signature, message, publicKey)),
          signPassportUs: cost(() => notary.sign(passport)),
          openPassportUs: cost(() => openToken(token, ed25519)),
        },
      ];
    }),
  );
}

export const signatures: Command = {
  name: "signatures",
  about: "what signing and checking costs: Ed25519 and whole passports, pure and by Node's own",
  options: {},
  more: ["Microseconds of wall time for one step, over about a second each."],
  run: async (values, isJson, commandLine) => {
    const costs = signatureCosts();
    if (!isJson) {
      const rows = Object.entries(costs).map(([implementation, steps]) => ({ implementation, ...steps }));
      process.stdout.write(`${table(rows, ["implementation", "signUs", "verifyUs", "signPassportUs", "openPassportUs"])}\n`);
    }
    const result = { ...provenance(commandLine), passportBytes: token.length, ...costs };
    if (values.keep === true) keepResult("signatures", result);
    return result;
  },
};
