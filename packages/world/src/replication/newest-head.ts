// The newest head of a world at one replica, and the heartbeat that it names. Law: nothing is believed that the world's own keys did not sign.
import { headJudge } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { fail, type Result, type WorldId } from "@sojourn/protocol";
import { type FoundHead, type HeadJudge, openHead, type Replica, readFoundHead } from "@sojourn/substrate";

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
