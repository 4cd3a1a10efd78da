// Blocks that only the operator can read, wherever they are kept: sealed with a state key, which itself is sealed to the recovery key that
// the world's identity key yields. Law: what was sealed opens whole and unchanged under its own name, or is a fault that says why not.
//
//   envelope  0 "sojourn key 1  \n" · 16 recovery key it is for (32) · 48 key of this once (32) · 80 sealed state key (32) · 112 tag (16)
//   part      0 "sojourn part 1 \n" · 16 length L (4) · 20 S (32) · 52 ciphertext (L) · tag (16)
//
//   state key: AES-256-GCM, nonce zero, bytes 0 to 79 authenticated, key HKDF-SHA256(X25519, salt: bytes 16 to 79, "sojourn envelope 1")
//   S = HMAC-SHA256(HKDF(state key, "sojourn part mac 1"), length of the name (4) · name · plain bytes)
//   part: AES-256-GCM, nonce zero, bytes 0 to 51 and the name authenticated, key HKDF(state key, salt: S, "sojourn part 1")
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { fail, ok, type Result } from "@sojourn/protocol";
import { SEALING_LIMITS } from "./limits.ts";

const PKCS8_X25519 = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI_X25519 = Buffer.from("302a300506032b656e032100", "hex");
const ENVELOPE = Buffer.from("sojourn key 1  \n");
const PART = Buffer.from("sojourn part 1 \n");
const ENVELOPE_HEAD = 80;
const ENVELOPE_BYTES = 128;
const PART_HEAD = 52;
const TAG = 16;
/** Every key encrypts one thing once, so that the nonce need not differ. */
const NONCE = Buffer.alloc(12);

/** Opens what was sealed to its public half (32 bytes each). */
export interface RecoveryKeys {
  readonly publicKey: Uint8Array;
  readonly secret: Uint8Array;
}

/** A key that seals parts (32 bytes), and its envelope: itself, sealed to a recovery key. */
export interface StateKey {
  readonly key: Uint8Array;
  readonly envelope: Uint8Array;
}

/** The recovery keys that a world's identity key (32 secret bytes) yields: always the same. */
export function recoveryKeys(identity: Uint8Array): RecoveryKeys {
  const secret = new Uint8Array(derived(identity, Buffer.alloc(0), "sojourn recovery key 1"));
  return { secret, publicKey: rawPublic(createPublicKey(privateKeyOf(secret))) };
}

/** A new state key for whoever holds the secret of `recoveryKey`. `once` (32 secret bytes) is drawn unless a vector names it, as is `key`. */
export function newStateKey(recoveryKey: Uint8Array, key: Uint8Array = randomBytes(32), once: Uint8Array = randomBytes(32)): StateKey {
  const mine = privateKeyOf(once);
  const head = Buffer.concat([ENVELOPE, recoveryKey, rawPublic(createPublicKey(mine))]);
  const shared = diffieHellman({ privateKey: mine, publicKey: publicKeyOf(recoveryKey) });
  const cipher = createCipheriv("aes-256-gcm", envelopeKey(shared, head), NONCE).setAAD(head);
  const sealed = Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  return { key: new Uint8Array(key), envelope: new Uint8Array(Buffer.concat([head, sealed])) };
}

/** Faults: `malformed` (no envelope, or cut short), `not-holder` (for another recovery key), `forged` (altered). */
export function openEnvelope(envelope: Uint8Array, { publicKey, secret }: RecoveryKeys): Result<Uint8Array> {
  if (envelope.length !== ENVELOPE_BYTES || !startsWith(envelope, ENVELOPE))
    return fail("malformed", "peer", "this is no envelope of a state key, or not a whole one");
  if (Buffer.compare(envelope.subarray(16, 48), publicKey) !== 0)
    return fail("not-holder", "client", "this was sealed for another key: it takes the identity key of the world that sealed it");
  const head = envelope.subarray(0, ENVELOPE_HEAD);
  try {
    const shared = diffieHellman({ privateKey: privateKeyOf(secret), publicKey: publicKeyOf(envelope.subarray(48, 80)) });
    const decipher = createDecipheriv("aes-256-gcm", envelopeKey(shared, head), NONCE).setAAD(head);
    decipher.setAuthTag(envelope.subarray(-TAG));
    const key = Buffer.concat([decipher.update(envelope.subarray(ENVELOPE_HEAD, -TAG)), decipher.final()]);
    return ok(new Uint8Array(key));
  } catch {
    return fail("forged", "peer", "the envelope of the state key was altered");
  }
}

/**
 * Seals `plain` under a name that says what it is; it opens under that name alone. The same bytes under the same name and key give the
 * same part, so that what did not change is not stored again. More than SEALING_LIMITS.plainBytes is a bug and throws.
 */
export function sealPart(plain: Uint8Array, name: string, key: Uint8Array): Uint8Array {
  if (plain.length > SEALING_LIMITS.plainBytes) throw new RangeError(`a part of ${plain.length} bytes: ${SEALING_LIMITS.plainBytes} fit`);
  const head = Buffer.alloc(PART_HEAD);
  PART.copy(head);
  head.writeUInt32BE(plain.length, 16);
  markOf(plain, name, key).copy(head, 20);
  const cipher = createCipheriv("aes-256-gcm", partKey(key, head), NONCE).setAAD(Buffer.concat([head, Buffer.from(name)]));
  return new Uint8Array(Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

/** Faults: `malformed` (no part, or cut short), `forged` (altered, of another name, or sealed with another key), `oversized`. */
export function openPart(part: Uint8Array, name: string, key: Uint8Array): Result<Uint8Array> {
  if (part.length > SEALING_LIMITS.plainBytes + SEALING_LIMITS.overheadBytes)
    return fail("oversized", "peer", `a sealed part of ${part.length} bytes; ${SEALING_LIMITS.plainBytes} are allowed`);
  if (part.length < PART_HEAD + TAG || !startsWith(part, PART)) return fail("malformed", "peer", "this is no sealed part");
  const head = Buffer.from(part.subarray(0, PART_HEAD));
  const length = head.readUInt32BE(16);
  if (part.length !== PART_HEAD + length + TAG)
    return fail("malformed", "peer", `a sealed part of ${length} bytes was cut short or lengthened`);
  try {
    const decipher = createDecipheriv("aes-256-gcm", partKey(key, head), NONCE).setAAD(Buffer.concat([head, Buffer.from(name)]));
    decipher.setAuthTag(part.subarray(-TAG));
    const plain = Buffer.concat([decipher.update(part.subarray(PART_HEAD, -TAG)), decipher.final()]);
    // The cipher alone would let somebody who knows two keys make one part that opens under both.
    if (timingSafeEqual(markOf(plain, name, key), head.subarray(20, 52))) return ok(new Uint8Array(plain));
  } catch {
    // Altered: said below.
  }
  return fail("forged", "peer", `a sealed part (${name}) was altered, belongs elsewhere, or was sealed with another key`);
}

function derived(key: Uint8Array, salt: Uint8Array, what: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, what, 32));
}

function envelopeKey(shared: Uint8Array, head: Uint8Array): Buffer {
  return derived(shared, head.subarray(16, ENVELOPE_HEAD), "sojourn envelope 1");
}

function partKey(key: Uint8Array, head: Uint8Array): Buffer {
  return derived(key, head.subarray(20, 52), "sojourn part 1");
}

function markOf(plain: Uint8Array, name: string, key: Uint8Array): Buffer {
  const named = Buffer.from(name);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(named.length);
  return createHmac("sha256", derived(key, Buffer.alloc(0), "sojourn part mac 1"))
    .update(length)
    .update(named)
    .update(plain)
    .digest();
}

function privateKeyOf(secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_X25519, secret]), format: "der", type: "pkcs8" });
}

function publicKeyOf(key: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_X25519, key]), format: "der", type: "spki" });
}

function rawPublic(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(-32));
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, start.length), start) === 0;
}
