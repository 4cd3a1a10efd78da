// One call to the disk fails, each in turn: with EIO, with ENOSPC, or by taking fewer bytes than it was given. Law: after a write or sync
// that failed nothing is reported any more; a full disk is no failure while the reserve is left; and all that was reported is there again.
import { seededRandom } from "@sojourn/runtime";
import { type DiskCall, type DiskFault, FaultyDisk } from "./faulty-disk.ts";
import { SimDisk } from "./sim-disk.ts";
import { open, Workload, wrongWith } from "./workload.ts";

const STEPS = 30;

export interface FaultOutcome {
  /** Failed calls that were tried: each index, with each fault that can befall it. */
  indexes: number;
  /** Commits reported after a write or a sync of a commit had failed. */
  saidAfterFailure: number;
  readonly byFault: { [fault: string]: number };
  readonly wrong: string[];
}

interface Kind {
  readonly name: string;
  readonly calls: readonly DiskCall[];
  readonly fault: DiskFault;
  /** Once it happened it goes on happening. */
  readonly stays: boolean;
}

const KINDS: readonly Kind[] = [
  {
    name: "EIO",
    calls: ["write", "sync", "rename", "create", "truncate", "link", "remove", "syncFolder"],
    fault: { code: "EIO" },
    stays: false,
  },
  { name: "EIO on reading", calls: ["read", "open", "list"], fault: { code: "EIO" }, stays: false },
  { name: "ENOSPC", calls: ["write", "sync", "rename", "create", "truncate", "link"], fault: { code: "ENOSPC" }, stays: true },
  { name: "EDQUOT once", calls: ["write", "create", "rename"], fault: { code: "EDQUOT" }, stays: false },
  { name: "short write", calls: ["write"], fault: { atMost: 100 }, stays: true },
];

/** `every`: not each call, but one in so many. */
export function failEveryCall(seed: number, every = 1): FaultOutcome {
  const outcome: FaultOutcome = { indexes: 0, saidAfterFailure: 0, byFault: {}, wrong: [] };
  const calls = callsOf(seed);
  for (const kind of KINDS) {
    calls.forEach((call, index) => {
      if (index % every === 0 && kind.calls.includes(call)) failAt(seed, index, kind, outcome);
    });
  }
  return outcome;
}

function callsOf(seed: number): DiskCall[] {
  const calls: DiskCall[] = [];
  const disk = new FaultyDisk(new SimDisk());
  disk.judge = (call) => void calls.push(call);
  new Workload(disk, seededRandom(seed)).live(STEPS);
  return calls;
}

function failAt(seed: number, failing: number, kind: Kind, outcome: FaultOutcome): void {
  outcome.indexes += 1;
  outcome.byFault[kind.name] = (outcome.byFault[kind.name] ?? 0) + 1;
  const inner = new SimDisk();
  const disk = new FaultyDisk(inner);
  const failed = { call: undefined as DiskCall | undefined };
  disk.judge = (call, index) => {
    const isNow = index === failing || (kind.stays && failed.call !== undefined && kind.calls.includes(call));
    if (!isNow) return undefined;
    failed.call ??= call;
    return kind.fault;
  };
  const workload = new Workload(disk, seededRandom(seed));
  const whose = `seed ${seed}: ${kind.name} at call ${failing}`;
  let ended: unknown;
  try {
    workload.live(STEPS);
  } catch (error) {
    ended = error;
  }
  if (ended === undefined && (failed.call === "sync" || failed.call === "syncFolder"))
    note(outcome, `${whose}: a failed sync went by unnoticed`);
  if (ended !== undefined && kind.name === "short write") note(outcome, `${whose}: ${String(ended)}`);
  outcome.saidAfterFailure += goesOnAfter(workload, ended);
  disk.judge = () => undefined;
  try {
    const wrong = wrongWith(open(inner), workload.reported, workload.underWay);
    if (wrong !== undefined) note(outcome, `${whose}: ${wrong}`);
  } catch (error) {
    note(outcome, `${whose}: it does not open again: ${String(error)}`);
  }
}

/** A journal that failed reports no commit more, however often it is asked and whatever the disk does by now. */
function goesOnAfter(workload: Workload, ended: unknown): number {
  if (ended === undefined || !workload.isBroken) return 0;
  const { reported, underWay } = workload;
  let said = 0;
  for (let i = 0; i < 2; i++) {
    try {
      workload.append(1);
      said += 1;
    } catch {
      // As it must be.
    }
  }
  if (said === 0) Object.assign(workload, { reported, underWay });
  return said;
}

function note(outcome: FaultOutcome, what: string): void {
  if (outcome.wrong.length < 10) outcome.wrong.push(what);
}
