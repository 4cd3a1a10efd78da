// Wrong blocks by the hundred thousand, at every store that runs in a process: put into it, laid under it, sent to it. None may come out
// again or be taken, each is named, and what was damaged is healed by the right block. Drawn from a seed.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Block,
  type BlockStore,
  cachedStore,
  httpStore,
  makeBlock,
  memoryStore,
  openS3,
  s3Store,
  tieredStore,
} from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { type Random, seededRandom } from "../federation/random.ts";

export interface StoreReport {
  readonly blocks: number;
  /** Wrong bytes given out or taken. Must be 0, as the three below. */
  accepted: number;
  /** Refused without saying which block. */
  unnamed: number;
  /** Damaged, and still wrong after the right block was put. */
  unhealed: number;
  /** Right bytes refused. */
  refused: number;
  readonly kinds: Record<string, number>;
}

/** How blocks can be wrong. Each is told from the right bytes, and `duplicated` from another right block. */
const KINDS: Readonly<Record<string, (right: Uint8Array, other: Uint8Array, random: Random) => Uint8Array>> = {
  "one bit": (right, _, random) => {
    const bytes = right.slice();
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return bytes;
  },
  wrong: (right, _, random) => Uint8Array.from(right, (byte) => byte ^ (1 + random.below(255))),
  short: (right, _, random) => right.subarray(0, random.below(right.length)),
  long: (right, _, random) => Uint8Array.from([...right, ...Array.from({ length: 1 + random.below(16) }, () => random.below(256))]),
  duplicated: (right) => Uint8Array.from([...right, ...right]),
  "another's": (_, other) => other,
  "far too long": () => OVERSIZED,
};
const OVERSIZED = new Uint8Array(1_048_577);
const SIZES = [1, 2, 63, 64, 1_000, 1_100];

/** A store and the way to lay bytes under it; `slow`: to have it answer too late. */
export interface Victim {
  readonly share: number;
  readonly store: BlockStore;
  readonly isReadOnly: boolean;
  lay?(block: Block, bytes: Uint8Array): Promise<void> | void;
  /** Whether the answer to the next request never comes; only where something is asked at all. */
  stall?(block: Block): void;
  close?(): Promise<void>;
}

export async function attackStores(
  blocks: number,
  seed: number,
  more: Readonly<Record<string, Victim>> = {},
): Promise<Record<string, StoreReport>> {
  const victims = { ...(await openVictims()), ...more };
  const shares = Object.values(victims).reduce((sum, { share }) => sum + share, 0);
  const reports: Record<string, StoreReport> = {};
  for (const [index, [name, victim]] of Object.entries(victims).entries()) {
    const random = seededRandom(seed + index);
    reports[name] = await attack(victim, Math.ceil((blocks * victim.share) / shares), random);
    await victim.close?.();
  }
  return reports;
}

async function attack(victim: Victim, blocks: number, random: Random): Promise<StoreReport> {
  const report: StoreReport = { blocks, accepted: 0, unnamed: 0, unhealed: 0, refused: 0, kinds: {} };
  const rights = await Promise.all(
    Array.from({ length: 64 }, (_, i) =>
      makeBlock(
        "raw",
        Uint8Array.from({ length: random.pick(SIZES) }, (_, at) => (at * 31 + i * 7 + random.below(256)) & 255),
      ),
    ),
  );
  const slow: Promise<void>[] = [];
  for (let i = 0; i < blocks; i++) {
    const right = random.pick(rights);
    // A few never answer: each takes its whole time, so they wait side by side.
    if (victim.stall !== undefined && i % 97 === 0) {
      const block = await makeBlock("raw", Uint8Array.of(i & 255, (i >> 8) & 255, (i >> 16) & 255, 9));
      slow.push(stallOnce(victim, block, report));
      continue;
    }
    const [kind, make] = random.pick(Object.entries(KINDS));
    const wrong = make(right.bytes, random.pick(rights).bytes, random);
    if (Buffer.compare(wrong, right.bytes) === 0) continue;
    report.kinds[kind] = (report.kinds[kind] ?? 0) + 1;
    await attackOnce(victim, right, wrong, report);
  }
  await Promise.all(slow);
  return report;
}

async function attackOnce({ store, isReadOnly, lay }: Victim, right: Block, wrong: Uint8Array, report: StoreReport): Promise<void> {
  if (!isReadOnly) {
    const put = await store.put({ cid: right.cid, bytes: wrong });
    if (put.ok) report.accepted++;
    else if (!put.fault.detail.includes(right.cid)) report.unnamed++;
  }
  if (lay === undefined) return;
  await lay(right, wrong);
  const got = await store.get(right.cid);
  if (got.ok) report.accepted++;
  else if (!got.fault.detail.includes(right.cid)) report.unnamed++;
  if (isReadOnly) await lay(right, right.bytes);
  else if (!(await store.put(right)).ok) report.refused++;
  const healed = await store.get(right.cid);
  if (!healed.ok || Buffer.compare(healed.value, right.bytes) !== 0) report.unhealed++;
}

async function stallOnce(victim: Victim, block: Block, report: StoreReport): Promise<void> {
  report.kinds.slow = (report.kinds.slow ?? 0) + 1;
  victim.stall?.(block);
  const got = await victim.store.get(block.cid);
  if (got.ok) report.accepted++;
  else if (!got.fault.detail.includes(block.cid)) report.unnamed++;
}

/** A network in a function: what was laid is answered, what was stalled is answered never. */
function network(held: Map<string, Uint8Array>, stalled: Set<string>): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const cid = url.pathname.split("/").at(-1) as string;
    if (stalled.delete(cid)) await new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
    if (init?.method === "PUT") held.set(cid, new Uint8Array(init.body as Uint8Array<ArrayBuffer>));
    if (init?.method === "DELETE") held.delete(cid);
    if (init?.method === "PUT" || init?.method === "DELETE") return new Response(null, { status: 200, headers: { etag: '"e"' } });
    const bytes = held.get(cid);
    if (bytes === undefined) return new Response("", { status: 404 });
    return new Response(init?.method === "HEAD" ? null : (bytes.slice() as Uint8Array<ArrayBuffer>), {
      headers: { etag: `"${bytes.length}"` },
    });
  };
}

const STALL_MS = 50;

async function openVictims(): Promise<Record<string, Victim>> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-hostile-"));
  const web = new Map<string, Uint8Array>();
  const webStalled = new Set<string>();
  const http = httpStore("http://gateway.test", { fetch: network(web, webStalled), timeoutMs: STALL_MS });
  const bucket = new Map<string, Uint8Array>();
  const bucketStalled = new Set<string>();
  const options = { endpoint: "http://s3.test", bucket: "worlds", accessKeyId: "a", secretAccessKey: "b", timeoutMs: STALL_MS };
  const objects = openS3({ ...options, fetch: network(bucket, bucketStalled) });
  if (!objects.ok) throw new Error(objects.fault.detail);
  const layAt =
    (held: Map<string, Uint8Array>) =>
    (block: Block, bytes: Uint8Array): void =>
      void held.set(block.cid, bytes);
  const stallAt =
    (stalled: Set<string>) =>
    (block: Block): void =>
      void stalled.add(block.cid);
  const directory = directoryStore(folder, { durable: false });
  const behind = new Map<string, Uint8Array>();
  const lying = (held: Map<string, Uint8Array>): BlockStore => httpStore("http://origin.test", { fetch: network(held, new Set()) });
  // A cache that keeps nothing: what is asked goes through to the liar each time.
  const forgetful: BlockStore = {
    ...memoryStore("full"),
    put: async ({ cid }) => ({ ok: false, fault: { code: "store-failed", blame: "client", detail: `${cid}: full`, retryAfterMs: 0 } }),
  };
  return {
    memory: { share: 20, store: memoryStore(), isReadOnly: false },
    directory: {
      share: 8,
      store: directory,
      isReadOnly: false,
      lay: (block, bytes) => layFile(directory, folder, block, bytes),
      close: () => rm(folder, { recursive: true, force: true }),
    },
    http: { share: 25, store: http, isReadOnly: true, lay: layAt(web), stall: stallAt(webStalled) },
    s3: { share: 12, store: s3Store(objects.value), isReadOnly: false, lay: layAt(bucket), stall: stallAt(bucketStalled) },
    cached: { share: 15, store: cachedStore(forgetful, lying(behind)), isReadOnly: true, lay: layAt(behind) },
    tiered: { share: 20, store: tieredStore([memoryStore("near"), lying(behind)]), isReadOnly: true, lay: layAt(behind) },
  };
}

async function layFile(store: BlockStore, folder: string, block: Block, bytes: Uint8Array): Promise<void> {
  await store.put(block);
  await writeFile(join(folder, block.cid.slice(-3, -1), block.cid), bytes);
}
