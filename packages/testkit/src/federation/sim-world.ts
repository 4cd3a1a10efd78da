// One simulated world: the real custody machines on a journal that can lose its unsynced tail. It keeps the shell's contract exactly:
// apply at once, make durable, then act. (A mutant may break the contract, to show that the invariants notice.)
import {
  applyRecord,
  type BorderContext,
  type BorderInput,
  type Checkpoint,
  type Custody,
  type CustodyEffect,
  type CustodyRecord,
  checkpointOf,
  type Decision,
  type Desk,
  emptyCustody,
  type Moment,
  openDesk,
  replayRecord,
  restoreCustody,
  stepBorder,
  wakeAtBorder,
} from "@sojourn/protocol";
import { mustHold } from "./invariants.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import { SimDoor } from "./sim-door.ts";

/** What a mutant may replace. */
export interface Machines {
  readonly stepBorder: typeof stepBorder;
  /** Effects leave before the record is durable. */
  readonly isActingFirst: boolean;
  /** A restart takes the checkpoint without the records after it. */
  readonly isForgettingSuffix: boolean;
}

export const REAL_MACHINES: Machines = { stepBorder, isActingFirst: false, isForgettingSuffix: false };

export interface WorldSurroundings {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly machines: Machines;
  /** After records were applied to custody, before they are durable. */
  onApplied(world: SimWorld, records: readonly CustodyRecord[]): void;
  onDurable(world: SimWorld, record: CustodyRecord): void;
  onEffect(world: SimWorld, effect: CustodyEffect): void;
  onDecision(world: SimWorld, what: string, decision: Decision): void;
}

interface Unsynced {
  readonly records: readonly CustodyRecord[];
  readonly effects: readonly CustodyEffect[];
  readonly then?: () => void;
}

const SYNC_MS = { least: 1, most: 12 } as const;
const CHECKPOINT_RECORDS = 400;
/** Restarts that are also made from the older checkpoint, to compare: one in so many. */
const COMPARE_EVERY = 4;

export class SimWorld {
  readonly name: string;
  readonly context: BorderContext;
  readonly door: SimDoor;
  custody: Custody;
  desk: Desk;
  isUp = true;
  /** How far this world's wall clock is from simulated time. */
  clockOffsetMs = 0;
  restarts = 0;
  readonly #around: WorldSurroundings;
  #base: Checkpoint;
  #older: Checkpoint;
  /** Durable records after `#older`, oldest first. */
  #suffix: CustodyRecord[] = [];
  #unsynced: Unsynced[] = [];
  #isSyncing = false;
  #life = 0;

  constructor(name: string, context: BorderContext, around: WorldSurroundings) {
    this.name = name;
    this.context = context;
    this.#around = around;
    this.custody = emptyCustody(context.notary.world);
    this.desk = openDesk(this.custody, this.now());
    this.#base = checkpointOf(this.custody);
    this.#older = this.#base;
    this.door = new SimDoor(this, around.schedule);
    this.#tickOn();
  }

  now(): Moment {
    const { nowMs } = this.#around.schedule;
    return { wallMs: 1_700_000_000_000 + nowMs + this.clockOffsetMs, steadyMs: nowMs };
  }

  /** One input to the border. Nothing happens while the world is down. */
  take(input: BorderInput): Decision | undefined {
    if (!this.isUp) return undefined;
    const decision = this.#around.machines.stepBorder(this.custody, this.desk, input, this.now(), this.context);
    this.#around.onDecision(this, input.in, decision);
    this.append(decision.records, decision.effects);
    return decision;
  }

  /** Records and the effects that wait for them. */
  append(records: readonly CustodyRecord[], effects: readonly CustodyEffect[] = []): void {
    if (records.length === 0 && effects.length === 0) return;
    for (const record of records) applyRecord(this.custody, record);
    this.#around.onApplied(this, records);
    if (this.#around.machines.isActingFirst) this.#let(effects);
    this.#unsynced.push({ records, effects: this.#around.machines.isActingFirst ? [] : effects });
    this.#syncSoon();
  }

  /** Runs when everything up to now is durable; never if the world crashes before. */
  afterSync(then: () => void): void {
    if (this.#unsynced.length === 0 || this.#around.machines.isActingFirst) then();
    else this.#unsynced.push({ records: [], effects: [], then });
  }

  #syncSoon(): void {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    const life = this.#life;
    const delayMs = this.#around.random.chance(0.01) ? 3_000 : this.#around.random.between(SYNC_MS.least, SYNC_MS.most);
    const batch = this.#unsynced.length;
    this.#around.schedule.after(delayMs, () => {
      if (life === this.#life) this.#synced(batch);
    });
  }

  #synced(batch: number): void {
    this.#isSyncing = false;
    const done = this.#unsynced.splice(0, batch);
    for (const { records } of done) this.#makeDurable(records);
    for (const { effects, then } of done) {
      this.#let(effects);
      then?.();
    }
    if (this.#unsynced.length > 0) this.#syncSoon();
  }

  #makeDurable(records: readonly CustodyRecord[]): void {
    for (const record of records) {
      this.#suffix.push(record);
      this.#around.onDurable(this, record);
    }
  }

  #let(effects: readonly CustodyEffect[]): void {
    for (const effect of effects) this.#around.onEffect(this, effect);
  }

  /** The process ends at once. Of what was not synced, a part may have reached the disk all the same. */
  crash(): void {
    this.isUp = false;
    this.#life += 1;
    this.#isSyncing = false;
    const survivors = this.#around.random.below(this.#unsynced.length + 1);
    for (const { records } of this.#unsynced.slice(0, survivors)) this.#makeDurable(records);
    this.#unsynced = [];
    this.door.crash();
  }

  /** Starts again from an older or the newer checkpoint and the records after it; both must give the same custody. */
  restart(): void {
    this.restarts += 1;
    const fromBase = this.#replay(this.#base);
    if (this.restarts % COMPARE_EVERY === 0) {
      const isSame = JSON.stringify(checkpointOf(this.#replay(this.#older))) === JSON.stringify(checkpointOf(fromBase));
      mustHold(isSame, "I10", `${this.name} is not the same from both checkpoints`);
    }
    this.custody = this.#around.machines.isForgettingSuffix ? restoreCustody(this.#base) : fromBase;
    if (this.#suffix.length > CHECKPOINT_RECORDS && !this.#around.machines.isForgettingSuffix) this.#checkpoint();
    this.desk = openDesk(this.custody, this.now());
    this.isUp = true;
    this.#tickOn();
  }

  #replay(from: Checkpoint): Custody {
    const custody = restoreCustody(from);
    const first = this.#older.seq + 1;
    for (let i = Math.max(0, from.seq + 1 - first); i < this.#suffix.length; i++) replayRecord(custody, first + i, this.#suffix[i]!);
    return custody;
  }

  #checkpoint(): void {
    const newer = checkpointOf(this.custody);
    this.#suffix = this.#suffix.slice(this.#base.seq - this.#older.seq);
    this.#older = this.#base;
    this.#base = newer;
  }

  /** Wakes the border when its timers are due. */
  #tickOn(): void {
    const life = this.#life;
    const waitMs = Math.max(20, Math.min(1_000, wakeAtBorder(this.desk) - this.#around.schedule.nowMs));
    this.#around.schedule.after(waitMs, () => {
      if (life !== this.#life || !this.isUp) return;
      if (this.#around.schedule.nowMs >= wakeAtBorder(this.desk)) this.take({ in: "wake" });
      this.door.wake();
      this.#tickOn();
    });
  }
}
