// The rules of item tiers, each broken once: see mutants.ts.
import { stepBorder } from "@sojourn/protocol";
import { type Machines, REAL_MACHINES } from "./machines.ts";
import type { Mutant } from "./mutants.ts";

function mutant(rule: string, changes: Partial<Machines>): Mutant {
  return { rule, machines: { ...REAL_MACHINES, ...changes } };
}

export const TIER_MUTANTS: { readonly [name: string]: Mutant } = {
  "passes a quota by two offers": mutant("I13", {
    stepBorder: (custody, desk, ...step) => {
      for (const [traveller, held] of desk.offers) desk.offers.set(traveller, { ...held, imports: [] });
      return stepBorder(custody, desk, ...step);
    },
  }),
  "forgets what came in when it starts": mutant("I13", { onRecovered: (custody) => custody.imports.clear() }),
};
