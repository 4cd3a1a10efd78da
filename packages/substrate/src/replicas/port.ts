// The port of every replica: a place where copies of worlds lie, blocks and heads. Its law: a head moves by compare-and-swap, so of
// two writers one wins and the other is told; what was not answered is read again before anything else is done.
import type { Result, WorldId } from "@sojourn/protocol";
import type { BlockStore } from "../stores/port.ts";

/** Where the newest head of a world lies. It keeps bytes and believes nothing: who reads verifies them. */
export interface HeadStore {
  /** For people: shown in progress and faults. */
  readonly name: string;
  /** The signed head's bytes; undefined: none yet. Faults: `store-failed`; `oversized` when what lies there is too long for a head. */
  read(world: WorldId): Promise<Result<Uint8Array | undefined>>;
  /**
   * Puts `next` in place of `over` (exact bytes; undefined: none yet). Faults: `stale-head` when another lies there; `store-failed` when
   * it may or may not have been done: read before trying again.
   */
  swap(world: WorldId, next: Uint8Array, over: Uint8Array | undefined): Promise<Result<void>>;
  /** The worlds of which a head lies here. Left out where there is no such way. Fault `store-failed`. */
  list?(): Promise<Result<readonly WorldId[]>>;
}

export type ReplicaKind = "folder" | "s3" | "ipfs" | "mesh" | "http";

export interface Replica {
  /** For people and figures: as the operator named it. */
  readonly name: string;
  readonly kind: ReplicaKind;
  readonly blocks: BlockStore;
  readonly heads: HeadStore;
  close(): Promise<void>;
}
