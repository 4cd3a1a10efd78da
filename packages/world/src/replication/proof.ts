// Proves a replica: a restore from it alone, in a folder of its own that is thrown away, must come to the very state that the world's own journal
// comes to. Law: what was not read back is not proven; a block counts as read for an hour.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { StateKey } from "@sojourn/passport/node";
import { type ContentId, fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { type BlockStore, decodeNode, linksOf, type NodeMap, parseContentId, type Replica } from "@sojourn/substrate";
import { REPLICATION_LIMITS } from "../limits.ts";
import { custodyAt } from "./export-state.ts";
import { type Restored, type RestoredBlocks, restoreWorld } from "./restore.ts";
import type { OpenEnvelope } from "./sealed-state.ts";
import { rowsOf, stateHash } from "./state-rows.ts";

/** In a data folder: trials of restoring, each thrown away. What a world that was killed left there goes when it opens again. */
export const PROOFS_FOLDER = "proofs";

export interface ProofOptions {
  readonly replica: Replica;
  readonly world: WorldId;
  readonly dataFolder: string;
  readonly stateKey: StateKey;
  readonly reads: ReadBlocks;
  /** What the world's own journal comes to at a record, where that is known already. */
  readonly hashAt?: (seq: number) => string | undefined;
}

/** Faults: those of a restore; `bad-block` when it comes to another state than the world's. */
export async function proveReplica(options: ProofOptions): Promise<Result<Restored>> {
  const { replica, world, dataFolder, stateKey, reads, hashAt } = options;
  const open: OpenEnvelope = (envelope) =>
    Buffer.compare(envelope, stateKey.envelope) === 0
      ? ok(stateKey.key)
      : fail("not-holder", "world", "the state there was sealed with another key than this world's");
  const trials = join(dataFolder, PROOFS_FOLDER);
  await mkdir(trials, { recursive: true, mode: 0o700 });
  const sandbox = await mkdtemp(join(trials, "trial-"));
  try {
    const trial = { readVersion: (root: ContentId, from: BlockStore) => reads.read(root, from) };
    const restored = await restoreWorld({ replica, world, open, dataFolder: join(sandbox, "world"), trial });
    if (!restored.ok) return restored;
    const { seq } = restored.value;
    const own = hashAt?.(seq) ?? stateHash(rowsOf(custodyAt(dataFolder, seq).replay));
    if (own === restored.value.stateHash) return restored;
    return fail("bad-block", "peer", `what ${replica.name} gives back at record ${seq} is not the state of this world`);
  } finally {
    await rm(sandbox, { recursive: true, force: true });
  }
}

/** Which blocks of one replica were read back, and when. */
export class ReadBlocks {
  readonly #now: () => number;
  readonly #read = new Map<ContentId, { readonly links: readonly ContentId[]; readonly bytes: number; readonly atMs: number }>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Reads every block of a version that was not read lately. Faults: the store's, `oversized`. */
  async read(root: ContentId, from: BlockStore): Promise<Result<RestoredBlocks>> {
    const nowMs = this.#now();
    for (const [cid, { atMs }] of this.#read) if (nowMs - atMs > REPLICATION_LIMITS.provenAgainMs) this.#read.delete(cid);
    const seen = new Set<ContentId>([root]);
    let level: readonly ContentId[] = [root];
    let bytes = 0;
    while (level.length > 0) {
      const next: ContentId[] = [];
      for (let at = 0; at < level.length; at += REPLICATION_LIMITS.parallelBlocks) {
        const some = level.slice(at, at + REPLICATION_LIMITS.parallelBlocks);
        for (const one of await Promise.all(some.map((cid) => this.#one(cid, from, nowMs)))) {
          if (!one.ok) return one;
          bytes += one.value.bytes;
          for (const cid of one.value.links) {
            if (seen.has(cid)) continue;
            seen.add(cid);
            next.push(cid);
          }
        }
      }
      if (seen.size > REPLICATION_LIMITS.provenBlocks) return fail("oversized", "world", `version ${root} has more blocks than are proven`);
      level = next;
    }
    return ok({ blocks: seen.size, bytes });
  }

  async #one(cid: ContentId, from: BlockStore, nowMs: number): Promise<Result<{ links: readonly ContentId[]; bytes: number }>> {
    const known = this.#read.get(cid);
    if (known !== undefined) return ok(known);
    const bytes = await from.get(cid);
    if (!bytes.ok) return bytes;
    const id = parseContentId(cid);
    const node = id.ok && id.value.codec === "dag-cbor" ? decodeNode(bytes.value) : ok(null);
    if (!node.ok) return node;
    // A version's parent is history, and no part of it.
    const { parent: _, ...content } = (node.value ?? {}) as NodeMap;
    const isMap = node.value !== null && typeof node.value === "object" && !Array.isArray(node.value);
    const read = { links: linksOf(isMap ? content : node.value), bytes: bytes.value.length, atMs: nowMs };
    this.#read.set(cid, read);
    return ok(read);
  }
}
