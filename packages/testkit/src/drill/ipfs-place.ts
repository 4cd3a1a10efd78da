// Two real IPFS nodes: the world's own, which is lost with its machine, and another one in a process of its own that follows the world's name and
// keeps what it names. The restore is a third node, on a machine that has nothing, and is told the second one's address.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { firstJson } from "../first-json.ts";
import type { FromFollower, ToFollower } from "./ipfs-follower.ts";
import type { DrillPlace } from "./places.ts";

const FOLLOWER = fileURLToPath(new URL("./ipfs-follower.ts", import.meta.url));
const READY_MS = 60_000;

export async function ipfsPlace(folder: string): Promise<DrillPlace> {
  const own = join(folder, "ipfs-own");
  const child = spawn(process.execPath, [FOLLOWER, join(folder, "ipfs-other")], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const ready = (await firstJson(child, READY_MS)) as { readonly address?: string } | undefined;
  if (ready?.address === undefined) throw new Error("the second IPFS node did not start");
  const { address } = ready;
  let kept = 0;
  child.on("message", ({ journalSeq }: FromFollower) => {
    kept = journalSeq;
  });
  return {
    serveArgs: [],
    env: {},
    // The operator names the node, and whom it is to dial, where an address has room for both.
    async prepare(data) {
      await mkdir(data, { recursive: true });
      await writeFile(join(data, "replicas.json"), JSON.stringify([{ replica: `ipfs:${own}`, peers: [address] }]), { mode: 0o600 });
    },
    async joined({ id }) {
      const follow: ToFollower = { world: id };
      child.send(follow);
    },
    keptSeq: async () => kept,
    lost: () => rm(own, { recursive: true, force: true }),
    from: () => `ipfs:${address}`,
    stop: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
