// The newest head of a world among all who keep one: neighbours, buckets, folders behind a web server. Law: only the world's own signature
// decides; who keeps a head is believed for nothing, and cannot bring a reader back to an older one that somebody else has outdone.
import { fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import {
  compareHeads,
  type FoundHead,
  followHead,
  type GenuineHead,
  type HeadJudge,
  type Heartbeat,
  httpReplica,
  openHead,
  type Replica,
  readFoundHead,
  type SeenHead,
  tieredStore,
} from "@sojourn/substrate";
import { CALLS } from "./limits.ts";

/**
 * Asks all replicas at once. `seen`: the head that was shown last, if any. Faults: `missing-block` when nobody keeps a head; otherwise what was
 * wrong with those that are kept (`forged`, `malformed`, `stale-head`, `forked`), or what the replicas failed with, each by name.
 */
export async function newestAmong(
  world: WorldId,
  replicas: readonly Replica[],
  judge: HeadJudge,
  seen: SeenHead | undefined,
  nowMs: number,
): Promise<Result<FoundHead>> {
  const blocks = tieredStore(replicas.map((replica) => replica.blocks));
  const said = await Promise.all(
    replicas.map(async (replica) => {
      const genuine = await headAt(world, replica, judge, seen);
      return genuine.ok ? await readFoundHead(genuine.value, blocks, judge, nowMs, seen) : genuine;
    }),
  );
  const found = said.flatMap((one) => (one.ok ? [one.value] : []));
  const best = bestOf(found.filter(({ fork }) => fork === undefined)) ?? found[0];
  if (best === undefined) return worstOf(world, said);
  const isTwin = found.some((one) => one.fork === undefined && compareHeads(best.head, one.head) === "forked");
  return isTwin ? fail("forked", "peer", `${world} has signed two heads of the same number: neither is shown`) : ok(best);
}

/** The newest of those that may be shown; the world's own word before an heir's that it undoes. */
export function bestOf(found: readonly FoundHead[]): FoundHead | undefined {
  const newest = found.toSorted((a, b) => b.head.sequence - a.head.sequence)[0];
  return found.find((one) => one.claim === undefined && newest !== undefined && isUndoing(one, newest)) ?? newest;
}

/** A head of the world's own that is lower than an heir's was only let through because it undoes that. */
function isUndoing(own: FoundHead, { resumption }: FoundHead): boolean {
  if (resumption === undefined || own.head.sequence <= resumption.fromSequence) return false;
  const { timeMs } = own.heartbeat;
  return timeMs < resumption.sinceMs && timeMs > resumption.sinceMs - resumption.heir.afterMs;
}

async function headAt(world: WorldId, replica: Replica, judge: HeadJudge, seen: SeenHead | undefined): Promise<Result<GenuineHead>> {
  const bytes = await replica.heads.read(world);
  if (!bytes.ok) return bytes;
  if (bytes.value === undefined) return fail("missing-block", "client", `${replica.name} keeps no head of ${world}`);
  const genuine = openHead(world, bytes.value, judge);
  return genuine.ok ? followHead(seen, genuine.value) : genuine;
}

/** A friend as a place of copies. One that does not answer holds nobody up for long: the others may have a head. */
export function friendReplica(base: string): Replica {
  return { ...httpReplica(base), heads: httpReplica(base, { timeoutMs: CALLS.headMs }).heads };
}

/** A lie tells more than a failure, and a failure more than that there is nothing. */
function worstOf(world: WorldId, said: readonly Result<unknown>[]): Result<never> {
  const faults = said.flatMap((one) => (one.ok ? [] : [one.fault]));
  const dulness = ({ code }: { readonly code: string }): number => (code === "missing-block" ? 2 : code === "store-failed" ? 1 : 0);
  const [worst] = faults.sort((a, b) => dulness(a) - dulness(b));
  if (worst === undefined) return fail("missing-block", "client", `nobody was asked for a head of ${world}`);
  return {
    ok: false,
    fault: {
      ...worst,
      detail: faults
        .map(({ detail }) => detail)
        .join("; ")
        .slice(0, 500),
    },
  };
}

/** The version that this head lets others see. Faults: `forked` when it is somebody's own copy, `missing-block` when the world lets nobody keep its land. */
export function publicVersion(world: WorldId, { heartbeat, fork }: FoundHead): Result<string> {
  if (fork !== undefined) return fail("forked", "peer", `What lies there is somebody's own copy and not ${world}: ${fork}.`);
  if (heartbeat.version === null)
    return fail("missing-block", "world", "This world lets nobody keep its land: there is nothing to look at.");
  return ok(heartbeat.version);
}

/** Whether those who show it may give it to each other. */
export function isShared({ archive: { policy } }: Pick<Heartbeat, "archive">): boolean {
  return policy === "builds" || policy === "all";
}
