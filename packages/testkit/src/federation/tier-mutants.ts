// The rules of item tiers, each broken once: see mutants.ts.
import { applyRecord, type CustodyRecord, type Decision, stepBorder } from "@sojourn/protocol";
import { type Machines, REAL_MACHINES } from "./machines.ts";
import type { Mutant } from "./mutants.ts";

type Step = Parameters<typeof stepBorder>;

function mutant(rule: string, changes: Partial<Machines>): Mutant {
  return { rule, machines: { ...REAL_MACHINES, ...changes } };
}

/** Writes other records. */
function writing(rule: string, change: (record: CustodyRecord, decision: Decision) => CustodyRecord[]): Mutant {
  return mutant(rule, {
    stepBorder: (...step) => {
      const decision = stepBorder(...step);
      return { ...decision, records: decision.records.flatMap((record) => change(record, decision)) };
    },
  });
}

/** Takes a statement's signature on trust. */
function trusting(rule: string, typ: "birth" | "link"): Mutant {
  const said = new RegExp(`^\\S+ \\{"typ":"${typ}"`);
  const opened = ({ notary, ...context }: Step[4]): Step[4] => ({
    ...context,
    notary: { ...notary, open: (token) => (said.test(token) ? notary.read(token) : notary.open(token)) },
  });
  return mutant(rule, { stepBorder: (custody, desk, input, now, context) => stepBorder(custody, desk, input, now, opened(context)) });
}

export const TIER_MUTANTS: { readonly [name: string]: Mutant } = {
  "passes a quota by two offers": mutant("I13", {
    stepBorder: (custody, desk, input, ...step) => {
      if (input.in !== "token") return stepBorder(custody, desk, input, ...step);
      const before = [...desk.offers];
      for (const [traveller, held] of before) desk.offers.set(traveller, { ...held, imports: [] });
      const decision = stepBorder(custody, desk, input, ...step);
      for (const [traveller, held] of before) if (desk.offers.get(traveller)?.token === held.token) desk.offers.set(traveller, held);
      return decision;
    },
  }),
  "forgets what came in when it starts": mutant("I13", { onRecovered: (custody) => custody.imports.clear() }),
  "takes links on trust": trusting("E6", "link"),
  "lets a second copy in unsealed": writing("E10", (record) => {
    if (record.r !== "admit") return [record];
    const { sealed: _, ...admit } = record;
    return [admit];
  }),
  "keeps no proof of what it sealed": writing("E10", (record) => {
    if (record.r !== "admit") return [record];
    const { spends: _, ...admit } = record;
    return [admit];
  }),
  "uses what no register granted": mutant("E14", {
    applyRecord: (custody, record) => {
      applyRecord(custody, record);
      if (record.r === "admit") for (const row of custody.items.values()) if (row.seal === "unregistered") delete row.seal;
    },
  }),
  "grants by any hop": mutant("E11", {
    stepBorder: (custody, ...rest) => stepBorder({ ...custody, register: new Map() }, ...rest),
    applyRecord: (custody, record) => {
      if (record.r === "grant") custody.register.delete(record.item);
      applyRecord(custody, record);
    },
  }),
  "grants before it is durable": mutant("E11", {
    isHasty: (effect) => effect.e === "post" && /"typ":"grant"/.test(effect.token),
  }),
  "grants by links that nobody signed": mutant("E13", {
    stepBorder: (custody, desk, input, now, context) => {
      const { notary } = context;
      const isClaim = input.in === "token" && /"typ":"claim"/.test(input.token);
      const trusted = isClaim ? { ...context, notary: { ...notary, open: (token: string) => notary.read(token) } } : context;
      return stepBorder(custody, desk, input, now, trusted);
    },
  }),
  "forgets the links it saw when it starts": mutant("E10", { onRecovered: (custody) => custody.links.clear() }),
};
