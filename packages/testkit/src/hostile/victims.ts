// The stores that run in any process, each with a way to lay wrong bytes under it: files on a disk, and servers on loopback that answer
// whatever they are told to. Nothing between a store and the bytes it is given is acted.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Block, type BlockStore, cachedStore, httpStore, memoryStore, openS3, s3Store, tieredStore } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { startTestS3 } from "../s3/server.ts";
import { isSame, type Victim } from "./attack.ts";

/** What is asked in vain is waited for so long; everything else as long as it takes, for a busy machine is no lie. */
export const STALL_MS = 50;
export const PATIENT_MS = 60_000;
const LANES = 4;

export async function openVictims(): Promise<Record<string, Victim>> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-hostile-"));
  const gateway = await startGateway();
  const files = { directory: join(folder, "blocks"), cached: join(folder, "cache"), tiered: join(folder, "near") };
  const patient = httpStore(gateway.url, { timeoutMs: PATIENT_MS });
  const disk = (at: string): BlockStore => directoryStore(at, { durable: false });
  // Both are wrong, and the farther one is mended: what was near has to be found as well.
  const layBoth =
    (near: string) =>
    async (block: Block, bytes: Uint8Array): Promise<void> => {
      gateway.held.set(block.cid, bytes);
      if (!isSame(bytes, block.bytes)) await layFile(near, block, bytes);
    };
  return {
    memory: { share: 20, lanes: 1, store: memoryStore(), isReadOnly: false },
    directory: {
      ...{ share: 10, lanes: LANES, store: disk(files.directory), isReadOnly: false },
      lay: (block, bytes) => layFile(files.directory, block, bytes),
    },
    http: {
      ...{ share: 20, lanes: LANES, store: patient, isReadOnly: true, impatient: httpStore(gateway.url, { timeoutMs: STALL_MS }) },
      lay: ({ cid }, bytes) => void gateway.held.set(cid, bytes),
      stall: ({ cid }) => void gateway.silent.add(cid),
    },
    s3: await s3Victim(),
    cached: {
      ...{ share: 10, lanes: LANES, store: cachedStore(disk(files.cached), patient), isReadOnly: true },
      lay: layBoth(files.cached),
    },
    tiered: {
      ...{ share: 10, lanes: LANES, store: tieredStore([disk(files.tiered), patient]), isReadOnly: true },
      lay: layBoth(files.tiered),
      close: async () => {
        await gateway.close();
        await rm(folder, { recursive: true, force: true });
      },
    },
  };
}

async function layFile(folder: string, { cid }: Block, bytes: Uint8Array): Promise<void> {
  const path = join(folder, cid.slice(-3, -1), cid);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

interface Gateway {
  readonly url: string;
  /** Content id → what is answered for it. */
  readonly held: Map<string, Uint8Array>;
  /** Asked for these, it says nothing at all. */
  readonly silent: Set<string>;
  close(): Promise<void>;
}

async function startGateway(): Promise<Gateway> {
  const held = new Map<string, Uint8Array>();
  const silent = new Set<string>();
  const server = createServer((request, response) => {
    const cid = new URL(request.url ?? "", "http://gateway").pathname.replace("/ipfs/", "");
    if (silent.has(cid)) return;
    const bytes = held.get(cid);
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-length": String(bytes.length) }).end(request.method === "HEAD" ? undefined : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, held, silent, close };
}

async function s3Victim(): Promise<Victim> {
  const service = await startTestS3();
  const open = (timeoutMs: number): BlockStore => {
    const objects = openS3({ ...service.options("worlds"), timeoutMs });
    if (!objects.ok) throw new Error(objects.fault.detail);
    return s3Store(objects.value);
  };
  let laid = 0;
  return {
    ...{ share: 4, lanes: LANES, store: open(PATIENT_MS), impatient: open(STALL_MS), isReadOnly: false },
    lay: ({ cid }, bytes) => void service.buckets.get("worlds")?.set(`ipfs/${cid}`, { bytes, etag: `laid ${laid++}` }),
    stall: ({ cid }) => service.trouble({ kind: "silent", key: (key) => key.endsWith(cid) }),
    close: () => service.close(),
  };
}
