// A head as bytes: an IPNS record, so that any IPFS tool resolves ipns://<world>. Strict: one spelling, whatever would not be written
// like that is refused before any signature is looked at.
//
//   envelope (protobuf)    [7 public key, 36 bytes, when another key than the name's signed] · 8 signature, 64 bytes · 9 data
//   data (DAG-CBOR map)    TTL ns · Value "/ipfs/<heartbeat>" · Sequence epoch·2³² + n · Validity RFC 3339 · ValidityType 0 · _sojourn
//   signature              over "ipns-signature:" and data
import { type ContentId, fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { parseContentId } from "../blocks/content-id.ts";
import { decodeNode, encodeNode, type NodeMap } from "../blocks/node-codec.ts";
import { HEADS } from "../limits.ts";
import { badShape, Fields, readShape } from "../versions/fields.ts";
import { KEY_PROTOBUF_BYTES, keyOfProtobuf, keyOfWorld, keyProtobuf, worldOfKey } from "./head-name.ts";
import { isAddress } from "./succession.ts";

/** What a head says. */
export interface Head {
  /** The heartbeat's node: what the world was. */
  readonly heartbeat: ContentId;
  /** `epoch · 2³² + n`: rises with every head, and a higher epoch is above every head of a lower one. */
  readonly sequence: number;
  /** Milliseconds since 1970; after it a head is shown as past its time. */
  readonly untilMs: number;
  /** How long a reader may go without looking for a newer one, milliseconds. */
  readonly ttlMs: number;
  /** The did:key of the key that signed, when it is not the one that the world is named by. */
  readonly kid?: WorldId;
  /** The world's key statement (a token): what lets `kid` sign. */
  readonly keys?: string;
  /** The world's statement of who may go on with it. */
  readonly succession?: Uint8Array;
  /** The world that goes on with this one under its own key, by that statement. Then `keys` are the heir's. */
  readonly heir?: WorldId;
  /** With `heir`: the http or https base address at which that world is entered. */
  readonly at?: string;
  /** Its writer is taking old blocks out of this replica and means the same heartbeat as the head before. */
  readonly isSweeping?: true;
}

/** A head that was read and not yet judged: `signed` are the bytes that `signature` is over. */
export interface ReadHead {
  readonly head: Head;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

const utf8 = new TextEncoder();
const SIGNED_PREFIX = utf8.encode("ipns-signature:");
const VALUE_PREFIX = "/ipfs/";
const EPOCH_STEP = 2 ** 32;
const NS_PER_MS = 1_000_000;
/** Field numbers and wire type 2 (bytes) of the envelope, in the only order that is written. */
const PUBLIC_KEY = 0x3a;
const SIGNATURE = 0x42;
const DATA = 0x4a;
const VALIDITY = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})000000Z$/;

/** The least sequence that an epoch writes. */
export function firstSequence(epoch: number): number {
  if (!Number.isSafeInteger(epoch) || epoch < 0 || epoch > HEADS.epochs)
    throw new RangeError(`an epoch is a whole number up to ${HEADS.epochs}`);
  return epoch * EPOCH_STEP;
}

export function epochOf({ sequence }: Pick<Head, "sequence">): number {
  return Math.floor(sequence / EPOCH_STEP);
}

/** The next head's sequence after `last`, for a writer of this epoch; undefined when the writer's epoch is over. */
export function nextSequence(epoch: number, last: number | undefined): number | undefined {
  const next = Math.max(firstSequence(epoch), last === undefined ? 0 : last + 1);
  return Math.floor(next / EPOCH_STEP) === epoch ? next : undefined;
}

/** Writes and signs a head. A head that cannot be written is a bug and throws. */
export async function writeHead(head: Head, sign: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<Uint8Array> {
  const data = encodeNode(dataOf(head));
  if (!data.ok) throw new TypeError(data.fault.detail);
  const signature = await sign(signedBytes(data.value));
  const key = head.kid === undefined ? undefined : keyOfWorld(head.kid);
  if (signature.length !== 64 || (head.kid !== undefined && key === undefined)) throw new TypeError("a head is signed by an Ed25519 key");
  const parts = [key === undefined ? [] : field(PUBLIC_KEY, keyProtobuf(key)), field(SIGNATURE, signature), field(DATA, data.value)];
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
  const again = readHead(bytes);
  if (!again.ok) throw new TypeError(again.fault.detail);
  return bytes;
}

function dataOf({ heartbeat, sequence, untilMs, ttlMs, keys, succession, heir, at, isSweeping }: Head): NodeMap {
  const own: NodeMap = {
    ...(keys === undefined ? {} : { keys }),
    ...(succession === undefined ? {} : { succession }),
    ...(heir === undefined ? {} : { heir }),
    ...(at === undefined ? {} : { at }),
    ...(isSweeping === undefined ? {} : { sweeping: true }),
  };
  return {
    TTL: ttlMs * NS_PER_MS,
    Value: utf8.encode(VALUE_PREFIX + heartbeat),
    Sequence: sequence,
    Validity: utf8.encode(`${new Date(untilMs).toISOString().slice(0, -1)}000000Z`),
    ValidityType: 0,
    ...(Object.keys(own).length === 0 ? {} : { _sojourn: own }),
  };
}

function signedBytes(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SIGNED_PREFIX.length + data.length);
  bytes.set(SIGNED_PREFIX);
  bytes.set(data, SIGNED_PREFIX.length);
  return bytes;
}

/** Strict. That the signature is right and its key speaks for the world is not said. Faults: `oversized`, `malformed`. */
export function readHead(bytes: Uint8Array): Result<ReadHead> {
  if (bytes.length > HEADS.recordBytes)
    return fail("oversized", "peer", `a head of ${bytes.length} bytes; ${HEADS.recordBytes} are allowed`);
  const envelope = readEnvelope(bytes);
  if (envelope === undefined) return bad("its envelope is not the one that is written");
  const { key, signature, data } = envelope;
  const kid = key === undefined ? undefined : keyOfProtobuf(key);
  if (key !== undefined && kid === undefined) return bad("the key that it carries is no Ed25519 key");
  const node = decodeNode(data);
  if (!node.ok) return bad(node.fault.detail);
  const head = readShape("the head", () => readData(new Fields(node.value, "data"), kid === undefined ? undefined : worldOfKey(kid)));
  return head.ok ? ok({ head: head.value, signed: signedBytes(data), signature }) : bad(head.fault.detail);
}

function bad(why: string): Result<never> {
  return fail("malformed", "peer", `these bytes are no head of a world: ${why}`);
}

function readData(fields: Fields, kid: WorldId | undefined): Head {
  const ttlNs = fields.int("TTL", 0, HEADS.ttlMs * NS_PER_MS);
  if (ttlNs % NS_PER_MS !== 0) badShape("data.TTL must be whole milliseconds");
  const value = asciiOf(fields.bytes("Value", 128));
  const heartbeat = value.slice(VALUE_PREFIX.length);
  const id = parseContentId(heartbeat);
  if (!value.startsWith(VALUE_PREFIX) || !id.ok || id.value.codec !== "dag-cbor")
    badShape("data.Value must be /ipfs/ and the id of a node");
  const sequence = fields.int("Sequence", 0, Number.MAX_SAFE_INTEGER);
  const untilMs = timeOf(asciiOf(fields.bytes("Validity", 64)));
  fields.int("ValidityType", 0, 0);
  const own = fields.has("_sojourn") ? readOwn(fields.map("_sojourn")) : {};
  fields.end();
  return { heartbeat, sequence, untilMs, ttlMs: ttlNs / NS_PER_MS, ...(kid === undefined ? {} : { kid }), ...own };
}

function readOwn(own: Fields): Pick<Head, "keys" | "succession" | "heir" | "at" | "isSweeping"> {
  const keys = own.optional("keys", (fields, key) => fields.text(key, HEADS.tokenBytes));
  const succession = own.optional("succession", (fields, key) => fields.bytes(key, HEADS.successionBytes));
  const heir = own.optional("heir", (fields, key) => fields.text(key, 64));
  if ("heir" in heir && (keyOfWorld(heir.heir as string) === undefined || !("succession" in succession))) {
    badShape("data._sojourn.heir is a world's id, and goes with the statement that names it");
  }
  const at = own.optional("at", (fields, key) => fields.text(key, HEADS.addressBytes));
  if ("at" in at && (!("heir" in heir) || !isAddress(at.at as string))) badShape("data._sojourn.at is an heir's address");
  const isSweeping = own.has("sweeping");
  if (isSweeping && !own.truth("sweeping")) badShape("data._sojourn.sweeping is true or not there");
  own.end();
  if (!("keys" in keys) && !("succession" in succession) && !isSweeping) badShape("data._sojourn says nothing");
  return { ...keys, ...succession, ...heir, ...at, ...(isSweeping ? { isSweeping } : {}) };
}

function timeOf(text: string): number {
  const ms = Date.parse(`${VALIDITY.exec(text)?.[1] ?? "?"}Z`);
  if (Number.isNaN(ms) || `${new Date(ms).toISOString().slice(0, -1)}000000Z` !== text)
    return badShape("data.Validity must be a time in UTC, whole milliseconds");
  return ms;
}

function asciiOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function field(tag: number, bytes: Uint8Array): number[] {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return [tag, ...length, ...bytes];
}

interface Envelope {
  readonly key?: Uint8Array;
  readonly signature: Uint8Array;
  readonly data: Uint8Array;
}

/** The three fields in their order, each once, nothing else; undefined when it is otherwise. */
function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  let at = 0;
  const take = (tag: number): Uint8Array | undefined => {
    if (bytes[at] !== tag) return undefined;
    let length = bytes[at + 1] ?? 0;
    let from = at + 2;
    if (length >= 128) {
      const high = bytes[from++] ?? 0;
      if (high === 0 || high >= 128) return undefined;
      length = (length & 127) | (high << 7);
    }
    at = from + length;
    return at <= bytes.length ? bytes.slice(from, at) : undefined;
  };
  const key = take(PUBLIC_KEY);
  const signature = take(SIGNATURE);
  const data = take(DATA);
  if (signature?.length !== 64 || data === undefined || at !== bytes.length) return undefined;
  if (key !== undefined && key.length !== KEY_PROTOBUF_BYTES) return undefined;
  return { ...(key === undefined ? {} : { key }), signature, data };
}
