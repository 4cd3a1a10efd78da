// What a world's head is called. A world id is the did:key of an Ed25519 key, and IPNS names a record by the same key: one key, two spellings.
//
//   did   did:key:z + base58btc(ed 01 | 32 bytes)
//   name  k + base36(01 72 | 00 24 | 08 01 12 20 | 32 bytes)      CIDv1, libp2p-key, identity hash of the key's protobuf
import { DID_KEY_PATTERN, type WorldId } from "@sojourn/protocol";
import { base36 } from "multiformats/bases/base36";
import { base58btc } from "multiformats/bases/base58";

const DID_PREFIX = "did:key:";
const MULTICODEC_ED25519 = [0xed, 0x01] as const;
const LIBP2P_KEY_CID = [0x01, 0x72, 0x00, 0x24] as const;
/** A libp2p public key of type Ed25519, before its 32 bytes. */
const KEY_PROTOBUF = [0x08, 0x01, 0x12, 0x20] as const;
const NAME_PATTERN = /^k51[a-z0-9]{59}$/;
export const KEY_PROTOBUF_BYTES = 36;

/** The 32 bytes of the key that a world id names; undefined when it is spelled wrong. That the key is sound is for a verifier to say. */
export function keyOfWorld(world: WorldId): Uint8Array | undefined {
  if (!DID_KEY_PATTERN.test(world)) return undefined;
  try {
    const bytes = base58btc.decode(world.slice(DID_PREFIX.length));
    const isEd25519 = bytes.length === 34 && MULTICODEC_ED25519.every((byte, i) => bytes[i] === byte);
    return isEd25519 && worldOfKey(bytes.slice(2)) === world ? bytes.slice(2) : undefined;
  } catch {
    return undefined;
  }
}

/** `key`: 32 bytes. */
export function worldOfKey(key: Uint8Array): WorldId {
  return DID_PREFIX + base58btc.encode(Uint8Array.of(...MULTICODEC_ED25519, ...key));
}

/** The key as IPFS writes it in a record and in a name: 36 bytes. */
export function keyProtobuf(key: Uint8Array): Uint8Array {
  return Uint8Array.of(...KEY_PROTOBUF, ...key);
}

/** The reverse of {@link keyProtobuf}; undefined when it is no Ed25519 key. */
export function keyOfProtobuf(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === KEY_PROTOBUF_BYTES && KEY_PROTOBUF.every((byte, i) => bytes[i] === byte)
    ? bytes.slice(KEY_PROTOBUF.length)
    : undefined;
}

/** `did:key:z6Mk…` → `k51…`: the name under which IPFS tools look for the world, as in `ipns://k51…`. Undefined when it is no world id. */
export function headName(world: WorldId): string | undefined {
  const key = keyOfWorld(world);
  return key === undefined ? undefined : base36.encode(Uint8Array.of(...LIBP2P_KEY_CID, ...keyProtobuf(key)));
}

/** `k51…` → `did:key:z6Mk…`; undefined when it names no Ed25519 key. */
export function worldOfHeadName(name: string): WorldId | undefined {
  if (!NAME_PATTERN.test(name)) return undefined;
  try {
    const bytes = base36.decode(name);
    const key = LIBP2P_KEY_CID.every((byte, i) => bytes[i] === byte) ? keyOfProtobuf(bytes.slice(LIBP2P_KEY_CID.length)) : undefined;
    const world = key === undefined ? undefined : worldOfKey(key);
    return world !== undefined && headName(world) === name ? world : undefined;
  } catch {
    return undefined;
  }
}
