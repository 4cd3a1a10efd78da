// What replicas are fed from: a world's data folder, read beside the world that writes there. Nothing waits in memory for a replica that is down:
// whatever it lacks is read again from the journal, which is the truth.
import { join } from "node:path";
import type { StateKey } from "@sojourn/passport/node";
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { readJournal } from "@sojourn/runtime/node";
import { type Archive, type Block, type BlockStore, memoryStore } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { BLOCKS_FOLDER } from "../authority/ground-truth.ts";
import { JOURNAL_FOLDER } from "../kernel/ledger.ts";
import { REPLICATION_LIMITS } from "../limits.ts";
import { exportState } from "./export-state.ts";
import { publicVersion } from "./public-version.ts";

/** A moment of a world: its last durable record, and when that was. */
export interface Moment {
  readonly seq: number;
  readonly tick: number;
  readonly timeMs: number;
}

/** One export of the state, for any number of replicas. */
export interface Exported {
  readonly moment: Moment;
  readonly epoch: number;
  readonly state: ContentId;
  readonly blocks: readonly Block[];
  /** What others may have of the version; null: nothing. */
  readonly version: ContentId | null;
  readonly hash: string;
  readonly isAtRest: boolean;
}

export interface JournalSourceOptions {
  readonly dataFolder: string;
  readonly stateKey: StateKey;
  readonly archive: Archive;
}

export class JournalSource {
  readonly dataFolder: string;
  readonly archive: Archive;
  readonly stateKey: StateKey;
  /** The world's own blocks. */
  readonly blocks: BlockStore;
  #last: { readonly from: number; readonly to: number; readonly records: readonly Uint8Array[] } | undefined;

  constructor({ dataFolder, stateKey, archive }: JournalSourceOptions) {
    this.dataFolder = dataFolder;
    this.stateKey = stateKey;
    this.archive = archive;
    this.blocks = directoryStore(join(dataFolder, BLOCKS_FOLDER), { name: "the world's blocks" });
  }

  /** Faults: `oversized`, `store-failed` (the journal cannot be read). */
  async export(moment: Moment, isAtRest: boolean): Promise<Result<Exported>> {
    const { archive, stateKey, blocks } = this;
    return await failing("the state could not be exported", async () => {
      const first = await exportState(this.dataFolder, { seq: moment.seq, stateKey, isAtRest });
      if (!first.ok) return first;
      const { substrate: root, map } = first.value;
      const given = root === undefined ? ok(null) : await publicVersion({ root, map, nowMs: moment.timeMs }, archive, blocks);
      if (!given.ok) return given;
      const version = given.value;
      const hidden = root === undefined || version === root ? undefined : { root, store: blocks };
      const whole = hidden === undefined ? first : await exportState(this.dataFolder, { seq: moment.seq, stateKey, isAtRest, hidden });
      if (!whole.ok) return whole;
      const { cid, blocks: sealed, facts } = whole.value;
      return ok({ moment, epoch: facts.epoch, state: cid, blocks: sealed, version, hash: facts.hash, isAtRest });
    });
  }

  /** Records `from` to `to`, as far as one segment of the tail may hold them. Fault `store-failed`: they are not there, or not any more. */
  async records(from: number, to: number): Promise<Result<readonly Uint8Array[]>> {
    if (this.#last?.from === from && this.#last.to === to) return ok(this.#last.records);
    return await failing("the journal's end could not be read", async () => {
      const reader = readJournal(join(this.dataFolder, JOURNAL_FOLDER), { beginning: "newest" });
      const records: Uint8Array[] = [];
      let bytes = 0;
      for (const { seq, bytes: record } of reader.read(from)) {
        if (seq > to || bytes > REPLICATION_LIMITS.segmentBytes) break;
        if (seq !== from + records.length) return fail("store-failed", "world", `record ${from} is not in the journal any more`);
        records.push(record);
        bytes += record.length;
      }
      if (records.length === 0) return fail("store-failed", "world", `record ${from} is not in the journal`);
      this.#last = { from, to, records };
      return ok(records);
    });
  }

  /** A store with these blocks and the world's own. */
  with(blocks: readonly Block[]): BlockStore {
    const own = memoryStore("what was sealed", blocks);
    return {
      name: "this world",
      has: async (cid) => (await own.has(cid)) || (await this.blocks.has(cid)),
      get: async (cid, options) => ((await own.has(cid)) ? own.get(cid) : this.blocks.get(cid, options)),
      put: (block) => own.put(block),
    };
  }
}

/** Files that cannot be read are a fault of this world, not the end of the thread that feeds its replicas. */
async function failing<T>(what: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    return fail("store-failed", "world", `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
