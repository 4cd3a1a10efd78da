// Plain values as bytes: the strict, canonical part of DAG-CBOR that has no links. The only file that knows the CBOR library.
// Law: one value has one spelling. What is decoded would encode to the very same bytes; what cannot be decoded is not encoded.
import { type Bytes, decode, encode, fromBytes, isBytes, toBytes } from "@atcute/cbor";
import { fail, ok, type Result } from "../fault.ts";
import { LIMITS } from "../limits.ts";
import { objectionTo, type PlainLimits } from "./guard.ts";

/** What can be a plain value. A property that is `undefined` is left out. */
export type Plain = null | boolean | number | string | Uint8Array | readonly Plain[] | { readonly [key: string]: Plain | undefined };

/** Bounds for values that no stranger wrote, such as one's own journal records. */
export const OWN_PLAIN_LIMITS: PlainLimits = { maxBytes: LIMITS.plainBytes, maxDepth: LIMITS.plainDepth, maxValues: LIMITS.plainValues };

/**
 * Canonical DAG-CBOR of a value. Throws for what has no canonical form: NaN, infinities, integers that are not safe,
 * lone surrogates, keys `__proto__`, `constructor` or beginning with `$`, class instances, more than LIMITS.plainDepth levels.
 */
export function encodePlain(value: unknown): Uint8Array {
  return encode(wrapped(value, 0));
}

/** The value of canonical bytes, or fault `malformed` (`oversized` when longer than `maxBytes`). Never throws. Byte strings share memory with `bytes`. */
export function decodePlain(bytes: Uint8Array, limits: PlainLimits = OWN_PLAIN_LIMITS): Result<unknown> {
  const objection = objectionTo(bytes, limits);
  if (objection !== undefined) {
    return fail(bytes.length > limits.maxBytes ? "oversized" : "malformed", "client", `not canonical CBOR: ${objection}`);
  }
  return ok(unwrapped(decode(bytes)));
}

/** Uint8Arrays become what the library takes for byte strings; everything that would not come back the same is refused. */
function wrapped(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new TypeError("text with a lone surrogate");
      return value;
    case "number":
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw new RangeError(`no number: ${value}`);
      return value;
    case "boolean":
      return value;
    case "object":
      if (value === null) return null;
      if (value instanceof Uint8Array) return toBytes(value);
      if (depth >= LIMITS.plainDepth) throw new RangeError(`more than ${LIMITS.plainDepth} levels`);
      return Array.isArray(value) ? value.map((member) => wrapped(member, depth + 1)) : wrappedMap(value, depth);
    default:
      throw new TypeError(`no plain value: ${typeof value}`);
  }
}

function wrappedMap(value: object, depth: number): { [key: string]: unknown } {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError("an instance of a class is no plain value");
  const map: { [key: string]: unknown } = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    if (key === "__proto__" || key === "constructor" || key.startsWith("$") || !key.isWellFormed()) throw new TypeError(`no key: ${key}`);
    map[key] = wrapped(member, depth + 1);
  }
  return map;
}

function unwrapped(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isBytes(value)) return fromBytes(value as Bytes);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = unwrapped(value[i]);
    return value;
  }
  const map = value as { [key: string]: unknown };
  for (const key of Object.keys(map)) {
    const member = map[key];
    if (typeof member === "object" && member !== null) map[key] = unwrapped(member);
  }
  return map;
}
