// Feeds one replica: heartbeats when they are due, the journal's end in between, a proof after what it was given. Law: one thing at a time; what
// failed is tried again, later and later, with whatever is newest then; a replica that is down is an alarm and never a silent skip.
import { setTimeout as sleep } from "node:timers/promises";
import { type ContentId, type Fault, fail, type Result, type WorldId } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import {
  type Block,
  type HeadSigner,
  type Heartbeat,
  heartbeatBlock,
  openPublisher,
  type Publisher,
  type Replica,
  type Retention,
  sweepReplica,
} from "@sojourn/substrate";
import { REPLICATION_LIMITS } from "../limits.ts";
import type { Claim } from "./claim.ts";
import type { Exported, JournalSource, Moment } from "./journal-source.ts";
import { judge } from "./newest-head.ts";
import { proveReplica, ReadBlocks } from "./proof.ts";
import { newStatus, type ReplicaStatus } from "./replica-status.ts";
import { sealTail } from "./tail.ts";

export interface FeedParts {
  readonly replica: Replica;
  /** What stays there; undefined: everything. */
  readonly retention?: Retention | undefined;
  readonly source: JournalSource;
  readonly world: WorldId;
  readonly epoch: number;
  readonly signer: () => HeadSigner;
  readonly log: Log;
  readonly onStatus: () => void;
  /** When the newest head of the world came to any replica, wall time. */
  readonly heardMs: () => number;
  /** Of an heir: what it says of the world that it goes on with. */
  readonly claim?: Claim | undefined;
  /** Shares one export among all replicas. */
  readonly exportAt: (moment: Moment, isAtRest: boolean) => Promise<Result<Exported>>;
}

interface Given {
  readonly exported: Exported;
  readonly heartbeat: Heartbeat;
  readonly cid: ContentId;
  readonly links: number;
  readonly tailBytes: number;
}

interface Wanted {
  readonly moment: Moment;
  readonly isAtRest: boolean;
  readonly settle: (fault: Fault | undefined) => void;
}

export class ReplicaFeed {
  status: ReplicaStatus;
  readonly #parts: FeedParts;
  #publisher: Publisher;
  readonly #reads = new ReadBlocks();
  readonly #stop = new AbortController();
  /** Ends the pause after a failure: a heartbeat that somebody asks for is tried at once. */
  #wake = new AbortController();
  /** What lies there is not what it was thought to be: the next heartbeat gives everything. */
  #isWhole = false;
  #given: Given | undefined;
  #beatCount = 0;
  #beats: Wanted[] = [];
  #durable: Moment | undefined;
  #proof: { readonly dueAtMs: number } | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: FeedParts) {
    const { replica, world, epoch, heardMs, claim } = parts;
    this.#parts = parts;
    this.#publisher = openPublisher({ replica, world, epoch, judge, heardMs });
    this.status = { ...newStatus(replica.name, replica.kind), ...(claim === undefined ? {} : { claim: claim.status }) };
  }

  /** A heartbeat of this moment, or a later one. Settles with the fault of the first attempt, which is tried again all the same. */
  beat(moment: Moment, isAtRest: boolean): Promise<Fault | undefined> {
    return new Promise((settle) => {
      this.#beats.push({ moment, isAtRest, settle });
      this.#durable = later(this.#durable, moment);
      this.#wake.abort();
      this.#go();
    });
  }

  /** So much is durable: what of it is not there yet goes there. */
  ship(moment: Moment): void {
    this.#durable = later(this.#durable, moment);
    this.#go();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#parts.replica.close();
  }

  get #isBehind(): boolean {
    return (
      this.#given !== undefined && this.#durable !== undefined && this.#durable.seq > this.status.seq && !this.#given.exported.isAtRest
    );
  }

  get #isOver(): boolean {
    return this.#stop.signal.aborted || this.status.isFenced;
  }

  #go(): void {
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
      if (this.#isOver) for (const { settle } of this.#beats.splice(0)) settle(this.status.fault);
      // What came between the last look and the end of the work.
      else if (this.#beats.length > 0 || this.#isBehind) this.#go();
    });
  }

  async #work(): Promise<void> {
    while (!this.#isOver) {
      const beats = this.#beats;
      const newest = beats.at(-1);
      if (newest !== undefined) this.#beats = [];
      const done = newest !== undefined ? await this.#beat(newest) : this.#isBehind ? await this.#ship() : undefined;
      if (done === undefined) {
        if (this.#proof === undefined || this.#proof.dueAtMs > Date.now()) return;
        this.#proof = undefined;
        await this.#prove();
        continue;
      }
      const fault = done.ok ? undefined : done.fault;
      for (const { settle } of beats) settle(fault);
      if (fault === undefined) continue;
      this.#failed(fault, "replica not fed");
      // Whatever was wanted is wanted still.
      if (newest !== undefined && this.#beats.length === 0) this.#beats = [{ ...newest, settle: () => {} }];
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#wake.signal]);
    await sleep(this.#pauseMs(), undefined, { signal }).catch(() => undefined);
  }

  #pauseMs(): number {
    return Math.min(REPLICATION_LIMITS.retryMostMs, REPLICATION_LIMITS.retryMs * 2 ** Math.min(10, this.status.failures - 1));
  }

  async #beat({ moment, isAtRest }: Wanted): Promise<Result<unknown>> {
    const exported = await this.#parts.exportAt(moment, isAtRest);
    if (!exported.ok) return exported;
    const { state, version, epoch: _, blocks } = exported.value;
    const { world, epoch, source } = this.#parts;
    const at = exported.value.moment;
    // Nothing came since the state was exported: it is the state of now, and a world where nothing happens is not a silent one.
    const { tick, timeMs } = moment.seq === at.seq ? moment : at;
    const heartbeat: Heartbeat = {
      ...{ world, epoch, stateSeq: at.seq, journalSeq: at.seq, tick, timeMs, version, state, tail: null },
      before: this.#given?.cid ?? this.#publisher.lying?.head.heartbeat ?? null,
      archive: source.archive,
    };
    const published = await this.#publish(heartbeat, blocks);
    if (!published.ok) return published;
    this.#given = { exported: exported.value, heartbeat, cid: published.value, links: 0, tailBytes: 0 };
    await this.#parts.claim?.state({ ...exported.value, moment: { ...at, tick, timeMs } });
    this.#gave({ seq: at.seq, stateSeq: at.seq, heartbeatMs: Date.now() });
    await this.#sweep();
    this.#proof = { dueAtMs: Date.now() };
    return published;
  }

  /** Now and then takes old versions out. What goes wrong with it is told, and the world is kept all the same. */
  async #sweep(): Promise<void> {
    const { retention, signer, log, replica } = this.#parts;
    if (retention === undefined || ++this.#beatCount % REPLICATION_LIMITS.beatsPerSweep !== 0) return;
    const swept = await sweepReplica(this.#publisher, {
      retention,
      signer: signer(),
      nowMs: Date.now(),
      local: this.#parts.source.with([]),
    });
    if (swept.ok) log.info("replica swept", { replica: replica.name, kept: swept.value.kept.length, deleted: swept.value.deleted });
    else log.warn("replica not swept", { replica: replica.name, detail: swept.fault.detail });
  }

  async #ship(): Promise<Result<unknown>> {
    const given = this.#given as Given;
    const durable = this.#durable as Moment;
    const isLong = given.links >= REPLICATION_LIMITS.tailLinks || given.tailBytes >= REPLICATION_LIMITS.tailBytes / 4;
    // A journal's end that grows long is a state again; so is one whose beginning is gone.
    if (isLong) return await this.#beat({ moment: durable, isAtRest: false, settle: () => {} });
    const from = this.status.seq + 1;
    const records = await this.#parts.source.records(from, durable.seq);
    if (!records.ok) return await this.#beat({ moment: durable, isAtRest: false, settle: () => {} });
    const sealed = await sealTail(records.value, from, given.heartbeat.tail, this.#parts.source.stateKey.key);
    if (!sealed.ok) return sealed;
    const journalSeq = from + records.value.length - 1;
    const heartbeat: Heartbeat = { ...given.heartbeat, journalSeq, tick: durable.tick, timeMs: durable.timeMs, tail: sealed.value.cid };
    const published = await this.#publish(heartbeat, sealed.value.blocks);
    if (!published.ok) {
      // What the new head would hang on is not there any more: it is given all of it.
      this.#isWhole ||= published.fault.code === "missing-block" || published.fault.code === "bad-block";
      return this.#isWhole ? await this.#beat({ moment: durable, isAtRest: false, settle: () => {} }) : published;
    }
    const bytes = records.value.reduce((sum, record) => sum + record.length, 0);
    this.#given = { ...given, heartbeat, cid: published.value, links: given.links + 1, tailBytes: given.tailBytes + bytes };
    this.#gave({ seq: journalSeq });
    this.#proof ??= { dueAtMs: this.status.provenMs + REPLICATION_LIMITS.proofEveryMs };
    return published;
  }

  async #publish(heartbeat: Heartbeat, blocks: readonly Block[]): Promise<Result<ContentId>> {
    const node = await heartbeatBlock(heartbeat);
    const local = this.#parts.source.with([...blocks, node]);
    const isWhole = this.#isWhole;
    const plan = { heartbeat: node.cid, local, signer: this.#parts.signer(), nowMs: Date.now(), isWhole };
    const published = await this.#publisher.publish(plan);
    if (!published.ok) return await this.#unlessEmptied(published);
    this.#isWhole &&= !isWhole;
    const { pushed } = published.value;
    const { pushedBlocks, pushedBytes } = this.status;
    this.status = { ...this.status, pushedBlocks: pushedBlocks + pushed.blocks, pushedBytes: pushedBytes + pushed.bytes };
    return { ok: true, value: node.cid };
  }

  /** A replica without any head has no later writer: somebody emptied it, or put another disk in its place. It is begun anew. */
  async #unlessEmptied(published: Result<never>): Promise<Result<never>> {
    const { replica, world, epoch } = this.#parts;
    if (published.ok || published.fault.code !== "stale-head") return published;
    const found = await replica.heads.read(world);
    if (!found.ok || found.value !== undefined) return published;
    const after = this.#publisher.lying?.head.sequence;
    this.#publisher = openPublisher({
      replica,
      world,
      epoch,
      judge,
      heardMs: this.#parts.heardMs,
      ...(after === undefined ? {} : { after }),
    });
    this.#isWhole = true;
    this.#given = undefined;
    if (this.#durable !== undefined) this.#beats.unshift({ moment: this.#durable, isAtRest: false, settle: () => {} });
    return fail("store-failed", "peer", `${replica.name} was emptied; it is given everything again`);
  }

  #gave(news: Partial<ReplicaStatus>): void {
    const { failures, name } = this.status;
    const { fault: _, ...rest } = this.status;
    const { claim } = this.#parts;
    this.status = { ...rest, ...news, failures: 0, headMs: Date.now(), ...(claim === undefined ? {} : { claim: claim.status }) };
    if (failures > 0) this.#parts.log.info("replica is fed again", { replica: name, seq: this.status.seq, failures });
    this.#parts.onStatus();
  }

  #failed(fault: Fault, what: string): void {
    const { log, onStatus } = this.#parts;
    const { name } = this.status;
    const isFenced = (fault.code === "stale-head" || fault.code === "superseded") && fault.retryAfterMs === 0;
    const failures = this.status.failures + 1;
    this.status = { ...this.status, fault, failures, isFenced };
    const fields = { replica: name, code: fault.code, detail: fault.detail };
    if (isFenced) log.error("another writer speaks for this world: nothing more is published here", fields);
    else if (Math.log2(failures) % 1 === 0) log.error(what, { ...fields, failures });
    onStatus();
  }

  /** All of it is given again, and proven again, after a pause: what came to another state may have been read while it changed. */
  async #heal(): Promise<void> {
    await this.#pause();
    this.#isWhole = true;
    if (this.#durable !== undefined && this.#beats.length === 0)
      this.#beats = [{ moment: this.#durable, isAtRest: this.#given?.exported.isAtRest ?? false, settle: () => {} }];
  }

  async #prove(): Promise<void> {
    const { replica, world, source, log, onStatus } = this.#parts;
    const { exported } = this.#given ?? {};
    const hashAt = (seq: number): string | undefined => (seq === exported?.moment.seq ? exported.hash : undefined);
    const proven = await proveReplica({
      ...{ replica, world, dataFolder: source.dataFolder, stateKey: source.stateKey, reads: this.#reads, hashAt },
    }).catch((error: unknown): Result<never> => {
      const detail = error instanceof Error ? error.message : String(error);
      return { ok: false, fault: { code: "store-failed", blame: "world", detail, retryAfterMs: 0 } };
    });
    if (proven.ok) {
      const { seq, tookMs } = proven.value;
      this.status = { ...this.status, provenMs: Date.now(), provenSeq: seq, provenTookMs: Math.round(tookMs) };
      log.info("replica proven", { replica: replica.name, seq, ms: Math.round(tookMs) });
    } else {
      this.#failed(proven.fault, "replica not proven: a restore from it fails");
      await this.#heal();
    }
    onStatus();
  }
}

function later(a: Moment | undefined, b: Moment): Moment {
  return a === undefined || b.seq >= a.seq ? b : a;
}
