// The newest head of a world at one replica, and the heartbeat that it names. Law: nothing is believed that the world's own keys did not sign.
import { headJudge } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { fail, type Result, type WorldId } from "@sojourn/protocol";
import { epochOf, type FoundHead, HEADS, type HeadJudge, openHead, type Replica, readFoundHead } from "@sojourn/substrate";

export type { FoundHead };

export const judge: HeadJudge = headJudge(() => undefined, nodeEd25519) as HeadJudge;

/** Faults: `missing-block` (none lies there), `forged`, `malformed`, `bad-block`, and the replica's. */
export async function newestHead(replica: Replica, world: WorldId): Promise<Result<FoundHead>> {
  const bytes = await replica.heads.read(world);
  if (!bytes.ok) return bytes;
  if (bytes.value === undefined)
    return fail("missing-block", "client", `${replica.name} holds no head of ${world}: no heartbeat of this world came there`);
  const genuine = openHead(world, bytes.value, judge);
  return genuine.ok ? await readFoundHead(genuine.value, replica.blocks, judge, Date.now()) : genuine;
}

export interface LastOwn {
  readonly found: FoundHead;
  /** The highest epoch of the heads that lie on it: those of heirs. */
  readonly epoch: number;
  /** Who goes on with the world there, by right or not. */
  readonly heir?: WorldId;
}

/** The newest head at one replica that is by the world itself: where an heir's lies, the one that the heir goes on from. Faults: as {@link newestHead}. */
export async function lastOwnHead(replica: Replica, world: WorldId): Promise<Result<LastOwn>> {
  const newest = await newestHead(replica, world);
  if (!newest.ok || newest.value.claim === undefined) return newest.ok ? { ok: true, value: lastOwn(newest.value, newest.value) } : newest;
  let found = newest.value;
  for (let count = 0; count <= HEADS.resumptions && found.claim !== undefined; count++) {
    const { resumed } = found.heartbeat;
    const before = resumed === undefined ? undefined : openHead(world, resumed.head, judge);
    if (before?.ok !== true)
      return fail("missing-block", "peer", `${replica.name} has an heir's head of ${world}, and none by the world itself`);
    const read = await readFoundHead(before.value, replica.blocks, judge, Date.now());
    if (!read.ok) return read;
    found = read.value;
  }
  if (found.claim !== undefined) return fail("forked", "peer", `${replica.name} has only heirs' heads of ${world}`);
  return { ok: true, value: lastOwn(found, newest.value) };
}

function lastOwn(found: FoundHead, newest: FoundHead): LastOwn {
  const heir = newest.claim?.heir.world;
  return { found, epoch: epochOf(newest.head), ...(heir === undefined ? {} : { heir }) };
}
