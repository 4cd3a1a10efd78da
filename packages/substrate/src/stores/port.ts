// The one port of every store of blocks. Its law: `get` gives bytes that hash to their id, or a fault; never anything else.
import type { ContentId, Result } from "@sojourn/protocol";

/** Bytes and the id that names them. Made by `makeBlock` or `verifyBlock` only. */
export interface Block {
  readonly cid: ContentId;
  readonly bytes: Uint8Array;
}

export interface GetOptions {
  /** The block is known to have no more bytes than this: a store that can stops reading there. Wrong bytes are refused in any case. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A place that holds blocks. Faults: `missing-block` (it has none by that id), `bad-block` (what it had was wrong; it is
 * dropped), `store-failed` (it could not read or write), `bad-content-id`.
 */
export interface BlockStore {
  /** For people: shown in progress and faults. */
  readonly name: string;
  /** A fetch asks stores of a lower tier first, and those of a higher one for what they do not give soon. Default 0. */
  readonly tier?: number;
  has(cid: ContentId): Promise<boolean>;
  get(cid: ContentId, options?: GetOptions): Promise<Result<Uint8Array>>;
  put(block: Block): Promise<Result<void>>;
  list?(): AsyncIterable<ContentId>;
  delete?(cid: ContentId): Promise<void>;
}
