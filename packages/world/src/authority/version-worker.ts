// The thread that writes the next version of a large change: chunks are read, amended, hashed and made durable here, and no tick waits for it.
import { parentPort, workerData } from "node:worker_threads";
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { amendVersion, openVersion, type StaticObject } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { putBlocks } from "./next-version.ts";

export interface VersionOrder {
  /** The world's blocks. */
  readonly folder: string;
  readonly parent: ContentId;
  readonly tick: number;
  readonly timeMs: number;
}

export type ToVersionWorker = { readonly t: "add"; readonly objects: readonly StaticObject[] } | { readonly t: "write" };

/** The new root. */
export type VersionWritten = Result<ContentId>;

const add: StaticObject[] = [];

parentPort?.on("message", async (message: ToVersionWorker) => {
  if (message.t === "add") {
    add.push(...message.objects);
    return;
  }
  const written: VersionWritten = await write(workerData as VersionOrder).catch((error: unknown) =>
    fail("store-failed", "world", String(error)),
  );
  parentPort?.postMessage(written);
  parentPort?.close();
});

async function write({ folder, parent, tick, timeMs }: VersionOrder): Promise<VersionWritten> {
  const store = directoryStore(folder, { name: "the world's blocks" });
  const view = await openVersion(parent, store);
  if (!view.ok) return view;
  const amended = await amendVersion(view.value, { add, remove: [], tick, timeMs }, store);
  if (!amended.ok) return amended;
  // Made here and read back by whoever opens the version.
  const put = await putBlocks(amended.value.newBlocks, directoryStore(folder, { isVerified: true }));
  return put.ok ? ok(amended.value.root) : put;
}
