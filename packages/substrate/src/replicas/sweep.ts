// Taking old blocks out of a replica. Rules [N14] and [N15]. Law: nothing is deleted that a kept version needs, or that a head being published
// now may name: the sweeper's own head, put by compare-and-swap, lies there all the while, and keeps every other writer out or shows that one came.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { sameBytes } from "../blocks/node-codec.ts";
import { readHeartbeat } from "../heads/heartbeat.ts";
import { SWEEP } from "../limits.ts";
import type { BlockStore } from "../stores/port.ts";
import { tieredStore } from "../stores/tiered.ts";
import { missingBlocks } from "./missing-blocks.ts";
import type { HeadSigner, Publisher } from "./publisher.ts";

/** What a replica keeps: the newest versions, so many or so young. The newest one always. */
export interface Retention {
  readonly versions: number;
  /** Versions younger than this are kept as well, milliseconds. */
  readonly ageMs?: number;
}

export interface SweepPlan {
  readonly retention: Retention;
  readonly signer: HeadSigner;
  readonly nowMs: number;
  /** Where blocks can be read more cheaply than from the replica. */
  readonly local?: BlockStore;
}

export interface Swept {
  /** Versions that are kept, newest first, by their heartbeats. */
  readonly kept: readonly ContentId[];
  readonly deleted: number;
}

/**
 * Deletes what no kept version needs. Faults: `not-allowed` (the replica cannot list or delete, or holds other worlds as well), `stale-head`
 * (another writer came: nothing more is deleted), the replica's, and `missing-block` when its newest version is not whole: then nothing is.
 */
export function sweepReplica(publisher: Publisher, plan: SweepPlan): Promise<Result<Swept>> {
  return publisher.exclusively(async () => {
    const { replica } = publisher;
    const others = await othersAt(publisher);
    if (others !== undefined) return others;
    const begun = await publisher.restate(plan.signer, plan.nowMs, true);
    if (!begun.ok) return begun;
    const read = plan.local === undefined ? replica.blocks : tieredStore([plan.local, replica.blocks]);
    const marked = await mark(begun.value.head.heartbeat, plan, read);
    const swept = marked.ok ? await sweep(publisher, marked.value, begun.value.bytes) : marked;
    // Also when it could not be finished: the head says again that nobody is sweeping.
    const ended = await publisher.restate(plan.signer, plan.nowMs, false);
    return swept.ok && !ended.ok ? ended : swept;
  });
}

async function othersAt({ replica, world }: Publisher): Promise<Result<never> | undefined> {
  const { blocks, heads } = replica;
  if (blocks.list === undefined || blocks.delete === undefined || heads.list === undefined) {
    return fail("not-allowed", "client", `${replica.name} cannot say what it holds, so nothing old is taken out of it`);
  }
  const worlds = await heads.list();
  if (!worlds.ok) return worlds;
  const others = worlds.value.filter((one) => one !== world);
  if (others.length === 0) return undefined;
  return fail(
    "not-allowed",
    "client",
    `${replica.name} holds other worlds as well (${others[0]}); give each a place of its own, then old versions can go`,
  );
}

interface Marked {
  readonly kept: ContentId[];
  readonly needed: ReadonlySet<ContentId>;
}

/** All blocks of the kept versions. An older version that is not whole any more is not kept, nor is what lies behind it. */
async function mark(newest: ContentId, { retention, nowMs }: SweepPlan, read: BlockStore): Promise<Result<Marked>> {
  const needed = new Set<ContentId>();
  const kept: ContentId[] = [];
  for (let next: ContentId | null = newest; next !== null && kept.length < SWEEP.versions; ) {
    const heartbeat: Awaited<ReturnType<typeof readHeartbeat>> = await readHeartbeat(next, read);
    if (!heartbeat.ok) return kept.length === 0 ? heartbeat : ok({ kept, needed });
    const isYoung = retention.ageMs !== undefined && nowMs - heartbeat.value.timeMs < retention.ageMs;
    if (kept.length > 0 && kept.length >= retention.versions && !isYoung) break;
    const own: ContentId[] = [];
    for await (const block of missingBlocks(next, kept.at(-1), read)) {
      if (!block.ok) return kept.length === 0 ? block : ok({ kept, needed });
      own.push(block.value.cid);
    }
    for (const cid of own) needed.add(cid);
    kept.push(next);
    next = heartbeat.value.before;
  }
  return ok({ kept, needed });
}

async function sweep({ replica, world }: Publisher, { kept, needed }: Marked, own: Uint8Array): Promise<Result<Swept>> {
  let deleted = 0;
  let checkedMs = Number.NEGATIVE_INFINITY;
  for await (const cid of replica.blocks.list?.() ?? []) {
    if (needed.has(cid)) continue;
    if (performance.now() - checkedMs > SWEEP.checkMs || deleted % SWEEP.batch === 0) {
      const lying = await replica.heads.read(world);
      if (!lying.ok) return lying;
      if (lying.value === undefined || !sameBytes(lying.value, own)) {
        return fail("stale-head", "world", `${replica.name}: another head came while old blocks were taken out; the rest stays`);
      }
      checkedMs = performance.now();
    }
    await replica.blocks.delete?.(cid);
    deleted++;
  }
  return ok({ kept, deleted });
}
