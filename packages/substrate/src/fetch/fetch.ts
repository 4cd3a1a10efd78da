// Brings a whole version into a cache, in no particular order: for copies, imports and proofs. Players load by view, see stream.ts.
import type { ContentId, Result } from "@sojourn/protocol";
import { type FetchedVersion, type FetchOptions, fetchWhole } from "./stream.ts";

/**
 * Afterwards the cache holds every block of the version. Faults: `bad-content-id`; `missing-block`, `store-failed` or
 * `bad-block` (no source gave a block; the detail says what each of them did), `cancelled`, and the cache's `store-failed`.
 */
export async function fetchVersion(root: ContentId, options: FetchOptions): Promise<Result<FetchedVersion>> {
  return await fetchWhole(root, options);
}
