// What a head that lies at a replica is to a writer who comes there: one to go above, nothing at all, or the end of its right to write.
import type { WorldId } from "@sojourn/protocol";
import { epochOf } from "../heads/head-record.ts";
import { readHeartbeat } from "../heads/heartbeat.ts";
import { isWithinSilence, readFoundHead, type SeenHeir } from "../heads/judge.ts";
import type { GenuineHead, HeadJudge } from "../heads/open-head.ts";
import type { BlockStore } from "../stores/port.ts";

export interface Lying {
  readonly genuine: GenuineHead;
  readonly blocks: BlockStore;
  readonly judge: HeadJudge;
  readonly nowMs: number;
  /** The writer's own: what lies below it is gone above. */
  readonly epoch: number;
}

export type Standing = "counts" | "nothing" | { readonly superseded: string };

/** `resumed`: of a writer that is an heir. `heardMs`: when the world's newest head came anywhere, as far as this writer knows. */
export async function standingOf(
  lying: Lying,
  resumed: (SeenHeir & { readonly heir: WorldId }) | undefined,
  heardMs: number,
): Promise<Standing> {
  const { genuine, blocks, judge, nowMs, epoch } = lying;
  if (genuine.claim === undefined) return resumed === undefined ? "counts" : await ownWord(lying, resumed);
  if (genuine.claim.heir.world === resumed?.heir || epochOf(genuine.head) < epoch) return "counts";
  const found = await readFoundHead(genuine, blocks, judge, nowMs, { sequence: 0, heartbeat: "", heardMs });
  // A claim that does not hold is put aside, so that nobody who was named keeps the world out by a number.
  if (!found.ok || found.value.resumption === undefined) return "nothing";
  if (resumed !== undefined) return "counts";
  const { heir, statement, sinceMs } = found.value.resumption;
  const by = `${heir.world} goes on with ${genuine.world} since ${new Date(sinceMs).toISOString()}`;
  return { superseded: `${by}, by statement ${statement.version} of its heirs; this writer is not the world any more` };
}

/** To an heir: the world itself spoke during the silence, or took itself back; what a superseded world said later does not count. */
async function ownWord({ genuine, blocks }: Lying, resumed: SeenHeir): Promise<Standing> {
  if (genuine.head.sequence <= resumed.fromSequence) return "counts";
  const heartbeat = await readHeartbeat(genuine.head.heartbeat, blocks);
  if (!heartbeat.ok || !isWithinSilence(heartbeat.value.timeMs, resumed)) return "counts";
  const at = new Date(heartbeat.value.timeMs).toISOString();
  return { superseded: `${genuine.world} itself spoke at ${at}, during the silence: its heir goes on with nothing` };
}
