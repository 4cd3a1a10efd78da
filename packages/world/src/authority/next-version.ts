// The next version of a world, written into its blocks: here when the change is small, in a thread of its own when it is not. Either way every
// block of it is durable when it is done, and nothing names it yet.
import { Worker } from "node:worker_threads";
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { type Amendment, amendVersion, type Block, type BlockStore, type SubstrateView } from "@sojourn/substrate";
import { HEARTBEAT_LIMITS } from "../limits.ts";
import type { Rest } from "./giving-way.ts";
import type { ToVersionWorker, VersionOrder, VersionWritten } from "./version-worker.ts";

export interface NextVersion extends Pick<Amendment, "add" | "tick" | "timeMs"> {
  readonly parent: ContentId;
}

/** Its root. Faults: those of `amendVersion`, and the store's. */
export async function amendHere(view: SubstrateView, next: NextVersion, store: BlockStore, rest: Rest): Promise<Result<ContentId>> {
  const { add, tick, timeMs } = next;
  const amended = await amendVersion(view, { add, remove: [], tick, timeMs }, store, { rest });
  if (!amended.ok) return amended;
  for (const block of amended.value.newBlocks) {
    const put = await store.put(block);
    if (!put.ok) return put;
    await rest();
  }
  return ok(amended.value.root);
}

/** The same, by a thread that reads and writes the blocks in `folder`; told a few builds at a time. Fault `store-failed` also when it ends. */
export async function amendInThread(folder: string, next: NextVersion, rest: Rest): Promise<Result<ContentId>> {
  const { add, parent, tick, timeMs } = next;
  const order: VersionOrder = { folder, parent, tick, timeMs };
  const worker = new Worker(new URL("./version-worker.ts", import.meta.url), { workerData: order });
  const written = new Promise<VersionWritten>((resolve) => {
    const failed = (why: string): void => resolve(fail("store-failed", "world", `the version was not written: ${why}`));
    worker.once("message", resolve);
    worker.once("error", (error) => failed(error instanceof Error ? error.message : String(error)));
    worker.once("exit", (code) => failed(`the thread ended with ${code}`));
  });
  const say = (message: ToVersionWorker): void => worker.postMessage(message);
  for (let at = 0; at < add.length; at += HEARTBEAT_LIMITS.buildsPerMessage) {
    say({ t: "add", objects: add.slice(at, at + HEARTBEAT_LIMITS.buildsPerMessage) });
    await rest();
  }
  say({ t: "write" });
  return await written;
}

/** Some at a time; the last alone, since it is the root that names the others. */
export async function putBlocks(blocks: readonly Block[], store: BlockStore): Promise<Result<void>> {
  const below = blocks.slice(0, -1);
  for (let at = 0; at < below.length; at += HEARTBEAT_LIMITS.parallelPuts) {
    const puts = below.slice(at, at + HEARTBEAT_LIMITS.parallelPuts).map((block) => store.put(block));
    for (const put of await Promise.all(puts)) if (!put.ok) return put;
  }
  const top = blocks.at(-1);
  return top === undefined ? ok(undefined) : await store.put(top);
}
