// Sees to it that opening again never means reading everything: a checkpoint every so many records, and one on closing. A checkpoint
// that cannot be made is said and tried again later; the journal is whole without it.
import { Worker } from "node:worker_threads";
import type { Log } from "@sojourn/runtime";
import type { CheckpointDone, CheckpointOrder } from "../kernel/checkpoint-worker.ts";
import type { Ledger } from "../kernel/ledger.ts";
import { CHECKPOINT_LIMITS } from "../limits.ts";

export class Checkpointer {
  readonly #folder: string;
  readonly #ledger: Ledger;
  readonly #log: Log;
  readonly #every: number;
  /** Records in the newest checkpoint that was made or tried. */
  #madeSeq: number;
  #making: Promise<void> | undefined;

  constructor(folder: string, ledger: Ledger, log: Log, every: number) {
    this.#folder = folder;
    this.#ledger = ledger;
    this.#log = log;
    this.#every = every;
    this.#madeSeq = ledger.checkpointSeq;
  }

  /** Called when a tick is durable. */
  consider(): void {
    if (this.#making === undefined && this.#ledger.durableSeq - this.#madeSeq >= this.#every) this.#make();
  }

  /** The last one, when it is worth it, and none afterwards. The ledger is still open. */
  async close(): Promise<void> {
    await this.#making;
    const isWorthIt = this.#ledger.durableSeq - this.#madeSeq >= Math.min(this.#every, CHECKPOINT_LIMITS.recordsOnClosing);
    if (isWorthIt) await this.#make();
    this.#making ??= Promise.resolve();
  }

  #make(): Promise<void> {
    const seq = this.#ledger.durableSeq;
    this.#madeSeq = seq;
    const startedMs = performance.now();
    this.#making = inThread({ folder: this.#folder, seq }).then(({ wrong }) => {
      this.#making = undefined;
      if (wrong === undefined) this.#log.info("checkpoint", { seq, ms: Math.round(performance.now() - startedMs) });
      else this.#log.error("no checkpoint", { seq, error: wrong });
    });
    return this.#making;
  }
}

function inThread(order: CheckpointOrder): Promise<CheckpointDone> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL("../kernel/checkpoint-worker.ts", import.meta.url), { workerData: order });
    worker.once("message", resolve);
    worker.once("error", (error) => resolve({ wrong: error instanceof Error ? error.message : String(error) }));
    worker.once("exit", (code) => resolve({ wrong: `the thread ended with ${code}` }));
  });
}
