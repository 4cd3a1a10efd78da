// Who may go on with a world when it has been silent for long: the world's own statement, signed by its identity key and by no other. Strict.
//
//   DAG-CBOR list   [payload, signature of 64 bytes over "sojourn-succession:" and the payload]
//   payload         DAG-CBOR map: format · formatVersion · world · version · timeMs · heirs [{ world, afterMs, at? }]
import { fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { decodeNode, encodeNode } from "../blocks/node-codec.ts";
import { HEADS } from "../limits.ts";
import { badShape, Fields, readShape } from "../versions/fields.ts";
import { keyOfWorld } from "./head-name.ts";

export interface Heir {
  readonly world: WorldId;
  /** How long the world must have been silent, milliseconds. */
  readonly afterMs: number;
  /** http or https base address: where one may ask whether this heir goes on with the world. */
  readonly at?: string;
}

export interface Succession {
  readonly world: WorldId;
  /** Rises with every statement; a later one takes the place of those before it. */
  readonly version: number;
  readonly timeMs: number;
  /** Who is named first counts before who is named later. None: nobody may. */
  readonly heirs: readonly Heir[];
}

export interface SignedSuccession {
  readonly succession: Succession;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

const FORMAT = "sojourn-succession";
const FORMAT_VERSION = 1;
const SIGNED_PREFIX = new TextEncoder().encode(`${FORMAT}:`);

/** A statement that cannot be written is a bug and throws: check with {@link whyNoSuccession} what a person typed. */
export async function writeSuccession(statement: Succession, sign: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<Uint8Array> {
  const { world, version, timeMs, heirs } = statement;
  const list = heirs.map(({ world: heir, afterMs, at }) => ({ world: heir, afterMs, ...(at === undefined ? {} : { at }) }));
  const payload = encodeNode({ format: FORMAT, formatVersion: FORMAT_VERSION, world, version, timeMs, heirs: list });
  if (!payload.ok) throw new TypeError(payload.fault.detail);
  const bytes = encodeNode([payload.value, await sign(withPrefix(payload.value))]);
  const again = bytes.ok ? readSuccession(bytes.value) : bytes;
  if (!bytes.ok || !again.ok) throw new TypeError(again.ok ? FORMAT : again.fault.detail);
  return bytes.value;
}

/** What speaks against a statement, as a sentence for who would make it; undefined when nothing does. */
export function whyNoSuccession({ world, heirs }: Pick<Succession, "world" | "heirs">): string | undefined {
  if (heirs.length > HEADS.heirs) return `a world names ${HEADS.heirs} heirs at most`;
  if (new Set(heirs.map((heir) => heir.world)).size < heirs.length) return "a world names an heir once";
  for (const heir of heirs) {
    if (keyOfWorld(heir.world) === undefined) return `${heir.world} is no world's id`;
    if (heir.world === world) return "a world is not its own heir";
    if (!Number.isSafeInteger(heir.afterMs) || heir.afterMs < HEADS.silenceMinMs || heir.afterMs > HEADS.silenceMaxMs) {
      return `the silence is from ${HEADS.silenceMinMs / 1_000} second to ${HEADS.silenceMaxMs / 86_400_000} days`;
    }
    if (heir.at !== undefined && !isAddress(heir.at)) return `"${heir.at.slice(0, 80)}" is no http or https address`;
  }
  return undefined;
}

/** `http(s)://host[:port][/path]`, in the one spelling that a URL has, and short. */
export function isAddress(text: string): boolean {
  const url = /^https?:\/\//.test(text) && text.length <= HEADS.addressBytes ? URL.parse(text) : null;
  return url !== null && `${url.origin}${url.pathname.replace(/\/$/, "")}` === text;
}

/** Whether the signature is right is not said. Faults: `oversized`, `malformed`. */
export function readSuccession(bytes: Uint8Array): Result<SignedSuccession> {
  if (bytes.length > HEADS.successionBytes) return fail("oversized", "peer", `a statement of heirs of ${bytes.length} bytes`);
  const outer = decodeNode(bytes);
  const [payload, signature, ...rest] = outer.ok && Array.isArray(outer.value) ? outer.value : [];
  if (!(payload instanceof Uint8Array) || !(signature instanceof Uint8Array) || signature.length !== 64 || rest.length > 0) {
    return fail("malformed", "peer", "these bytes are no statement of heirs");
  }
  const inner = decodeNode(payload);
  if (!inner.ok) return inner;
  const succession = readShape("the statement of heirs", () => readPayload(new Fields(inner.value, "statement")));
  if (!succession.ok) return fail("malformed", "peer", succession.fault.detail);
  return ok({ succession: succession.value, signed: withPrefix(payload), signature });
}

function readPayload(fields: Fields): Succession {
  fields.one("format", [FORMAT]);
  fields.int("formatVersion", FORMAT_VERSION, FORMAT_VERSION);
  const statement = {
    world: fields.text("world", 64),
    version: fields.int("version", 1, 0xffff_ffff),
    timeMs: fields.int("timeMs", 0, HEADS.latestMs),
    heirs: fields.list("heirs", HEADS.heirs, (item, path) => {
      const one = new Fields(item, path);
      const heir = {
        world: one.text("world", 64),
        afterMs: one.int("afterMs", 0, Number.MAX_SAFE_INTEGER),
        ...one.optional("at", (fields, key) => fields.text(key, HEADS.addressBytes)),
      };
      one.end();
      return heir;
    }),
  };
  fields.end();
  const wrong = keyOfWorld(statement.world) === undefined ? "its world is none" : whyNoSuccession(statement);
  return wrong === undefined ? statement : badShape(wrong);
}

function withPrefix(payload: Uint8Array): Uint8Array {
  return Uint8Array.of(...SIGNED_PREFIX, ...payload);
}
