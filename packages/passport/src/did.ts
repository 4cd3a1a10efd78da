// did:key for Ed25519: "did:key:z" + base58btc(0xed 0x01 + 32 bytes). One spelling for each key, and only for sound keys.
import { base58 } from "@scure/base";
import { DID_KEY_PATTERN, fail, ok, type Result } from "@sojourn/protocol";
import { isSoundKey } from "./ed25519.ts";
import { PASSPORT_LIMITS } from "./limits.ts";

const MULTICODEC_ED25519 = [0xed, 0x01] as const;
const PREFIX = "did:key:z";

export function didOfKey(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) throw new Error("an Ed25519 public key has 32 bytes");
  return PREFIX + base58.encode(Uint8Array.of(...MULTICODEC_ED25519, ...publicKey));
}

const remembered = new Map<string, Uint8Array>();

/** The key a DID names; fault `forged` when it names none that can be trusted to mean one thing. */
export function keyOfDid(did: string): Result<Uint8Array> {
  const known = remembered.get(did);
  if (known !== undefined) return ok(known);
  const key = decodeDid(did);
  if (key === undefined || !isSoundKey(key)) return fail("forged", "client", "not the did:key form of a sound Ed25519 key");
  if (remembered.size >= PASSPORT_LIMITS.rememberedKeys) {
    const [oldest] = remembered.keys();
    remembered.delete(oldest as string);
  }
  remembered.set(did, key);
  return ok(key);
}

function decodeDid(did: string): Uint8Array | undefined {
  if (!DID_KEY_PATTERN.test(did)) return undefined;
  try {
    const bytes = base58.decode(did.slice(PREFIX.length));
    const isEd25519 = bytes.length === 34 && bytes[0] === MULTICODEC_ED25519[0] && bytes[1] === MULTICODEC_ED25519[1];
    return isEd25519 && didOfKey(bytes.subarray(2)) === did ? bytes.subarray(2) : undefined;
  } catch {
    return undefined;
  }
}
