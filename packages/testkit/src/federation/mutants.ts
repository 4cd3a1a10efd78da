// The machines with one rule broken each. A mutant is made from outside, by changing what a machine is told or what it answers, so that
// the machines themselves carry no switches. The simulator must notice every one of them.
import { type CustodyRecord, type Decision, stepBorder, TIMES } from "@sojourn/protocol";
import { type Machines, REAL_MACHINES } from "./sim-world.ts";

type StepBorder = typeof stepBorder;

function altered(change: (decision: Decision, ...args: Parameters<StepBorder>) => Decision): Machines {
  return { ...REAL_MACHINES, stepBorder: (...args) => change(stepBorder(...args), ...args) };
}

/** A departure past its time is taken for over, one way or the other. */
function resolvedByTime(r: "refund" | "release"): Machines {
  return altered((decision, custody, _desk, input, now) => {
    if (input.in !== "wake" || decision.records.length > 0) return decision;
    const late = [...custody.out.values()].find((departure) => now.wallMs > departure.exp + TIMES.clockSkewMs);
    if (late === undefined) return decision;
    const record: CustodyRecord = { r, t: Math.max(now.wallMs, custody.clockHighWaterMs), transfer: late.transfer, proof: "time" };
    return { ...decision, records: [record] };
  });
}

export const MUTANTS: { readonly [name: string]: Machines } = {
  "acts before it persists": { ...REAL_MACHINES, isActingFirst: true },
  "refunds by time": resolvedByTime("refund"),
  "releases by time": resolvedByTime("release"),
  "refuses without a tombstone": altered((decision) => ({
    ...decision,
    records: decision.records.filter((record) => record.r !== "refuse"),
  })),
  "forgets what it decided": {
    ...REAL_MACHINES,
    stepBorder: (custody, desk, input, ...rest) =>
      stepBorder(
        input.in === "present" ? { ...custody, arrivals: new Map(), residents: awayEverybody(custody) } : custody,
        desk,
        input,
        ...rest,
      ),
  },
  "lets anybody present a passport": {
    ...REAL_MACHINES,
    stepBorder: (custody, desk, input, now, context) => {
      if (input.in !== "present") return stepBorder(custody, desk, input, now, context);
      const read = context.notary.read(input.passport);
      const holder = read.ok && read.value.claims.typ === "passport" ? read.value.claims.traveller : input.traveller;
      return stepBorder(custody, desk, { ...input, traveller: holder }, now, context);
    },
  },
  "restores without the journal's suffix": { ...REAL_MACHINES, isForgettingSuffix: true },
  "leaves items behind in both worlds": altered((decision) => ({
    ...decision,
    records: decision.records.map((record) =>
      record.r === "depart" ? { ...record, items: record.items.slice(0, -1), kept: [...record.kept, ...record.items.slice(-1)] } : record,
    ),
  })),
  "drops what customs refuses": altered((decision) => ({
    ...decision,
    records: decision.records.map((record) => (record.r === "admit" ? { ...record, items: record.items.slice(1) } : record)),
  })),
};

/** Nobody counts as here, so that only the memory of decisions could stand in the way. */
function awayEverybody(custody: Parameters<StepBorder>[0]): Parameters<StepBorder>[0]["residents"] {
  return new Map([...custody.residents].map(([id, resident]) => [id, { ...resident, status: "away" as const, hop: -1 }]));
}
