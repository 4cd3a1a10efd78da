// Makes one checkpoint beside a running world, in a thread of its own, so that no tick waits for it. It restores the checkpoint before
// and what came since, as an opening would: what it writes was restored once.
import { parentPort, workerData } from "node:worker_threads";
import { makeCheckpoint } from "@sojourn/runtime/node";
import { partsOf, replay } from "./checkpoints.ts";

export interface CheckpointOrder {
  readonly folder: string;
  readonly seq: number;
}

export interface CheckpointDone {
  readonly wrong?: string;
}

const { folder, seq } = workerData as CheckpointOrder;
let done: CheckpointDone = {};
try {
  makeCheckpoint(folder, seq, (checkpoint, entries) => partsOf(replay({ checkpoint, read: () => entries })));
} catch (error) {
  done = { wrong: error instanceof Error ? error.message : String(error) };
}
parentPort?.postMessage(done);
