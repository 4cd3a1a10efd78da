// The disk under one simulated world: durable records since the older of two checkpoints. What is not durable when the process ends is
// lost, kept, or torn; a restart cuts off a torn end. Either checkpoint with the records after it must give the same custody.
import {
  applyRecord,
  type Checkpoint,
  type Custody,
  type CustodyRecord,
  checkpointOf,
  replayRecord,
  restoreCustody,
} from "@sojourn/protocol";
import type { Machines } from "./machines.ts";

/** A record that was written in part: its checksum fails. */
const TORN = "torn";
const CHECKPOINT_RECORDS = 80;

/** Thousands of passports: they are compared as they are. */
function withoutPassports(checkpoint: Checkpoint): string {
  return JSON.stringify({ ...checkpoint, memory: { ...checkpoint.memory, came: [], went: [] } });
}

function isSameMemory({ memory: a }: Checkpoint, { memory: b }: Checkpoint): boolean {
  const flat = (checkpoint: typeof a): unknown[] =>
    [checkpoint.came, checkpoint.went].flatMap((shelf) =>
      shelf.flatMap(([peer, below, kept]) => [peer, below, ...kept.flatMap(([n, { passport, exp }]) => [n, passport, exp])]),
    );
  const others = flat(b);
  const mine = flat(a);
  return mine.length === others.length && mine.every((one, i) => one === others[i]);
}

export class SimJournal {
  readonly #machines: Machines;
  #base: Checkpoint;
  #older: Checkpoint;
  /** After `#older`, oldest first. */
  #suffix: (CustodyRecord | typeof TORN)[] = [];
  /** The incarnation that may append; another one's append fails. */
  epoch = 0;

  constructor(custody: Custody, machines: Machines) {
    this.#machines = machines;
    this.#base = checkpointOf(custody);
    this.#older = this.#base;
  }

  get checkpointSeq(): number {
    return this.#base.seq;
  }

  append(record: CustodyRecord): void {
    this.#suffix.push(record);
  }

  tear(): void {
    this.#suffix.push(TORN);
  }

  /** What a process finds when it starts. */
  recover(isFromOlder: boolean): Custody {
    const torn = this.#suffix.indexOf(TORN);
    if (torn >= 0 && !this.#machines.isLeavingTornEnd) this.#suffix.length = torn;
    if (this.#machines.isForgettingSuffix) return restoreCustody(this.#base);
    return this.#replay(isFromOlder ? this.#older : this.#base);
  }

  /** All after a checkpoint is lost. */
  lose(isFromOlder: boolean): Custody {
    if (isFromOlder) this.#base = this.#older;
    else this.#older = this.#base;
    this.#suffix = [];
    return restoreCustody(this.#base);
  }

  /** Whether both checkpoints give the same custody. */
  isConsistent(custody: Custody): boolean {
    const [one, other] = [checkpointOf(this.#replay(this.#older)), checkpointOf(custody)];
    return withoutPassports(one) === withoutPassports(other) && isSameMemory(one, other);
  }

  /** Called with a custody that holds durable records only. */
  checkpointSometimes(durable: Custody): void {
    if (this.#suffix.length <= CHECKPOINT_RECORDS || this.#machines.isForgettingSuffix) return;
    this.#suffix = this.#suffix.slice(this.#base.seq - this.#older.seq);
    this.#older = this.#base;
    this.#base = checkpointOf(durable);
  }

  #replay(from: Checkpoint): Custody {
    const custody = restoreCustody(from);
    const first = this.#older.seq + 1;
    const start = Math.max(0, from.seq + 1 - first) + (this.#machines.isSkippingRecord ? 1 : 0);
    const isReal = this.#machines.applyRecord === applyRecord && !this.#machines.isSkippingRecord;
    for (let i = start; i < this.#suffix.length; i++) {
      const record = this.#suffix[i];
      if (record === undefined || record === TORN) break;
      if (isReal) replayRecord(custody, first + i, record);
      else this.#machines.applyRecord(custody, record);
    }
    return custody;
  }
}
