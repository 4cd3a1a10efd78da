// Two writers at one bucket that answers badly: appends that are applied and not answered, 409, 412 and 503, requests that never arrive,
// and takeovers at any moment, while the writer before goes on as if nothing had happened. Judged: no epoch has two owners, and every record
// that was acknowledged is in the journal that the replica holds, once and in order.
import { generateKeys, headJudge } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { type ContentId, valueOf } from "@sojourn/protocol";
import {
  type Heartbeat,
  heartbeatBlock,
  makeBlock,
  memoryStore,
  openHead,
  openPublisher,
  openS3,
  type Publisher,
  type Replica,
  readFoundHead,
  readHeartbeat,
  readTail,
  s3Heads,
  tailBlock,
} from "@sojourn/substrate";
import { type Random, seededRandom } from "../federation/random.ts";
import { answerBucket, type Bucket, refusalOf } from "../s3/bucket.ts";
import { signerOf } from "./crashes.ts";

export interface AppendOutcome {
  /** Appends that were tried and those that were acknowledged. */
  readonly appends: number;
  readonly acknowledged: number;
  readonly takeovers: number;
  readonly fenced: number;
  readonly troubles: { readonly [kind: string]: number };
  readonly doubleOwners: number;
  readonly lostRecords: number;
  readonly wrong: readonly string[];
}

const JUDGE = headJudge(() => undefined, nodeEd25519);
const NOW = 1_800_000_000_000;
/** Appends between two states: the tail begins anew. */
const APPENDS_PER_STATE = 200;
const TROUBLES = ["done, unanswered", "done, then 503", "not done, 503", "not done, 409", "not done, unanswered"] as const;

/** A bucket behind a `fetch` that fails as services do. No socket: a hundred thousand appends are to be made. */
class BadBucket {
  readonly bucket: Bucket = new Map();
  readonly troubles: { [kind: string]: number } = {};
  badness = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  readonly fetch = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const request = input instanceof Request ? input : undefined;
    const url = new URL(request?.url ?? String(input));
    const headers = new Headers(request?.headers ?? init?.headers);
    const body =
      request === undefined
        ? ((init?.body as Uint8Array | null | undefined) ?? new Uint8Array())
        : new Uint8Array(await request.arrayBuffer());
    const method = request?.method ?? init?.method ?? "GET";
    const trouble = method === "PUT" && this.#random.chance(this.badness) ? this.#random.pick(TROUBLES) : undefined;
    if (trouble !== undefined) this.troubles[trouble] = (this.troubles[trouble] ?? 0) + 1;
    if (trouble?.startsWith("not done") === true) return this.#refuse(trouble);
    const answer = answerBucket(
      this.bucket,
      {
        ...{ method, key: decodeURIComponent(url.pathname.split("/").slice(2).join("/")), query: url.searchParams, body },
        ifMatch: headers.get("if-match") ?? undefined,
        ifNoneMatch: headers.get("if-none-match") ?? undefined,
      },
      1_000,
      true,
    );
    if (answer.status === 412) this.troubles["412"] = (this.troubles["412"] ?? 0) + 1;
    if (trouble !== undefined) return this.#refuse(trouble);
    const empty = [204, 304].includes(answer.status) || method === "HEAD";
    return new Response(empty ? null : (answer.body as BodyInit), { status: answer.status, headers: answer.headers });
  };

  #refuse(trouble: (typeof TROUBLES)[number]): Response {
    if (trouble.endsWith("unanswered")) throw new TypeError("fetch failed", { cause: new Error("the connection was reset") });
    const conflict = trouble.endsWith("409");
    const { status, headers, body } = refusalOf(conflict ? 409 : 503, conflict ? "ConditionalRequestConflict" : "SlowDown");
    return new Response(body as string, { status, headers });
  }
}

/** A writer of one epoch, with what it believes to be the journal. Its blocks lie in memory: the run is about the head. */
interface Writer {
  readonly epoch: number;
  readonly publisher: Publisher;
  heartbeat: Heartbeat;
  isStopped: boolean;
}

export async function appendBadly(appends: number, seed: number): Promise<AppendOutcome> {
  const run = new AppendRun(seededRandom(seed), await generateKeys());
  return await run.run(appends);
}

class AppendRun {
  readonly #random: Random;
  readonly #keys: Awaited<ReturnType<typeof generateKeys>>;
  readonly #service: BadBucket;
  readonly #blocks = memoryStore("blocks");
  /** What was acknowledged: record number → by which epoch and which text. */
  readonly #acknowledged = new Map<number, string>();
  readonly #owners = new Map<number, Set<Writer>>();
  readonly #wrong: string[] = [];
  #written = 0;
  #fenced = 0;

  constructor(random: Random, keys: Awaited<ReturnType<typeof generateKeys>>) {
    this.#random = random;
    this.#keys = keys;
    this.#service = new BadBucket(random);
  }

  async run(appends: number): Promise<AppendOutcome> {
    let writers: Writer[] = [await this.#begin()];
    let takeovers = 0;
    for (let i = 0; i < appends && this.#wrong.length < 20; i++) {
      this.#service.badness = 0.15;
      if (this.#random.chance(0.002)) {
        const heir = await this.#takeOver();
        if (heir !== undefined) {
          takeovers++;
          // The writer before is not told: it goes on until it is fenced.
          writers = [...writers.filter(({ isStopped }) => !isStopped).slice(-2), heir];
        }
      }
      const writer = this.#random.pick(writers);
      await this.#append(writer.isStopped ? (writers.at(-1) as Writer) : writer);
    }
    const lostRecords = await this.#judge();
    const doubleOwners = [...this.#owners.values()].filter((owners) => owners.size > 1).length;
    const { troubles } = this.#service;
    return {
      ...{ appends, acknowledged: this.#acknowledged.size, takeovers, fenced: this.#fenced },
      ...{ troubles, doubleOwners, lostRecords, wrong: this.#wrong },
    };
  }

  #replica(): Replica {
    const options = { endpoint: "http://s3.test", bucket: "worlds", accessKeyId: "key", secretAccessKey: "secret", name: "a bad bucket" };
    const objects = valueOf(openS3({ ...options, fetch: this.#service.fetch as typeof fetch }));
    return { name: objects.name, kind: "s3", blocks: this.#blocks, heads: s3Heads(objects), close: async () => undefined };
  }

  #publisher(epoch: number): Publisher {
    return openPublisher({ replica: this.#replica(), world: this.#keys.id, epoch, judge: JUDGE });
  }

  async #begin(): Promise<Writer> {
    const plain: Pick<Heartbeat, "world" | "archive"> = { world: this.#keys.id, archive: { policy: "none", delayMs: 0 } };
    const state = await makeBlock("raw", new Uint8Array([0]));
    valueOf(await this.#blocks.put(state));
    const heartbeat: Heartbeat = {
      ...{ ...plain, epoch: 1, stateSeq: 0, journalSeq: 0, tick: 0, timeMs: NOW },
      ...{ version: null, state: state.cid, tail: null, before: null },
    };
    const writer: Writer = { epoch: 1, publisher: this.#publisher(1), heartbeat, isStopped: false };
    if (!(await this.#publish(writer, heartbeat))) throw new Error("a bucket without troubles takes the first head");
    return writer;
  }

  /** Reads what the replica holds and goes on with it in the next epoch. Undefined when somebody else was faster, or nobody knows. */
  async #takeOver(): Promise<Writer | undefined> {
    const replica = this.#replica();
    const bytes = valueOf(await replica.heads.read(this.#keys.id));
    if (bytes === undefined) throw new Error("the head is gone");
    const found = valueOf(await readFoundHead(valueOf(openHead(this.#keys.id, bytes, JUDGE)), this.#blocks, JUDGE, NOW));
    const epoch = found.heartbeat.epoch + 1;
    const writer: Writer = { epoch, publisher: this.#publisher(epoch), heartbeat: { ...found.heartbeat, epoch }, isStopped: false };
    return (await this.#publish(writer, writer.heartbeat)) ? writer : undefined;
  }

  async #append(writer: Writer): Promise<void> {
    const { heartbeat } = writer;
    const seq = heartbeat.journalSeq + 1;
    const record = `${writer.epoch}:${seq}:${++this.#written}`;
    const sealed = await makeBlock("raw", new TextEncoder().encode(record));
    valueOf(await this.#blocks.put(sealed));
    const isFull = seq - heartbeat.stateSeq > APPENDS_PER_STATE;
    // A new state holds all records before this one; the replica keeps the heartbeat before it, where they are looked up in the end.
    const base = isFull ? { ...heartbeat, stateSeq: seq - 1, tail: null, before: await this.#cidOf(heartbeat) } : heartbeat;
    const tail = await tailBlock({ before: base.tail, fromSeq: seq, toSeq: seq, sealed: sealed.cid });
    valueOf(await this.#blocks.put(tail));
    if (await this.#publish(writer, { ...base, epoch: writer.epoch, journalSeq: seq, tail: tail.cid })) {
      if (this.#acknowledged.has(seq))
        this.#wrong.push(`record ${seq} was acknowledged twice: ${this.#acknowledged.get(seq)} and ${record}`);
      this.#acknowledged.set(seq, record);
    }
  }

  async #cidOf(heartbeat: Heartbeat): Promise<ContentId> {
    const block = await heartbeatBlock(heartbeat);
    valueOf(await this.#blocks.put(block));
    return block.cid;
  }

  /** True when it was acknowledged. Otherwise the writer has read that it was not done, is fenced, or stops because it does not know. */
  async #publish(writer: Writer, heartbeat: Heartbeat): Promise<boolean> {
    const plan = { heartbeat: await this.#cidOf(heartbeat), local: this.#blocks, signer: signerOf(this.#keys), nowMs: NOW };
    const done = await writer.publisher.publish(plan);
    if (done.ok) {
      writer.heartbeat = heartbeat;
      this.#owners.set(writer.epoch, (this.#owners.get(writer.epoch) ?? new Set()).add(writer));
      return true;
    }
    if (done.fault.code === "stale-head") this.#fenced++;
    // Whatever it was: this writer does not go on from a journal that it is not sure of.
    writer.isStopped = true;
    return false;
  }

  /** Walks back through all that the replica holds. The number of acknowledged records that are not there. */
  async #judge(): Promise<number> {
    this.#service.badness = 0;
    const found = new Map<number, string>();
    const bytes = valueOf(await this.#replica().heads.read(this.#keys.id));
    let next: ContentId | null = valueOf(openHead(this.#keys.id, bytes as Uint8Array, JUDGE)).head.heartbeat;
    while (next !== null) {
      const heartbeat: Heartbeat = valueOf(await readHeartbeat(next, this.#blocks));
      for (const link of valueOf(await readTail(heartbeat, this.#blocks))) {
        found.set(link.fromSeq, new TextDecoder().decode(valueOf(await this.#blocks.get(link.sealed))));
      }
      next = heartbeat.before;
    }
    let lost = 0;
    for (const [seq, record] of this.#acknowledged) if (found.get(seq) !== record) lost++;
    return lost;
  }
}
