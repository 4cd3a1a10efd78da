// The rules of worlds' keys, each broken once: see mutants.ts.
import { type ListedKey, type Notary, stepBorder } from "@sojourn/protocol";
import { type Machines, REAL_MACHINES } from "./machines.ts";
import type { Mutant } from "./mutants.ts";

type Step = Parameters<Machines["stepBorder"]>;

/** Is told something else. */
function told(rule: string, change: (...step: Step) => Step): Mutant {
  return { rule, machines: { ...REAL_MACHINES, stepBorder: (...step) => stepBorder(...change(...step)) } };
}

function withKeys(custody: Step[0], see: (key: ListedKey) => ListedKey): Step[0] {
  const keys = [...custody.keys].map(([world, known]) => [world, { ...known, keys: known.keys.map(see) }] as const);
  return { ...custody, keys: new Map(keys) };
}

export const KEY_MUTANTS: { readonly [name: string]: Mutant } = {
  "lets a revoked key count": told("P13", (custody, ...rest) => [withKeys(custody, ({ key }) => ({ key })), ...rest]),
  "takes an older statement": told("P11", (custody, desk, input, now, context) => {
    const read = input.in === "token" ? context.notary.read(input.token) : undefined;
    const isStatement = read?.ok === true && read.value.claims.typ === "keys";
    return [isStatement ? { ...custody, keys: new Map() } : custody, desk, input, now, context];
  }),
  "takes any key for the issuer's": told("P12", (custody, desk, input, now, context) => {
    const speaking = (iss: string): string => custody.keys.get(iss)?.keys[0]?.key ?? iss;
    const read: Notary["read"] = (token) => {
      const opened = context.notary.read(token);
      return opened.ok ? { ok: true, value: { ...opened.value, kid: speaking(opened.value.claims.iss) } } : opened;
    };
    return [custody, desk, input, now, { ...context, notary: { ...context.notary, read } }];
  }),
};
