// What only a malicious world, a flood or somebody who forges closes shows: rules of R15 and of keys, broken once each.
import { type Custody, type Desk, stepBorder } from "@sojourn/protocol";
import { REAL_MACHINES } from "./machines.ts";
import type { Mutant } from "./mutants.ts";

type Step = Parameters<typeof stepBorder>;

/** Before each step something in the border's mind is not as it should be. */
function minding(rule: string, change: (desk: Desk) => void): Mutant {
  const broken = (...step: Step): ReturnType<typeof stepBorder> => {
    change(step[1]);
    return stepBorder(...step);
  };
  return { rule, machines: { ...REAL_MACHINES, stepBorder: broken } };
}

function recovering(rule: string, onRecovered: (custody: Custody) => void): Mutant {
  return { rule, machines: { ...REAL_MACHINES, onRecovered } };
}

function believingCloses(...[custody, desk, input, now, context]: Step): ReturnType<typeof stepBorder> {
  const isClose = input.in === "token" && input.token.includes('"typ":"close"');
  const { notary } = context;
  return stepBorder(custody, desk, input, now, isClose ? { ...context, notary: { ...notary, open: notary.read } } : context);
}

export const ROGUE_MUTANTS: { readonly [name: string]: Mutant } = {
  "believes a close that nobody signed": { rule: "keys", machines: { ...REAL_MACHINES, stepBorder: believingCloses } },
  "writes a tombstone for every cancel": minding("R15", ({ tombstones }) => tombstones.clear()),
  "writes a record for every close": minding("R15", ({ closes }) => closes.clear()),
  "keeps every place for whoever asks first": minding("R15", ({ offers }) => {
    for (const [traveller, kept] of offers) offers.set(traveller, { ...kept, peer: "" });
  }),
  "decides anew in every process": recovering("R3", ({ arrivals, openFrom }) => {
    arrivals.clear();
    openFrom.clear();
  }),
};
