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

/** Whether two plain values say the same. Most of what two checkpoints hold is one and the same in memory. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((part, i) => isSame(part, other[i]));
  const [mine, others] = [withoutGaps(one), withoutGaps(other)];
  return mine.length === others.length && mine.every(([key, value], i) => others[i]?.[0] === key && isSame(value, others[i]?.[1]));
}

function withoutGaps(plain: object): [string, unknown][] {
  return Object.entries(plain).filter(([, value]) => value !== undefined);
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
    return isSame(checkpointOf(this.#replay(this.#older)), checkpointOf(custody));
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
