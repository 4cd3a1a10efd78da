// Whether an heir may go on with a world by now, and with this: the rules [N8], [N9] and [N17] to [N19] of the SPEC. An heir goes on from the last
// head of the world, or of an heir before it that fell silent in its turn. Law: the time is the reader's own; no word of an heir about time helps
// it; and of heirs who go on from one head the statement's order decides, by the epoch that each has to write in.
import type { WorldId } from "@sojourn/protocol";
import { sameBytes } from "../blocks/node-codec.ts";
import { HEADS } from "../limits.ts";
import type { BlockStore } from "../stores/port.ts";
import { epochOf } from "./head-record.ts";
import { type Heartbeat, readHeartbeat } from "./heartbeat.ts";
import { type Claim, type GenuineHead, type HeadJudge, openHead, openSuccession } from "./open-head.ts";

/** What a reader knows of a world beside the head it judges. */
export interface Heard {
  /** The newest moment at which the world itself is known to have spoken, milliseconds since 1970: a heartbeat of its own, or a link to it. */
  readonly heardMs?: number;
  /** The newest statement of heirs that was seen of it. */
  readonly succession?: Uint8Array;
}

/** An heir that may go on, as it is shown. */
export interface Resumption extends Claim {
  readonly sinceMs: number;
  /** The sequence of the world's own last head, on which all of it goes on; when that was, and the silence that was asked for. */
  readonly fromSequence: number;
  readonly fromMs: number;
}

export type HeirVerdict = { readonly fork: string } | { readonly resumption: Resumption };

/** The epoch in which an heir writes that goes on from a head of `epoch`. Who is named first writes in the highest. */
export function heirEpoch(epoch: number, rank: number): number {
  return epoch + HEADS.heirEpochs + HEADS.heirs - rank;
}

export interface HeirCase {
  readonly genuine: GenuineHead;
  readonly heartbeat: Heartbeat;
  readonly blocks: BlockStore;
  readonly judge: HeadJudge;
  readonly nowMs: number;
  readonly heard: Heard;
}

interface Step {
  readonly genuine: GenuineHead;
  readonly claim: Claim;
  readonly heartbeat: Heartbeat;
}

/** Of an heir's genuine head: why it is somebody's own copy all the same, or as what it is shown. */
export async function judgeHeir({ genuine, heartbeat, blocks, judge, nowMs, heard }: HeirCase): Promise<HeirVerdict> {
  const { claim } = genuine;
  if (claim === undefined) return { fork: "no heir signed it" };
  const outdated = whyOutdated(claim, genuine.head.succession, heard.succession, genuine.world, judge);
  if (outdated !== undefined) return { fork: outdated };
  let step: Step = { genuine, claim, heartbeat };
  for (let count = 0; count < HEADS.resumptions; count++) {
    const before = await headBefore(step, blocks, judge);
    if (typeof before === "string") return { fork: before };
    const own = before.genuine.claim === undefined;
    const lastMs = before.heartbeat.timeMs;
    const early = whyEarly(step, lastMs, own ? Math.max(lastMs, heard.heardMs ?? 0) : lastMs, nowMs);
    if (early !== undefined) return { fork: early };
    if (before.genuine.claim === undefined) {
      const sinceMs = heartbeat.resumed?.sinceMs ?? heartbeat.timeMs;
      return { resumption: { ...claim, sinceMs, fromSequence: before.genuine.head.sequence, fromMs: lastMs } };
    }
    step = { genuine: before.genuine, claim: before.genuine.claim, heartbeat: before.heartbeat };
  }
  return { fork: `more than ${HEADS.resumptions} heirs are said to have followed on each other` };
}

/** The head that an heir's goes on from, with its heartbeat; or why there is none. */
async function headBefore(
  { genuine, claim, heartbeat }: Step,
  blocks: BlockStore,
  judge: HeadJudge,
): Promise<{ readonly genuine: GenuineHead; readonly heartbeat: Heartbeat } | string> {
  const { world, head } = genuine;
  const { resumed } = heartbeat;
  if (resumed === undefined) return "it does not show the head that it goes on from";
  const last = openHead(world, resumed.head, judge);
  if (!last.ok || last.value.head.heartbeat !== resumed.heartbeat) return "what it goes on from is no head of this world";
  const outdated = whyOutdated(claim, head.succession, last.value.head.succession, world, judge);
  if (outdated !== undefined) return outdated;
  const lastEpoch = epochOf(last.value.head);
  if (epochOf(head) !== heirEpoch(lastEpoch, claim.rank)) return "it goes on under numbers that are not this heir's";
  const before = await readHeartbeat(resumed.heartbeat, blocks);
  if (!before.ok) return "the heartbeat that it goes on from is not there to be looked at";
  if (before.value.world !== world || before.value.epoch !== lastEpoch) return "the heartbeat that it goes on from is another world's";
  return { genuine: last.value, heartbeat: before.value };
}

/** A later statement of the world counts, and of two with one version the one that was known before. */
function whyOutdated(
  { statement }: Claim,
  bytes: Uint8Array | undefined,
  known: Uint8Array | undefined,
  world: WorldId,
  judge: HeadJudge,
): string | undefined {
  const other = known === undefined ? undefined : openSuccession(world, known, judge);
  if (other?.ok !== true || other.value.version < statement.version) return undefined;
  if (other.value.version > statement.version) return "the world has named other heirs since";
  return bytes !== undefined && known !== undefined && sameBytes(bytes, known)
    ? undefined
    : "the world has made two statements of heirs with one version";
}

/** `lastMs`: when the head that it goes on from was; `heardMs`: the newest word of the world that the reader knows of. */
function whyEarly({ claim, heartbeat }: Step, lastMs: number, heardMs: number, nowMs: number): string | undefined {
  const { afterMs } = claim.heir;
  const sinceMs = heartbeat.resumed?.sinceMs ?? 0;
  if (sinceMs < lastMs + afterMs || nowMs < heardMs + afterMs) {
    const fromMs = Math.max(lastMs, heardMs) + afterMs;
    return `the world has not been silent for long enough: this heir may go on from ${new Date(Math.min(fromMs, HEADS.latestMs)).toISOString()}`;
  }
  return heartbeat.timeMs < sinceMs ? "its heartbeat is from before it began" : undefined;
}
