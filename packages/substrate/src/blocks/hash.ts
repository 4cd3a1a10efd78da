// sha2-256 wherever we run: WebCrypto when the page may use it, and the same digest in plain JavaScript where it may not
// (a page served over http on a LAN has no crypto.subtle).
import { sha256 } from "@noble/hashes/sha2.js";

/** Below this many bytes the plain digest is done before WebCrypto has even been asked. */
const SMALL_BYTES = 1_024;

/** The sha2-256 digest, 32 bytes. `subtle` null: do without WebCrypto. */
export async function sha256Of(bytes: Uint8Array, subtle: SubtleCrypto | null = globalThis.crypto?.subtle ?? null): Promise<Uint8Array> {
  if (subtle === null || bytes.length < SMALL_BYTES) return sha256(bytes);
  return new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
}
