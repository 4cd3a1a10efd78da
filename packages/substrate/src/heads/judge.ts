// Whose head it is, and how it stands to the one that was seen before. The rules [N1] to [N9] of the SPEC. What knows keys and tokens is
// handed in; the time is the reader's own.
import { fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import type { BlockStore } from "../stores/port.ts";
import { epochOf, type Head, readHead } from "./head-record.ts";
import { type Heartbeat, readHeartbeat } from "./heartbeat.ts";
import { readSuccession, type Succession } from "./succession.ts";

/** What a reader judges heads with; the passport room has one. */
export interface HeadJudge {
  /** The key that speaks for this world by what the head shows: its identity key, or one that its statement lists. Fault `bad-proof`. */
  speaker(world: WorldId, shown: { readonly kid?: string; readonly keys?: string }): Result<Uint8Array>;
  /** The key that a world is named by, when it is a sound one. */
  identity(world: WorldId): Result<Uint8Array>;
  verify(signature: Uint8Array, signed: Uint8Array, publicKey: Uint8Array): boolean;
}

/** A head that is genuine: by the world itself, or by an heir that a statement of the world names. */
export interface GenuineHead {
  readonly world: WorldId;
  readonly head: Head;
  readonly bytes: Uint8Array;
  /** Of an heir's head: the silence that must have gone before, milliseconds. */
  readonly silenceMs?: number;
}

/** Faults: `malformed`, `oversized`, `forged`. */
export function openHead(world: WorldId, bytes: Uint8Array, judge: HeadJudge): Result<GenuineHead> {
  const read = readHead(bytes);
  if (!read.ok) return read;
  const { head, signed, signature } = read.value;
  const { heir, kid, keys, succession } = head;
  if (heir !== undefined && kid === undefined) return forged(world, "it is said to be an heir's and is signed by nobody's key");
  const shown = { ...(kid === undefined ? {} : { kid }), ...(keys === undefined ? {} : { keys }) };
  const speaker = judge.speaker(heir ?? world, shown);
  if (!speaker.ok) return forged(world, speaker.fault.detail);
  if (!judge.verify(signature, signed, speaker.value)) return forged(world, "the signature does not verify");
  if (heir === undefined) return ok({ world, head, bytes });
  const statement = openSuccession(world, succession ?? new Uint8Array(), judge);
  const named = statement.ok ? statement.value.heirs.find((one) => one.world === heir) : undefined;
  if (named === undefined) return forged(world, statement.ok ? `it does not name ${heir} as an heir` : statement.fault.detail);
  return ok({ world, head, bytes, silenceMs: named.afterMs });
}

/** A world's genuine statement of heirs. Faults: `malformed`, `oversized`, `forged`. */
export function openSuccession(world: WorldId, bytes: Uint8Array, judge: HeadJudge): Result<Succession> {
  const read = readSuccession(bytes);
  if (!read.ok) return read;
  const { succession, signed, signature } = read.value;
  const key = judge.identity(world);
  const isGenuine = succession.world === world && key.ok && judge.verify(signature, signed, key.value);
  return isGenuine ? ok(succession) : fail("forged", "peer", `this statement of heirs is not by the identity key of ${world}`);
}

function forged(world: WorldId, why: string): Result<never> {
  return fail("forged", "peer", `this is no head of ${world}: ${why}`);
}

/** What a reader remembers of a world. */
export type SeenHead = Pick<Head, "sequence" | "heartbeat">;

/** How a head stands to the one that was seen. `forked`: the same number, and other content. */
export function compareHeads(seen: SeenHead | undefined, head: SeenHead): "newer" | "same" | "older" | "forked" {
  if (seen === undefined || head.sequence > seen.sequence) return "newer";
  if (head.sequence < seen.sequence) return "older";
  return head.heartbeat === seen.heartbeat ? "same" : "forked";
}

/** The head, when a reader who has seen that one may show this one. Faults: `stale-head` (older), `forked` (the same number, other content). */
export function followHead(seen: SeenHead | undefined, genuine: GenuineHead): Result<GenuineHead> {
  const standing = compareHeads(seen, genuine.head);
  if (standing === "older")
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
}

/**
 * The heartbeat that a genuine head names, and how both are to be shown at `nowMs`. Faults: the store's, and `bad-block` when the heartbeat
 * is another world's or epoch's.
 */
export async function readFoundHead(genuine: GenuineHead, blocks: BlockStore, judge: HeadJudge, nowMs: number): Promise<Result<FoundHead>> {
  const { world, head } = genuine;
  const heartbeat = await readHeartbeat(head.heartbeat, blocks);
  if (!heartbeat.ok) return heartbeat;
  if (heartbeat.value.world !== world)
    return fail("bad-block", "world", `the head of ${world} names a heartbeat of ${heartbeat.value.world}`);
  if (heartbeat.value.epoch !== epochOf(head)) return fail("bad-block", "world", "the head and its heartbeat are not of one epoch");
  const fork = await whyFork(genuine, heartbeat.value, blocks, judge, nowMs);
  return ok({
    ...genuine,
    heartbeat: heartbeat.value,
    ageMs: Math.max(0, nowMs - heartbeat.value.timeMs),
    isPastTime: nowMs > head.untilMs,
    ...(fork === undefined ? {} : { fork }),
  });
}

/** Why an heir is not one yet, or not of this: it must go on from a head of the world's own, after the silence that the world asks for. */
async function whyFork(
  { world, head, silenceMs }: GenuineHead,
  { resumed, timeMs }: Heartbeat,
  blocks: BlockStore,
  judge: HeadJudge,
  nowMs: number,
): Promise<string | undefined> {
  if (silenceMs === undefined) return resumed === undefined ? undefined : "it says that it goes on with a world that signs for itself";
  if (resumed === undefined) return "it does not show the head that it goes on from";
  const last = openHead(world, resumed, judge);
  if (!last.ok || last.value.silenceMs !== undefined) return "what it goes on from is no head of the world's own";
  const [lastWill, will] = [last.value.head.succession, head.succession].map((one) =>
    one === undefined ? undefined : openSuccession(world, one, judge),
  );
  if (lastWill?.ok === true && will?.ok === true && lastWill.value.version > will.value.version)
    return "the world has named other heirs since";
  if (epochOf(last.value.head) >= epochOf(head)) return "it goes on in an epoch of the world's own";
  const before = await readHeartbeat(last.value.head.heartbeat, blocks);
  if (!before.ok) return "the heartbeat that it goes on from is not there to be looked at";
  const from = before.value.timeMs + silenceMs;
  return Math.min(nowMs, timeMs) < from ? "the world has not been silent for long enough" : undefined;
}
