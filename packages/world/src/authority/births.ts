// How many travellers may begin in a world from one network address: each is remembered for good, so a stranger must not make them by
// the thousand.
import { type Bucket, fullBucket, takeToken } from "@sojourn/protocol";
import { isLoopback } from "@sojourn/runtime/node";
import { BIRTH_LIMITS } from "../limits.ts";

export class Births {
  readonly #buckets = new Map<string, Bucket>();

  mayBear(address: string, nowMs: number): boolean {
    if (isLoopback(address)) return true;
    const { bucket, waitMs } = takeToken(this.#buckets.get(address) ?? fullBucket(BIRTH_LIMITS, nowMs), BIRTH_LIMITS, nowMs);
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    if (this.#buckets.size > BIRTH_LIMITS.addresses) this.#buckets.delete(this.#buckets.keys().next().value as string);
    return waitMs === 0;
  }
}
