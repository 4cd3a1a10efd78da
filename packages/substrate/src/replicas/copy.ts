// Copying a world from one place to another: what a neighbour does. The same order as publishing, and the same law: the head last, so that
// whatever is said to be here is here whole. What is copied is believed because the world signed it, never because of who gave it.
import { type ContentId, fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { type FoundHead, followHead, readFoundHead, rememberHead, type SeenHead } from "../heads/judge.ts";
import { type HeadJudge, openHead } from "../heads/open-head.ts";
import type { BlockStore } from "../stores/port.ts";
import { tieredStore } from "../stores/tiered.ts";
import type { Replica } from "./port.ts";
import { push } from "./publisher.ts";

export interface CopyPlan {
  readonly world: WorldId;
  readonly from: Replica;
  readonly to: Replica;
  readonly judge: HeadJudge;
  readonly nowMs: number;
  /** The highest head that was seen of the world anywhere. */
  readonly seen?: SeenHead | undefined;
  /** Called before a block is taken in, with its bytes: waits for its turn. False: there is no room for it. */
  readonly admit: (bytes: number) => Promise<boolean>;
  /** Blocks asked for at the same time: what may have come and wait for its turn, beyond what was admitted. */
  readonly ahead: number;
}

export interface Copied {
  /** Undefined: nothing lies there. */
  readonly found?: FoundHead;
  /** False: the same head, or none, lay there. */
  readonly isNews: boolean;
  readonly bytes: number;
}

/**
 * Brings the newest head that `from` has, and all that it names, to `to`. Faults: `forged`, `malformed`, `stale-head`, `forked` (also for a
 * copy that somebody goes on with who may not), `no-room` (it was not admitted), and both replicas'.
 */
export async function copyWorld(plan: CopyPlan): Promise<Result<Copied>> {
  const { world, from, to, judge, nowMs } = plan;
  const [there, here] = await Promise.all([from.heads.read(world), to.heads.read(world)]);
  if (!there.ok || !here.ok) return there.ok ? (here as Result<never>) : there;
  if (there.value === undefined) return ok({ isNews: false, bytes: 0 });
  const genuine = openHead(world, there.value, judge);
  if (!genuine.ok) return genuine;
  const held = here.value === undefined ? undefined : await heldHead(here.value, plan);
  const seen = held !== undefined && held.sequence > (plan.seen?.sequence ?? -1) ? held : plan.seen;
  for (const one of [plan.seen, held]) {
    const followed = followHead(one, genuine.value);
    if (!followed.ok) return followed;
  }
  if (held?.sequence === genuine.value.head.sequence) return ok({ isNews: false, bytes: 0 });
  const blocks = tieredStore([to.blocks, admitted(from.blocks, plan.admit)], from.name);
  const found = await readFoundHead(genuine.value, blocks, judge, nowMs, seen);
  if (!found.ok) return found;
  if (found.value.fork !== undefined)
    return fail("forked", "peer", `${from.name} has a copy of ${world} that is not the world: ${found.value.fork}`);
  const pushed = await push({ heartbeat: genuine.value.head.heartbeat, local: blocks }, held?.heartbeat, to.blocks, plan.ahead);
  if (!pushed.ok) return pushed;
  const swapped = await to.heads.swap(world, there.value, here.value);
  return swapped.ok ? ok({ found: found.value, isNews: true, bytes: pushed.value.bytes }) : swapped;
}

/** What lies here already, as a reader would remember it. */
async function heldHead(bytes: Uint8Array, { world, to, judge, nowMs }: CopyPlan): Promise<SeenHead | undefined> {
  const own = openHead(world, bytes, judge);
  if (!own.ok) return undefined;
  const { sequence, heartbeat } = own.value.head;
  const found = await readFoundHead(own.value, to.blocks, judge, nowMs);
  return (found.ok ? rememberHead(undefined, found.value, judge) : undefined) ?? { sequence, heartbeat };
}

function admitted(store: BlockStore, admit: CopyPlan["admit"]): BlockStore {
  const get: BlockStore["get"] = async (cid: ContentId, options) => {
    const got = await store.get(cid, options);
    if (!got.ok || (await admit(got.value.length))) return got;
    return fail("no-room", "client", `there is no room for block ${cid} of ${store.name}`);
  };
  return { ...store, get };
}
