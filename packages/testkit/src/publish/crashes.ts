// A crash at every step of publishing: heartbeat after heartbeat is published by processes that end one step later each time. After each
// end a reader who knows nothing but the world's id looks at the replica alone: the head there is genuine, not older than any seen before,
// and everything that it names is there and right.
import { generateKeys, headJudge, type OpenKeys } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { FaultError, type Result, valueOf, type WorldId } from "@sojourn/protocol";
import {
  type Block,
  compareHeads,
  copyWorld,
  type Head,
  type HeadSigner,
  missingBlocks,
  openHead,
  openPublisher,
  type Publisher,
  type Replica,
  readFoundHead,
} from "@sojourn/substrate";
import { seededRandom } from "../federation/random.ts";
import { Ended, endingReplica } from "./ending.ts";
import { WorldLine } from "./world-line.ts";

/** A kind of store to publish to: each call of `open` is another process's door to the same place. */
export interface CrashPlace {
  readonly kind: string;
  open(step: (name: string) => void): Replica;
  /** Waited for before anything begins. */
  ready?(): Promise<void>;
  /** A place that takes copies: the world publishes there, and what ends is whoever copies from it to here. */
  readonly copied?: { readonly published: Replica; readonly from: Replica };
  /** Where the last head and all that it names must be found as well when all is over. */
  readonly elsewhere?: Replica;
}

export interface CrashOutcome {
  readonly kind: string;
  readonly crashes: number;
  readonly published: number;
  /** Steps at which a process ended, all different ones of one publish counted once. */
  readonly steps: number;
  /** What a reader found wrong, as sentences. */
  readonly wrong: readonly string[];
}

const EPOCH = 1;
const NOW_MS = 1_800_000_000_000;
const AHEAD = 8;
const JUDGE = headJudge(() => undefined, nodeEd25519);

export function signerOf(keys: OpenKeys): HeadSigner {
  return { sign: async (bytes) => nodeEd25519.sign(bytes, keys.secret) };
}

/** Ends `crashes` processes in all. The first heartbeat, which puts a whole world, ends at every 13th step only. */
export async function crashEverywhere(place: CrashPlace, crashes: number, seed: number): Promise<CrashOutcome> {
  const random = seededRandom(seed);
  const keys = await generateKeys();
  const line = new WorldLine(keys.id, random);
  await place.ready?.();
  const plain = place.open(() => undefined);
  const reader = new Reader(plain, keys.id);
  let [count, published, mostSteps] = [0, 0, 0];
  const publishTo = (replica: Replica, block: Block): ReturnType<Publisher["publish"]> => {
    const publisher = openPublisher({ replica, world: keys.id, epoch: EPOCH, judge: JUDGE });
    return publisher.publish({ heartbeat: block.cid, local: line.store, signer: signerOf(keys), nowMs: NOW_MS + count });
  };
  while (count < crashes && reader.wrong.length < 20) {
    const isFirst = published === 0;
    const block = isFirst || random.chance(0.3) ? await line.beat(EPOCH) : await line.append(EPOCH);
    if (place.copied !== undefined) valueOf(await publishTo(place.copied.published, block));
    for (let at = 0; count < crashes; at += isFirst ? 13 : 1) {
      const replica = endingReplica(place.open, at);
      const done = await unlessEnded<Result<unknown>>(
        place.copied === undefined ? publishTo(replica, block) : copyTo(replica, place.copied.from, keys.id),
      );
      const found = await reader.look(`${place.kind}, step ${at}`);
      mostSteps = isFirst ? mostSteps : Math.max(mostSteps, at);
      if (done === undefined) {
        count++;
        continue;
      }
      valueOf(done);
      if (found?.heartbeat !== block.cid) reader.wrong.push(`${place.kind}: what was acknowledged does not lie there`);
      published++;
      break;
    }
  }
  if (place.elsewhere !== undefined) {
    valueOf(await publishTo(plain, await line.beat(EPOCH)));
    await reader.look(`${place.kind}, at the end`);
    await reader.lookElsewhere(place.elsewhere);
  }
  await plain.close();
  return { kind: place.kind, crashes: count, published, steps: mostSteps, wrong: reader.wrong };
}

/** As a neighbour does. */
function copyTo(to: Replica, from: Replica, world: WorldId): Promise<Result<unknown>> {
  return copyWorld({ world, from, to, judge: JUDGE, nowMs: NOW_MS, admit: async () => true, ahead: AHEAD });
}

async function unlessEnded<T>(act: Promise<T>): Promise<T | undefined> {
  try {
    return await act;
  } catch (error) {
    if (error instanceof Ended) return undefined;
    throw error;
  }
}

/** A stranger who looks at a replica now and then, and remembers how far the world was. */
class Reader {
  readonly wrong: string[] = [];
  readonly #replica: Replica;
  readonly #world: WorldId;
  #seen: Head | undefined;

  constructor(replica: Replica, world: WorldId) {
    this.#replica = replica;
    this.#world = world;
  }

  async look(when: string): Promise<Head | undefined> {
    try {
      const head = await this.#head();
      const standing = head === undefined ? "gone" : compareHeads(this.#seen, head);
      if (standing === "older" || standing === "forked" || (standing === "gone" && this.#seen !== undefined)) {
        this.wrong.push(`${when}: the head is ${standing}`);
      }
      this.#seen = head ?? this.#seen;
      return head;
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      this.wrong.push(`${when}: ${error.message}`);
      return undefined;
    }
  }

  /** The newest head must be there, too, with all of it. */
  async lookElsewhere(replica: Replica): Promise<void> {
    const head = await this.#head(replica).catch((error: Error) => error.message);
    const found = typeof head === "string" ? head : (head?.heartbeat ?? "nothing");
    if (found !== this.#seen?.heartbeat) this.wrong.push(`elsewhere lies ${found}, not ${this.#seen?.heartbeat}`);
  }

  async #head(replica: Replica = this.#replica): Promise<Head | undefined> {
    const bytes = valueOf(await replica.heads.read(this.#world));
    if (bytes === undefined) return undefined;
    const genuine = valueOf(openHead(this.#world, bytes, JUDGE));
    valueOf(await readFoundHead(genuine, replica.blocks, JUDGE, Date.now()));
    for await (const block of missingBlocks(genuine.head.heartbeat, undefined, replica.blocks)) valueOf(block);
    return genuine.head;
  }
}
