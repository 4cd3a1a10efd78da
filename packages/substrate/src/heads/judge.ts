// How a head stands to what a reader has seen of a world, and how it is shown. The rules [N3] to [N9] and [N18] of the SPEC. The time is the
// reader's own.
import { fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import type { BlockStore } from "../stores/port.ts";
import { epochOf, type Head } from "./head-record.ts";
import { type Heartbeat, readHeartbeat } from "./heartbeat.ts";
import { type Heard, judgeHeir, type Resumption } from "./heirs.ts";
import { type GenuineHead, type HeadJudge, openSuccession } from "./open-head.ts";

/** What a reader remembers of a world: the head that it showed last, and what it has heard. */
export interface SeenHead extends Pick<Head, "sequence" | "heartbeat">, Heard {
  /** When that head is an heir's. */
  readonly resumed?: SeenHeir;
}

/** The sequence of the world's own head that the heir goes on from, since when, and after what silence. */
export interface SeenHeir {
  readonly fromSequence: number;
  readonly sinceMs: number;
  readonly afterMs: number;
}

/** How a head stands to the one that was seen. `forked`: the same number, and other content. */
export function compareHeads(
  seen: Pick<Head, "sequence" | "heartbeat"> | undefined,
  head: Pick<Head, "sequence" | "heartbeat">,
): "newer" | "same" | "older" | "forked" {
  if (seen === undefined || head.sequence > seen.sequence) return "newer";
  if (head.sequence < seen.sequence) return "older";
  return head.heartbeat === seen.heartbeat ? "same" : "forked";
}

/**
 * The head, when a reader who has seen that one may show this one. A word of the world itself from after what an heir goes on from is let
 * through: {@link readFoundHead} says whether it undoes the heir. Faults: `stale-head` (older), `forked` (the same number, other content).
 */
export function followHead(seen: SeenHead | undefined, genuine: GenuineHead): Result<GenuineHead> {
  const standing = compareHeads(seen, genuine.head);
  const isContesting = genuine.claim === undefined && seen?.resumed !== undefined && genuine.head.sequence > seen.resumed.fromSequence;
  if (standing === "older" && !isContesting)
    return fail("stale-head", "peer", `a newer head of ${genuine.world} was seen before; this one is not shown in its place`);
  if (standing === "forked") return fail("forked", "peer", `${genuine.world} was seen with another head of the same number`);
  return ok(genuine);
}

/** A head with what it names, as a reader shows it. */
export interface FoundHead extends GenuineHead {
  readonly heartbeat: Heartbeat;
  /** Milliseconds since the world was as it is shown; never below 0. */
  readonly ageMs: number;
  /** Its time is over: it is shown as such. */
  readonly isPastTime: boolean;
  /** Why this is to be shown as somebody's own copy and not as the world; undefined: it is the world. */
  readonly fork?: string;
  /** An heir goes on with the world, and may: shown as that. */
  readonly resumption?: Resumption;
}

/**
 * The heartbeat that a genuine head names, and how both are to be shown at `nowMs` by a reader who knows `seen`. Faults: the store's,
 * `bad-block` when the heartbeat is another world's or epoch's, `stale-head` as {@link followHead}.
 */
export async function readFoundHead(
  genuine: GenuineHead,
  blocks: BlockStore,
  judge: HeadJudge,
  nowMs: number,
  seen?: SeenHead,
): Promise<Result<FoundHead>> {
  const { world, head } = genuine;
  const read = await readHeartbeat(head.heartbeat, blocks);
  if (!read.ok) return read;
  const heartbeat = read.value;
  if (heartbeat.world !== world) return fail("bad-block", "world", `the head of ${world} names a heartbeat of ${heartbeat.world}`);
  if (heartbeat.epoch !== epochOf(head)) return fail("bad-block", "world", "the head and its heartbeat are not of one epoch");
  const found = { ...genuine, heartbeat, ageMs: Math.max(0, nowMs - heartbeat.timeMs), isPastTime: nowMs > head.untilMs };
  if (genuine.claim !== undefined)
    return ok({ ...found, ...(await judgeHeir({ genuine, heartbeat, blocks, judge, nowMs, heard: seen ?? {} })) });
  if (heartbeat.resumed !== undefined) return ok({ ...found, fork: "it says that it goes on with a world that signs for itself" });
  const isOlder = seen !== undefined && head.sequence < seen.sequence;
  return isOlder && !isWithinSilence(heartbeat.timeMs, seen.resumed)
    ? fail("stale-head", "peer", `${world} was resumed by an heir of its own; this head is from before that, and not shown in its place`)
    : ok(found);
}

/** The world spoke while its heir says that it was silent. */
export function isWithinSilence(timeMs: number, heir: SeenHeir | undefined): boolean {
  return heir !== undefined && timeMs < heir.sinceMs && timeMs > heir.sinceMs - heir.afterMs;
}

/** What to remember after having shown this. What is somebody's own copy is not remembered. */
export function rememberHead(seen: SeenHead | undefined, found: FoundHead, judge: HeadJudge): SeenHead | undefined {
  if (found.fork !== undefined) return seen;
  const { head, heartbeat, resumption } = found;
  const { sequence, heartbeat: cid } = head;
  const heardMs = Math.max(seen?.heardMs ?? 0, resumption === undefined ? heartbeat.timeMs : resumption.fromMs);
  const succession = newerStatement(seen?.succession, head.succession, found.world, judge);
  return {
    ...{ sequence, heartbeat: cid, heardMs },
    ...(succession === undefined ? {} : { succession }),
    ...(resumption === undefined
      ? {}
      : {
          resumed: { fromSequence: resumption.fromSequence, sinceMs: resumption.sinceMs, afterMs: resumption.heir.afterMs },
        }),
  };
}

/** Of two statements of a world the one that counts; what is not the world's own does not. */
export function newerStatement(
  known: Uint8Array | undefined,
  shown: Uint8Array | undefined,
  world: WorldId,
  judge: HeadJudge,
): Uint8Array | undefined {
  const [before, now] = [known, shown].map((bytes) => (bytes === undefined ? undefined : openSuccession(world, bytes, judge)));
  if (now?.ok !== true) return known;
  return before?.ok === true && before.value.version >= now.value.version ? known : shown;
}
