// A running world's side of its replicas: it says what is durable and when a heartbeat is due, and hears how they stand. Law: saying it costs the
// tick one message; all else is the thread's.
import { Worker } from "node:worker_threads";
import { type Fault, FaultError, fault, type WorldId } from "@sojourn/protocol";
import type { Clock, Log } from "@sojourn/runtime";
import { REPLICATION_LIMITS } from "../limits.ts";
import type { KeptNeighbour, MeshBudget } from "../mesh/mesh.ts";
import type { Moment } from "./journal-source.ts";
import type { Beaten, KeeperOptions, SigningKey } from "./keeper.ts";
import type { NeighbourStatus, OwnCopy } from "./neighbour-proofs.ts";
import type { ReplicaStatus } from "./replica-status.ts";
import type { FromWorker, ToWorker } from "./replication-worker.ts";

export interface ReplicationOptions extends KeeperOptions {
  /** 0: the journal's end is not shipped between heartbeats. */
  readonly shipEveryMs: number;
}

export interface ReplicationParts {
  readonly clock: Clock;
  readonly log: Log;
  /** What is durable now. */
  readonly moment: () => Moment;
  /** An heir goes on with this world by right. */
  readonly onSuperseded: (why: Fault) => void;
}

export class Replication {
  readonly #worker: Worker;
  readonly #parts: ReplicationParts;
  readonly #shipEveryMs: number;
  readonly #waiting = new Map<number, (beaten: readonly Beaten[]) => void>();
  #statuses: readonly ReplicaStatus[] = [];
  #neighbours: readonly NeighbourStatus[] = [];
  #beats = 0;
  #cancel: (() => void) | undefined;
  #isOver = false;
  #settleClosed: () => void = () => {};

  private constructor(worker: Worker, { shipEveryMs }: ReplicationOptions, parts: ReplicationParts) {
    this.#worker = worker;
    this.#parts = parts;
    this.#shipEveryMs = shipEveryMs;
    worker.on("message", (message: FromWorker) => this.#hear(message));
    worker.on("error", (error) => this.#ended(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    worker.on("exit", () => this.#ended("the thread ended"));
    this.#arm();
  }

  /** Throws a FaultError when a replica is named wrong. */
  static async open(options: ReplicationOptions, parts: ReplicationParts): Promise<Replication> {
    const worker = new Worker(new URL("./replication-worker.ts", import.meta.url), { workerData: options });
    const opened = await new Promise<FromWorker>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    if (opened.t === "open" && opened.problem === undefined) return new Replication(worker, options, parts);
    await worker.terminate();
    throw new FaultError(fault("malformed", "client", opened.t === "open" ? (opened.problem ?? "") : "the replicas could not be opened"));
  }

  /** How this world's own copy stands at a neighbour; undefined before it was looked for. */
  ownCopyAt(neighbour: WorldId): OwnCopy | undefined {
    return this.#neighbours.find(({ world }) => world === neighbour)?.own;
  }

  get statuses(): readonly ReplicaStatus[] {
    return this.#statuses;
  }

  /** A heartbeat to every replica. Never rejects; one that failed is tried again by itself. */
  beat(isAtRest = false): Promise<readonly Beaten[]> {
    if (this.#isOver) return Promise.resolve([]);
    const id = this.#beats++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#say({ t: "beat", id, moment: this.#parts.moment(), isAtRest });
    });
  }

  useKey(signing: SigningKey): void {
    this.#say({ t: "key", signing });
  }

  /** Of a world in a mesh: whether its neighbours would bring it back is looked at in the thread. */
  hear(neighbours: readonly KeptNeighbour[], budget: MeshBudget): void {
    this.#say({ t: "neighbours", neighbours, budget });
  }

  /** The journal is closed and complete: a last heartbeat says so, and is waited for as long as is decent. */
  async close(): Promise<void> {
    this.#cancel?.();
    if (this.#isOver) return;
    const { log } = this.#parts;
    const isOver = new Promise<void>((resolve) => {
      this.#settleClosed = resolve;
    });
    const late = setTimeout(() => {
      log.error("replicas are not complete: the world closed without them", { waitedMs: REPLICATION_LIMITS.closeMs });
      this.#settleClosed();
    }, REPLICATION_LIMITS.closeMs);
    void this.beat(true).then((beaten) => {
      for (const { replica, fault: why } of beaten)
        if (why !== undefined) log.error("replica lacks the last of the world", { replica, code: why.code, detail: why.detail });
      this.#say({ t: "close" });
    });
    await isOver;
    clearTimeout(late);
    this.#isOver = true;
    await this.#worker.terminate();
  }

  /** The world did not open. */
  async abandon(): Promise<void> {
    this.#cancel?.();
    this.#isOver = true;
    await this.#worker.terminate();
  }

  #say(message: ToWorker): void {
    if (!this.#isOver) this.#worker.postMessage(message);
  }

  #arm(): void {
    if (this.#shipEveryMs === 0 || this.#isOver) return;
    const { clock } = this.#parts;
    this.#cancel = clock.schedule(clock.monotonic() + this.#shipEveryMs, () => {
      this.#say({ t: "ship", moment: this.#parts.moment() });
      this.#arm();
    });
  }

  #hear(message: FromWorker): void {
    switch (message.t) {
      case "status":
        this.#statuses = message.status.replicas;
        this.#neighbours = message.status.neighbours ?? [];
        for (const { fault: why } of this.#statuses) if (why?.code === "superseded") this.#parts.onSuperseded(why);
        return;
      case "log":
        this.#parts.log[message.level](message.message, message.fields);
        return;
      case "beaten":
        this.#waiting.get(message.id)?.(message.beaten);
        this.#waiting.delete(message.id);
        return;
      case "closed":
        this.#settleClosed();
        return;
      default:
        return;
    }
  }

  #ended(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel?.();
    this.#parts.log.error("replicas are not fed any more", { why });
    for (const settle of this.#waiting.values()) settle([]);
    this.#waiting.clear();
    this.#settleClosed();
  }
}
