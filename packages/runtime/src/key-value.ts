// A small store for what one party keeps for itself: keys, a passport that was handed over, the worlds one has seen.
// Each value is written whole or not at all.
import { STORE_LIMITS } from "./limits.ts";

export interface KeyValue {
  get(key: string): Promise<Uint8Array | undefined>;
  /** Durable when it resolves. */
  set(key: string, value: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Keys become file names in one of the stores, so they are plain. */
const KEY_PATTERN = /^[a-z0-9][a-z0-9._-]{0,127}$/;

export function checkKey(key: string): void {
  if (!KEY_PATTERN.test(key)) throw new Error(`"${key.slice(0, 40)}" is no store key: lower case letters, digits, dot, dash, underscore`);
}

export function checkValue(value: Uint8Array): void {
  if (value.length > STORE_LIMITS.valueBytes) throw new Error(`a stored value of ${value.length} bytes`);
}

export function memoryKeyValue(): KeyValue {
  const kept = new Map<string, Uint8Array>();
  return {
    async get(key) {
      checkKey(key);
      return kept.get(key)?.slice();
    },
    async set(key, value) {
      checkKey(key);
      checkValue(value);
      kept.set(key, value.slice());
    },
    async delete(key) {
      checkKey(key);
      kept.delete(key);
    },
  };
}
