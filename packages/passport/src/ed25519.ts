// Ed25519 behind one small port, so that a runtime's own implementation may stand in for the pure one.
// Law: every implementation gives the same verdict on every signature: canonical encodings, S < L, no point with a small-order part.
import { ed25519 } from "@noble/curves/ed25519.js";

/** All arguments are exact bytes: secret 32, public key 32, signature 64. Nothing throws on a bad signature or key. */
export interface Ed25519 {
  publicKey(secret: Uint8Array): Uint8Array;
  /** Draws no random numbers: the same message and secret give the same signature. */
  sign(message: Uint8Array, secret: Uint8Array): Uint8Array;
  /** `publicKey` must have come through {@link isSoundKey} (keyOfDid sees to that). */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}

/** Pure JavaScript; runs everywhere. */
export const pureEd25519: Ed25519 = {
  publicKey: (secret) => ed25519.getPublicKey(secret),
  sign: (message, secret) => ed25519.sign(message, secret),
  verify: (signature, message, publicKey) =>
    signature.length === 64 &&
    publicKey.length === 32 &&
    ed25519.verify(signature, message, publicKey, { zip215: false }) &&
    hasNoTorsion(signature.subarray(0, 32)),
};

/** The library checks the cofactored equation; with no small-order part in key and R that is the same as the uncofactored one. */
function hasNoTorsion(point: Uint8Array): boolean {
  try {
    return ed25519.Point.fromBytes(point, false).isTorsionFree();
  } catch {
    return false;
  }
}

/** A public key that means one thing to everybody: 32 canonical bytes of a point of the prime-order group, not its zero. */
export function isSoundKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false;
  try {
    const point = ed25519.Point.fromBytes(publicKey, false);
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}
