// Publishing a world to one replica: blocks first, the heartbeat's node next, the head last, by compare-and-swap. Rules [N10] to [N14].
// Law: one thing at a time; what was not answered is read again; who finds a head of a later writer stops for good.
import { type ContentId, type Fault, fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { sameBytes } from "../blocks/node-codec.ts";
import { epochOf, type Head, nextSequence, writeHead } from "../heads/head-record.ts";
import type { SeenHeir } from "../heads/judge.ts";
import { type GenuineHead, type HeadJudge, openHead } from "../heads/open-head.ts";
import { HEADS, PUBLISH } from "../limits.ts";
import type { Block, BlockStore } from "../stores/port.ts";
import { tieredStore } from "../stores/tiered.ts";
import { missingBlocks } from "./missing-blocks.ts";
import type { Replica } from "./port.ts";
import { standingOf } from "./standing.ts";

/** Who signs a world's heads now. A change of keys hands in another one. */
export interface HeadSigner {
  /** When it is not the world's identity key that signs. */
  readonly kid?: WorldId;
  readonly keys?: string;
  readonly succession?: Uint8Array;
  readonly heir?: WorldId;
  /** With `heir`: where that world is entered. */
  readonly at?: string;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface PublisherOptions {
  readonly replica: Replica;
  readonly world: WorldId;
  /** This writer's epoch. A writer of a higher one that was here before it fences it out. */
  readonly epoch: number;
  readonly judge: HeadJudge;
  /** The highest sequence this writer knows of from elsewhere: its heads here are above it, whatever lies here. */
  readonly after?: number;
  /** When the world's newest head came to any replica, milliseconds since 1970: an heir's claim to its silence is measured by that. */
  readonly heardMs?: () => number;
  /** This writer is an heir: on what it goes on, and since when. */
  readonly resumed?: SeenHeir & { readonly heir: WorldId };
  readonly ttlMs?: number;
  readonly validityMs?: number;
  /** Waits, when this writer took the place of one that was sweeping. Default: {@link PUBLISH}'s grace, in real time. */
  readonly grace?: () => Promise<void>;
}

export interface PublishPlan {
  /** The heartbeat's id; its block and all that hangs on it are in `local`. */
  readonly heartbeat: ContentId;
  readonly local: BlockStore;
  readonly signer: HeadSigner;
  /** The wall's time. */
  readonly nowMs: number;
  /** Push everything again, what the replica is thought to hold included: it was found that it does not. */
  readonly isWhole?: boolean;
  readonly progress?: (pushed: Pushed) => void;
}

export interface Pushed {
  readonly blocks: number;
  readonly bytes: number;
}

export interface Published {
  readonly head: Head;
  readonly bytes: Uint8Array;
  readonly pushed: Pushed;
}

export interface Publisher {
  readonly replica: Replica;
  readonly world: WorldId;
  /** The head that this writer knows to lie there; undefined before the first look. */
  readonly lying: GenuineHead | undefined;
  /**
   * Faults: `stale-head` when another writer's head lies there (final for this writer when it is of a higher epoch, `retryAfterMs` 0);
   * `superseded`, final, when an heir goes on with the world by right, or the world without this heir; the replica's, and those of reading `local`. After any fault the head that lies there names a complete version all the same.
   */
  publish(plan: PublishPlan): Promise<Result<Published>>;
  /** Runs something that must not happen while a head is published here: the sweep does. */
  exclusively<T>(act: (lying: GenuineHead | undefined) => Promise<T>): Promise<T>;
  /** Puts a head that names what the one that lies there names: the sweep begins and ends with one. Only within `exclusively`. */
  restate(signer: HeadSigner, nowMs: number, isSweeping: boolean): Promise<Result<Published>>;
}

interface Lying {
  readonly bytes: Uint8Array | undefined;
  readonly genuine: GenuineHead | undefined;
  /** Why this writer is none any more. */
  readonly superseded?: string;
}

export function openPublisher(options: PublisherOptions): Publisher {
  return new ReplicaPublisher(options);
}

class ReplicaPublisher implements Publisher {
  readonly #options: PublisherOptions;
  #lying: Lying | undefined;
  /** A head whose swap was not answered: when it lies there, it is this writer's. */
  #unanswered: Uint8Array | undefined;
  #isFenced: Fault | undefined;
  #nowMs = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  get replica(): Replica {
    return this.#options.replica;
  }

  get world(): WorldId {
    return this.#options.world;
  }

  get lying(): GenuineHead | undefined {
    return this.#lying?.genuine;
  }

  exclusively<T>(act: (lying: GenuineHead | undefined) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(
      () => act(this.lying),
      () => act(this.lying),
    );
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  publish(plan: PublishPlan): Promise<Result<Published>> {
    return this.exclusively(() => this.#publish(plan));
  }

  async #publish(plan: PublishPlan): Promise<Result<Published>> {
    this.#nowMs = plan.nowMs;
    const lying = await this.#look();
    if (!lying.ok) return lying;
    if (lying.value.genuine?.head.isSweeping === true) {
      // Whoever swept here may be in the middle of a deletion: it is kept from the next one, and given time for this one.
      const taken = await this.#swap(lying.value.genuine.head.heartbeat, plan.signer, plan.nowMs, { blocks: 0, bytes: 0 }, false);
      if (!taken.ok) return taken;
      await (this.#options.grace ?? waitGrace)();
    }
    const held = plan.isWhole === true ? undefined : lying.value.genuine?.head.heartbeat;
    const pushed = await push(plan, held, this.replica.blocks);
    if (!pushed.ok) return pushed;
    return await this.#swap(plan.heartbeat, plan.signer, plan.nowMs, pushed.value, false);
  }

  async restate(signer: HeadSigner, nowMs: number, isSweeping: boolean): Promise<Result<Published>> {
    this.#nowMs = nowMs;
    const lying = await this.#look();
    if (!lying.ok) return lying;
    const heartbeat = lying.value.genuine?.head.heartbeat;
    if (heartbeat === undefined)
      return fail("stale-head", "world", `${this.replica.name} has no head of ${this.#options.world} to state again`);
    return await this.#swap(heartbeat, signer, nowMs, { blocks: 0, bytes: 0 }, isSweeping);
  }

  /** The head that lies there, read once; afterwards this writer knows it, or is told that another one came. */
  async #look(): Promise<Result<Lying>> {
    if (this.#isFenced !== undefined) return { ok: false, fault: this.#isFenced };
    if (this.#lying !== undefined && this.#unanswered === undefined) return ok(this.#lying);
    const found = await this.#read();
    if (!found.ok) return found;
    const { genuine, bytes } = found.value;
    if (found.value.superseded !== undefined) return this.#end(found.value.superseded);
    const isOwn = same(bytes, this.#lying?.bytes) || (this.#unanswered !== undefined && same(bytes, this.#unanswered));
    if (this.#lying !== undefined && !isOwn) return this.#fence(genuine);
    if (genuine !== undefined && epochOf(genuine.head) > this.#options.epoch) return this.#fence(genuine);
    this.#lying = found.value;
    this.#unanswered = undefined;
    return ok(found.value);
  }

  async #read(): Promise<Result<Lying>> {
    const { replica, world, judge } = this.#options;
    const bytes = await replica.heads.read(world);
    if (!bytes.ok) return bytes;
    // What is no head of this world is put aside like nothing: the swap still names its bytes.
    const genuine = bytes.value === undefined ? undefined : openHead(world, bytes.value, judge);
    if (genuine?.ok !== true) return ok({ bytes: bytes.value, genuine: undefined });
    const place = { genuine: genuine.value, blocks: replica.blocks, judge, nowMs: this.#nowMs, epoch: this.#options.epoch };
    const standing = await standingOf(place, this.#options.resumed, this.#options.heardMs?.() ?? 0);
    if (standing === "counts") return ok({ bytes: bytes.value, genuine: genuine.value });
    if (standing === "nothing") return ok({ bytes: bytes.value, genuine: undefined });
    return ok({ bytes: bytes.value, genuine: genuine.value, superseded: `${replica.name}: ${standing.superseded}` });
  }

  #end(detail: string): Result<never> {
    const ended = fail("superseded", "world", detail);
    if (!ended.ok) this.#isFenced = ended.fault;
    return ended;
  }

  #fence(genuine: GenuineHead | undefined): Result<never> {
    const { replica, world, epoch } = this.#options;
    const by = genuine === undefined ? "something else" : `a head of epoch ${epochOf(genuine.head)}`;
    const fenced = fail(
      "stale-head",
      "world",
      `${replica.name}: ${by} lies where this writer of epoch ${epoch} put its head; another writer speaks for ${world}`,
    );
    if (!fenced.ok) this.#isFenced = fenced.fault;
    return fenced;
  }

  async #swap(heartbeat: ContentId, signer: HeadSigner, nowMs: number, pushed: Pushed, isSweeping: boolean): Promise<Result<Published>> {
    const { replica, world, epoch } = this.#options;
    const { sign, ...shown } = signer;
    const last = Math.max(this.lying?.head.sequence ?? -1, this.#options.after ?? -1);
    const sequence = nextSequence(epoch, last < 0 ? undefined : last);
    if (sequence === undefined) return this.#fence(this.lying);
    const { ttlMs = PUBLISH.ttlMs, validityMs = HEADS.validityMs } = this.#options;
    const head: Head = {
      heartbeat,
      sequence,
      ttlMs,
      untilMs: Math.min(nowMs + validityMs, HEADS.latestMs),
      ...shown,
      ...(isSweeping ? { isSweeping } : {}),
    };
    const bytes = await writeHead(head, sign);
    for (let tries = 1; ; tries++) {
      this.#unanswered = bytes;
      const swapped = await replica.heads.swap(world, bytes, this.#lying?.bytes);
      if (swapped.ok) break;
      if (swapped.fault.code !== "stale-head" && swapped.fault.code !== "store-failed") {
        this.#unanswered = undefined;
        return swapped;
      }
      const found = await this.#read();
      if (!found.ok) return found;
      if (same(found.value.bytes, bytes)) break;
      if (found.value.superseded !== undefined) return this.#end(found.value.superseded);
      if (!same(found.value.bytes, this.#lying?.bytes)) return this.#fence(found.value.genuine);
      if (tries === PUBLISH.tries) return swapped;
    }
    this.#unanswered = undefined;
    this.#lying = { bytes, genuine: { world, head, bytes } };
    return ok({ head, bytes, pushed });
  }
}

function waitGrace(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PUBLISH.sweepGraceMs));
}

/** Puts what is missing, the heartbeat's node after everything else. A few reads and puts are under way at once, and none when it is done. */
export async function push(
  { heartbeat, local, progress }: Pick<PublishPlan, "heartbeat" | "local" | "progress">,
  held: ContentId | undefined,
  to: BlockStore,
  ahead: number = PUBLISH.parallel,
): Promise<Result<Pushed>> {
  const underWay = new Set<Promise<void>>();
  let failed: Result<never> | undefined;
  let pushed: Pushed = { blocks: 0, bytes: 0 };
  let top: Block | undefined;
  const put = async (block: Block): Promise<void> => {
    const done = await to.put(block);
    if (!done.ok) failed ??= done;
    pushed = { blocks: pushed.blocks + 1, bytes: pushed.bytes + block.bytes.length };
    progress?.(pushed);
  };
  try {
    for await (const missing of missingBlocks(heartbeat, held, held === undefined ? local : tieredStore([local, to]), ahead)) {
      if (!missing.ok) failed ??= missing;
      if (failed !== undefined || !missing.ok) break;
      if (missing.value.cid === heartbeat) {
        top = missing.value;
        continue;
      }
      const one: Promise<void> = put(missing.value).then(() => void underWay.delete(one));
      // What throws is heard below, also when the next block is long in coming.
      one.catch(() => undefined);
      underWay.add(one);
      if (underWay.size >= PUBLISH.parallel) await Promise.race(underWay);
    }
  } finally {
    // What was begun is waited for whatever happens: nothing of it may reach the replica after another publish has begun.
    await Promise.allSettled(underWay);
  }
  await Promise.all(underWay);
  if (failed === undefined && top !== undefined) await put(top);
  return failed ?? ok(pushed);
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameBytes(a, b);
}
