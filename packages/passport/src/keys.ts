// A traveller's keys. One door, two kinds: keys as 32 secret bytes (stored in a file, or where the page is not a secure context),
// and sealed keys, whose secret the platform keeps and never hands out.
import { ed25519 } from "@noble/curves/ed25519.js";
import { didOfKey } from "./did.ts";
import { pureEd25519 } from "./ed25519.ts";

export interface KeyPair {
  /** The traveller id: did:key. */
  readonly id: string;
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Keys whose secret can be written down. */
export interface OpenKeys extends KeyPair {
  readonly secret: Uint8Array;
}

/** Keys whose secret stays with the platform. `privateKey` can be kept in IndexedDB (it is cloned, never read). */
export interface SealedKeys extends KeyPair {
  readonly privateKey: CryptoKey;
}

export async function generateKeys(): Promise<OpenKeys> {
  return keysFromSecret(ed25519.utils.randomSecretKey());
}

/** `secret`: 32 bytes. */
export function keysFromSecret(secret: Uint8Array): OpenKeys {
  const publicKey = pureEd25519.publicKey(secret);
  return { id: didOfKey(publicKey), publicKey, secret, sign: async (bytes) => pureEd25519.sign(bytes, secret) };
}

/** Keys the page itself cannot read, by WebCrypto. Undefined where the platform has none (no secure context, an old browser). */
export async function generateSealedKeys(): Promise<SealedKeys | undefined> {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) return undefined;
  try {
    const pair = (await subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair;
    const publicKey = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
    return keysFromSealed(pair.privateKey, publicKey);
  } catch {
    return undefined;
  }
}

/** Sealed keys as they were stored. */
export function keysFromSealed(privateKey: CryptoKey, publicKey: Uint8Array): SealedKeys {
  const sign = async (bytes: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await globalThis.crypto.subtle.sign({ name: "Ed25519" }, privateKey, Uint8Array.from(bytes)));
  return { id: didOfKey(publicKey), publicKey, privateKey, sign };
}
