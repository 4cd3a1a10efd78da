// Worlds that forget, or that help one to remember, with one rule broken each.
import { amnesiaRecord, applyRecord, type Custody, stepBorder } from "@sojourn/protocol";
import { REAL_MACHINES } from "./machines.ts";
import type { Mutant } from "./mutants.ts";

/** A malicious peer does not help anybody to remember. */
const HONEST = ["rogue", "floods"] as const;

/** A world forgets once in a run. */
const SHORT = 100;

/** No peer remembers that another world began anew. */
function unfenced(custody: Custody): Custody {
  return { ...custody, memory: { ...custody.memory, fences: new Map() } };
}

export const MEMORY_MUTANTS: { readonly [name: string]: Mutant } = {
  "answers an amnesiac world without a fence": {
    rule: "B.9",
    without: HONEST,
    transfers: SHORT,
    machines: {
      ...REAL_MACHINES,
      stepBorder: (custody, desk, input, now, context) =>
        input.in === "present" ? stepBorder(unfenced(custody), desk, input, now, context) : stepBorder(custody, desk, input, now, context),
    },
  },
  "counts verdicts of older epochs": {
    rule: "B.9",
    without: HONEST,
    transfers: SHORT,
    machines: {
      ...REAL_MACHINES,
      stepBorder: (custody, desk, input, now, context) => {
        const read = input.in === "token" ? context.notary.read(input.token) : undefined;
        const isVerdict = read?.ok === true && (read.value.claims.typ === "receipt" || read.value.claims.typ === "refusal");
        return stepBorder(isVerdict ? unfenced(custody) : custody, desk, input, now, context);
      },
    },
  },
  "takes what it is told without comparing hops": {
    rule: "B.9",
    without: HONEST,
    transfers: SHORT,
    machines: {
      ...REAL_MACHINES,
      applyRecord: (custody, record) => {
        if (record.r !== "recalled") return applyRecord(custody, record);
        const higher = <T extends { readonly hop: number }>(one: T): T => ({ ...one, hop: one.hop + 1_000 });
        applyRecord(custody, { ...record, told: record.told.map((told) => ({ ...higher(told), items: told.items.map(higher) })) });
      },
    },
  },
  "uses old numbers again": {
    rule: "B.9",
    without: HONEST,
    transfers: SHORT,
    machines: {
      ...REAL_MACHINES,
      amnesiaRecord: (custody, ...rest) => {
        const { nextDeparture: departure, nextSerial: serial } = custody;
        return { ...amnesiaRecord(custody, ...rest), departure, serial };
      },
    },
  },
  "opens as if nothing were lost": {
    rule: "R8",
    without: HONEST,
    transfers: SHORT,
    machines: { ...REAL_MACHINES, amnesiaRecord: (custody, _peers, ...rest) => amnesiaRecord(custody, [], ...rest) },
  },
  "decides before it has remembered": {
    rule: "B.9",
    without: HONEST,
    transfers: SHORT,
    machines: {
      ...REAL_MACHINES,
      stepBorder: (custody, desk, input, now, context) => {
        const isDeciding = input.in === "present" || input.in === "ask";
        const eager = isDeciding ? { ...custody, memory: { ...custody.memory, amnesia: undefined } } : custody;
        return stepBorder(eager, desk, input, now, context);
      },
    },
  },
  "admits by passports that its peers have settled": {
    rule: "B.9",
    without: HONEST,
    transfers: SHORT,
    machines: {
      ...REAL_MACHINES,
      stepBorder: (custody, ...step) => stepBorder({ ...custody, memory: { ...custody.memory, settled: new Map() } }, ...step),
    },
  },
};
