// One simulated world: the real custody machines on a journal that can lose its unsynced tail. It keeps the shell's contract exactly:
// apply at once, make durable, then act. (A mutant may break the contract, to show that the invariants notice.)
import {
  type BorderContext,
  type BorderInput,
  type Custody,
  type CustodyEffect,
  type CustodyRecord,
  type Decision,
  type Desk,
  emptyCustody,
  type Moment,
  openDesk,
  type WorldId,
  wakeAtBorder,
} from "@sojourn/protocol";
import type { FaultMenu } from "./fault-kinds.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Machines } from "./machines.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import { SimDoor } from "./sim-door.ts";
import { SimJournal } from "./sim-journal.ts";
import { SimZombie } from "./sim-zombie.ts";
import { mustHold } from "./violation.ts";

/** What becomes of what was appended and is not durable when a process ends. `any` part of it may have reached the disk. */
export type Tail = "lost" | "torn" | "kept" | "any";

export interface WorldSurroundings {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly machines: Machines;
  readonly faults: FaultMenu;
  onApply(world: SimWorld, record: CustodyRecord): void;
  /** After records were applied to custody, before they are durable. */
  onApplied(world: SimWorld, records: readonly CustodyRecord[]): void;
  onDurable(world: SimWorld, record: CustodyRecord): void;
  /** The world starts again, before it does anything: what was not durable is gone. */
  onRestart(world: SimWorld): void;
  /** An author's callback on this record, which is in custody already and may not be durable yet. */
  onHook(world: SimWorld, record: CustodyRecord): void;
  /** An effect leaves the process. */
  onEffect(world: SimWorld, effect: CustodyEffect): void;
  onDecision(world: SimWorld, what: string, decision: Decision): void;
  onEnded(world: SimWorld, why: string): void;
  /** Whether a signed message to this world is lost on its way. */
  isLost(world: SimWorld, token: string): boolean;
  /** Whether the process is to end here: before anything of a decision is appended … */
  endsAtDecision(world: SimWorld, input: BorderInput, decision: Decision): boolean;
  /** … when these were appended … */
  endsAtAppend(world: SimWorld, records: readonly CustodyRecord[]): Tail | undefined;
  /** … when these became durable … */
  endsAtDurable(world: SimWorld, records: readonly CustodyRecord[]): boolean;
  /** … before an effect leaves (`isFirst`: it is the word on a record that just became durable), or after. */
  endsAtEffect(world: SimWorld, effect: CustodyEffect, when: "before" | "after", isFirst: boolean): boolean;
}

export interface Unsynced {
  readonly records: readonly CustodyRecord[];
  readonly effects: readonly CustodyEffect[];
  readonly then?: () => void;
}

const SYNC_MS = { least: 1, most: 12, slow: 3_000, pastPassports: 160_000 } as const;
const SLOW_SYNCS = 0.003;
const STUCK_SYNCS = 0.000_02;
const FAILED_SYNCS = 0.000_5;
/** Restarts that are also made from the other checkpoint, to compare: one in so many. */
const COMPARE_EVERY = 32;
const NONE: readonly never[] = [];
const EPOCH_START_MS = 1_700_000_000_000;

export class SimWorld {
  readonly id: WorldId;
  readonly name: string;
  readonly context: BorderContext;
  readonly ring: KeyRing;
  readonly door: SimDoor;
  custody: Custody;
  desk: Desk;
  isUp = true;
  /** The journal has no space but for what resolves open departures. */
  isFull = false;
  /** How far this world's wall clock is from simulated time; the hour is another zone's, until all have moved to it. */
  clockOffsetMs = 0;
  hourMs = 0;
  restarts = 0;
  readonly #around: WorldSurroundings;
  readonly #journal: SimJournal;
  /** Whom it asks when it has lost the end of its journal and has not written that down yet. */
  #asksAll: readonly WorldId[] | undefined;
  #zombie: SimZombie | undefined;
  #unsynced: Unsynced[] = [];
  #isSyncing = false;
  #life = 0;

  constructor(name: string, ring: KeyRing, context: Omit<BorderContext, "notary">, around: WorldSurroundings) {
    this.id = ring.notary.world;
    this.name = name;
    this.ring = ring;
    this.context = {
      ...context,
      get notary() {
        return ring.notary;
      },
    };
    this.#around = around;
    this.custody = emptyCustody(this.id);
    this.desk = openDesk(this.custody, this.now());
    this.#journal = new SimJournal(this.custody, around.machines);
    this.door = new SimDoor(this, around.schedule);
    this.#tickOn();
  }

  /** Whether everything that custody says is durable. */
  get isSynced(): boolean {
    return this.isUp && this.#unsynced.length === 0;
  }

  get isBlurting(): boolean {
    return this.#around.machines.isBlurting;
  }

  now(): Moment {
    const { nowMs } = this.#around.schedule;
    return { wallMs: EPOCH_START_MS + nowMs + this.clockOffsetMs + this.hourMs, steadyMs: nowMs };
  }

  /** One input to the border. Nothing happens while the world is down. */
  take(input: BorderInput): Decision | undefined {
    if (!this.isUp || (input.in === "token" && this.#around.isLost(this, input.token))) return undefined;
    if (input.in === "token") this.#zombie?.take(input);
    const decision = this.#around.machines.stepBorder(this.custody, this.desk, input, this.now(), this.context);
    this.#around.onDecision(this, input.in, decision);
    if (this.#around.endsAtDecision(this, input, decision)) this.end("lost");
    else this.append(decision.records, decision.effects);
    return decision;
  }

  /** Records and the effects that wait for them. */
  append(records: readonly CustodyRecord[], effects: readonly CustodyEffect[] = NONE): void {
    if (records.length === 0 && effects.length === 0) return;
    const { isHookingFirst } = this.#around.machines;
    if (isHookingFirst) this.#callHooks(records);
    for (const record of records) {
      this.#around.onApply(this, record);
      this.#around.machines.applyRecord(this.custody, record);
    }
    if (records.length > 0) this.#around.onApplied(this, records);
    const life = this.#life;
    const waiting = this.#letHasty(effects);
    if (life !== this.#life) return;
    this.#unsynced.push({ records, effects: waiting });
    const tail = records.length === 0 ? undefined : this.#around.endsAtAppend(this, records);
    if (tail === undefined) this.#syncSoon();
    else this.end(tail);
    if (!isHookingFirst && life === this.#life) this.#callHooks(records);
  }

  /** What is decided stands before anybody is called back (R13). */
  #callHooks(records: readonly CustodyRecord[]): void {
    const life = this.#life;
    for (const record of records) {
      if (life === this.#life) this.#around.onHook(this, record);
    }
  }

  #letHasty(effects: readonly CustodyEffect[]): readonly CustodyEffect[] {
    const { isHasty } = this.#around.machines;
    if (!effects.some(isHasty)) return effects;
    this.#let(effects.filter(isHasty), true);
    return effects.filter((effect) => !isHasty(effect));
  }

  /** Runs when everything up to now is durable; never if the world ends before. */
  afterSync(then: () => void): void {
    if (this.#unsynced.length === 0) then();
    else this.#unsynced.push({ records: NONE, effects: NONE, then });
  }

  #syncSoon(): void {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    const life = this.#life;
    const batch = this.#unsynced.length;
    this.#around.schedule.after(this.#syncMs(), () => {
      if (life === this.#life) this.#synced(batch);
    });
  }

  #syncMs(): number {
    const { random, faults } = this.#around;
    const lot = faults.has("stalls") ? random.unit() : 1;
    if (lot >= SLOW_SYNCS) return random.between(SYNC_MS.least, SYNC_MS.most);
    faults.strikes("stalls");
    return lot < STUCK_SYNCS ? SYNC_MS.pastPassports : SYNC_MS.slow;
  }

  #synced(batch: number): void {
    const { faults, random, machines } = this.#around;
    const hasFailed = faults.has("sync-failures") && random.chance(FAILED_SYNCS) && faults.strikes("sync-failures");
    if (hasFailed && !machines.isIgnoringFailedSync) {
      this.end("any", "cannot sync");
      return;
    }
    const life = this.#life;
    this.#isSyncing = false;
    const done = this.#unsynced.splice(0, batch);
    for (const { records } of done) if (!hasFailed) this.#makeDurable(records);
    if (done.some(({ records }) => records.length > 0 && this.#around.endsAtDurable(this, records))) {
      this.end("lost");
      return;
    }
    for (const { records, effects, then } of done) {
      this.#let(effects, records.length > 0);
      if (life !== this.#life) return;
      then?.();
      if (life !== this.#life) return;
    }
    if (this.#unsynced.length > 0) this.#syncSoon();
  }

  #makeDurable(records: readonly CustodyRecord[]): void {
    for (const record of records) {
      this.#journal.append(record);
      if (record.r === "amnesia") this.#asksAll = undefined;
      this.#around.onDurable(this, record);
    }
  }

  #let(effects: readonly CustodyEffect[], isFirst: boolean): void {
    const life = this.#life;
    for (const effect of effects) {
      if (this.#around.endsAtEffect(this, effect, "before", isFirst)) {
        this.end("any");
        return;
      }
      this.#around.onEffect(this, effect);
      if (life !== this.#life) return;
      if (this.#around.endsAtEffect(this, effect, "after", isFirst)) {
        this.end("any");
        return;
      }
    }
  }

  /** The process ends at once; `tail` says what became of the newest append. Of earlier ones a part may have reached the disk as well. */
  end(tail: Tail, why = "ends"): void {
    if (!this.isUp) return;
    this.#around.onEnded(this, why);
    this.isUp = false;
    this.#life += 1;
    this.#isSyncing = false;
    const unsynced = this.#unsynced;
    this.#unsynced = [];
    this.#keepTail(unsynced, tail);
    this.#zombie = undefined;
    this.door.crash();
  }

  #keepTail(unsynced: readonly Unsynced[], tail: Tail): void {
    const { random } = this.#around;
    const before = Math.max(0, unsynced.length - 1);
    const survivors = tail === "lost" ? random.below(before + 1) : random.below(unsynced.length + 1);
    const kept = tail === "kept" ? unsynced.length : tail === "torn" ? before : survivors;
    for (const { records } of unsynced.slice(0, kept)) this.#makeDurable(records);
    if (tail === "torn" || (tail === "any" && kept < unsynced.length && random.chance(0.3))) this.#journal.tear();
  }

  /** Starts again from a checkpoint and the records after it; any checkpoint must give the same custody. */
  restart(): void {
    const { random, faults, machines } = this.#around;
    this.restarts += 1;
    const isOlder = this.#asksAll === undefined && faults.has("older") && random.chance(0.3) && faults.strikes("older");
    const custody = this.#journal.recover(isOlder);
    machines.onRecovered(custody);
    this.custody = custody;
    this.#around.onRestart(this);
    if (this.restarts % COMPARE_EVERY === 0)
      mustHold(this.#journal.isConsistent(custody), "I10", `${this.name} is not the same from both checkpoints`);
    this.#journal.checkpointSometimes(custody);
    this.desk = openDesk(this.custody, this.now());
    this.isUp = true;
    this.#stateKeys();
    this.#tickOn();
    if (this.#asksAll === undefined) return;
    this.append([machines.amnesiaRecord(this.custody, this.#asksAll, this.now().wallMs)]);
    this.desk = openDesk(this.custody, this.now());
  }

  /** The process ends, and what its journal holds after a checkpoint is gone. @returns what is left. */
  forget(peers: readonly WorldId[]): Custody {
    this.#asksAll = peers;
    this.end("lost", "forgets");
    return this.#journal.lose(this.#around.random.chance(0.5));
  }

  /** Whether somebody is durably here, not by its checkpoint, whom their origin holds in escrow yet. */
  isWorseOff(worlds: readonly SimWorld[]): boolean {
    return worlds.some(({ custody }) =>
      [...(custody.openTo.get(this.id) ?? [])].some((transfer) => {
        const arrival = this.custody.arrivals.get(transfer);
        return arrival?.decision === "admitted" && this.isSynced && arrival.seq > this.#journal.checkpointSeq;
      }),
    );
  }

  /** The operator has another key sign, whether the process runs or not. */
  changeKey(how: "retired" | "revoked"): void {
    this.ring.change(how, this.now().wallMs);
    this.#stateKeys();
  }

  /** What the data folder states and the journal does not know yet. */
  #stateKeys(): void {
    const { statement, version } = this.ring;
    if (statement !== undefined && version > (this.custody.keys.get(this.id)?.version ?? 0)) this.take({ in: "keys", token: statement });
  }

  /** A new process takes over; the old one does not know yet, and goes on with what it has in memory until its next append. */
  takeOver(): void {
    if (!this.isUp) return;
    const old = { custody: this.custody, desk: this.desk, unsynced: this.#unsynced };
    this.#unsynced = [];
    this.end("lost", "is taken over");
    this.#journal.epoch += 1;
    this.restart();
    this.append([{ r: "epoch", t: Math.max(this.now().wallMs, this.custody.clockHighWaterMs), n: this.custody.epoch + 1 }]);
    const write = (done: readonly Unsynced[]): void => {
      for (const { records } of done) this.#makeDurable(records);
      for (const { effects } of done) for (const effect of effects) this.#around.onEffect(this, effect);
    };
    this.#zombie = new SimZombie(this, old, this.#around, write);
  }

  /** The old process found out, or was ended. */
  layToRest(): void {
    this.#zombie = undefined;
  }

  /** Wakes the border when its timers are due. */
  #tickOn(): void {
    const life = this.#life;
    const waitMs = Math.max(20, Math.min(1_000, wakeAtBorder(this.desk) - this.#around.schedule.nowMs));
    this.#around.schedule.after(waitMs, () => {
      if (life !== this.#life || !this.isUp) return;
      if (this.#around.schedule.nowMs >= wakeAtBorder(this.desk)) this.take({ in: "wake" });
      if (life !== this.#life) return;
      this.door.wake();
      if (life === this.#life) this.#tickOn();
    });
  }
}
