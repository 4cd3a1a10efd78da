// The Node door: the platform's own Ed25519, ten to twenty times as quick as the pure one and with the same verdicts.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { Notary, WorldId } from "@sojourn/protocol";
import { type Ed25519, pureEd25519 } from "./ed25519.ts";
import { PASSPORT_LIMITS } from "./limits.ts";
import { worldNotary } from "./notary.ts";

export { SEALING_LIMITS } from "./limits.ts";
export { newStateKey, openEnvelope, openPart, type RecoveryKeys, recoveryKeys, type StateKey, sealPart } from "./sealing.ts";

const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_ED25519 = Buffer.from("302a300506032b6570032100", "hex");

/** Key objects by key bytes; making one costs more than a signature. The oldest is forgotten first. */
function remembering(make: (key: Uint8Array) => KeyObject): (key: Uint8Array) => KeyObject {
  const known = new Map<string, KeyObject>();
  return (key) => {
    const name = Buffer.from(key).toString("base64url");
    const found = known.get(name);
    if (found !== undefined) return found;
    if (known.size >= PASSPORT_LIMITS.rememberedKeys) known.delete(known.keys().next().value as string);
    const made = make(key);
    known.set(name, made);
    return made;
  };
}

const publicKeyOf = remembering((key) => createPublicKey({ key: Buffer.concat([SPKI_ED25519, key]), format: "der", type: "spki" }));
const privateKeyOf = remembering((key) => createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, key]), format: "der", type: "pkcs8" }));

export const nodeEd25519: Ed25519 = {
  publicKey: pureEd25519.publicKey,
  sign: (message, secret) => new Uint8Array(sign(null, message, privateKeyOf(secret))),
  verify: (signature, message, publicKey) =>
    signature.length === 64 && publicKey.length === 32 && verify(null, message, publicKeyOf(publicKey), signature),
};

/** The notary of a world that signs with this secret (32 bytes); `world` when that is not its identity key. */
export function nodeNotary(secret: Uint8Array, world?: WorldId): Notary {
  return worldNotary(secret, nodeEd25519, world);
}
