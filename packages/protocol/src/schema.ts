// A schema is data: one description checks what was decoded, types the code, prints the SPEC's tables and is hashed to pin the wire.
// Checking never throws; unknown keys, missing keys, wrong types and anything past its bound are `malformed`.
import { type Fault, fault, type Result } from "./fault.ts";
import { isTextWithin } from "./text.ts";

export type Shape =
  | { readonly kind: "text"; readonly maxBytes: number; readonly pattern?: string }
  | { readonly kind: "bytes"; readonly min: number; readonly max: number }
  | { readonly kind: "int"; readonly min: number; readonly max: number }
  | { readonly kind: "real"; readonly min: number; readonly max: number }
  | { readonly kind: "bool" }
  | { readonly kind: "scalar"; readonly maxTextBytes: number }
  | { readonly kind: "word"; readonly words: readonly string[] }
  | { readonly kind: "list"; readonly of: Shape; readonly max: number }
  | { readonly kind: "dict"; readonly of: Shape; readonly max: number }
  | { readonly kind: "struct"; readonly fields: { readonly [name: string]: Shape } }
  | { readonly kind: "optional"; readonly of: Shape }
  | { readonly kind: "choice"; readonly tag: string; readonly of: { readonly [tag: string]: Shape } }
  | { readonly kind: "recursive"; readonly name: string; readonly depth: number; readonly of: () => Shape };

declare const typed: unique symbol;
/** A shape that carries the TypeScript type it admits. */
export type Schema<T> = Shape & { readonly [typed]?: T };
export type TypeOf<S> = S extends { readonly [typed]?: infer T } ? Exclude<T, undefined> : never;

export type Scalar = string | number | boolean;
type Fields = { readonly [name: string]: Shape };
type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends { readonly kind: "optional" } ? K : never }[keyof F];
type StructOf<F extends Fields> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: TypeOf<F[K]>;
};
type ChoiceOf<G extends string, C extends Fields> = { [K in keyof C]: { readonly [T in G]: K } & TypeOf<C[K]> }[keyof C];

export function text(maxBytes: number, pattern?: RegExp): Schema<string> {
  return pattern === undefined ? { kind: "text", maxBytes } : { kind: "text", maxBytes, pattern: pattern.source };
}
export function bytes(min: number, max: number = min): Schema<Uint8Array> {
  return { kind: "bytes", min, max };
}
export function int(min: number, max: number): Schema<number> {
  return { kind: "int", min, max };
}
export function uint(max: number = Number.MAX_SAFE_INTEGER): Schema<number> {
  return { kind: "int", min: 0, max };
}
export function real(min: number, max: number): Schema<number> {
  return { kind: "real", min, max };
}
export const bool: Schema<boolean> = { kind: "bool" };
export function scalar(maxTextBytes: number): Schema<Scalar> {
  return { kind: "scalar", maxTextBytes };
}
export function word<const W extends readonly string[]>(...words: W): Schema<W[number]> {
  return { kind: "word", words };
}
export function list<S extends Shape>(of: S, max: number): Schema<readonly TypeOf<S>[]> {
  return { kind: "list", of, max };
}
export function dict<S extends Shape>(of: S, max: number): Schema<{ readonly [key: string]: TypeOf<S> }> {
  return { kind: "dict", of, max };
}
export function struct<const F extends Fields>(fields: F): Schema<StructOf<F>> {
  return { kind: "struct", fields };
}
export function optional<S extends Shape>(of: S): { readonly kind: "optional"; readonly of: Shape; readonly [typed]?: TypeOf<S> } {
  return { kind: "optional", of };
}
/** A map told apart by the text under `tag`; the rest of its keys are those of the chosen struct. */
export function choice<const G extends string, const C extends Fields>(tag: G, of: C): Schema<ChoiceOf<G, C>> {
  return { kind: "choice", tag, of };
}
export function recursive<T>(name: string, depth: number, of: () => Shape): Schema<T> {
  return { kind: "recursive", name, depth, of };
}

/** What every object has by birth is no key, so that nobody reads the one for the other; `$` and `__proto__` the codec cannot write. */
const TAKEN_KEY = /^(?:\$.*|__.*__|constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|toLocaleString|toString|valueOf)$/su;
/** Characters of a key in a dict. */
const KEY_CHARS = 64;

/** Longest path of field names a fault names; deeper is cut. */
const PATH_CHARS = 120;

/** Checks a decoded value against a schema. The value itself comes back, typed; nothing is copied or coerced. */
export function check<T>(schema: Schema<T>, value: unknown, path = "message"): Result<T> {
  const problem = mismatch(schema, value, path, {});
  return problem === undefined ? { ok: true, value: value as T } : { ok: false, fault: problem };
}

type Depths = { readonly [name: string]: number };

function wrong(path: string, want: string): Fault {
  return fault("malformed", "client", `${path.slice(0, PATH_CHARS)}: expected ${want}`);
}

function mismatch(shape: Shape, value: unknown, path: string, depths: Depths): Fault | undefined {
  switch (shape.kind) {
    case "text":
      return isText(value, shape.maxBytes, shape.pattern) ? undefined : wrong(path, describe(shape));
    case "bytes":
      return value instanceof Uint8Array && value.length >= shape.min && value.length <= shape.max
        ? undefined
        : wrong(path, describe(shape));
    case "int":
      return Number.isSafeInteger(value) && (value as number) >= shape.min && (value as number) <= shape.max
        ? undefined
        : wrong(path, describe(shape));
    case "real":
      return Number.isFinite(value) && (value as number) >= shape.min && (value as number) <= shape.max
        ? undefined
        : wrong(path, describe(shape));
    case "bool":
      return typeof value === "boolean" ? undefined : wrong(path, describe(shape));
    case "scalar":
      return typeof value === "boolean" || isExact(value) || isText(value, shape.maxTextBytes) ? undefined : wrong(path, describe(shape));
    case "word":
      return typeof value === "string" && shape.words.includes(value) ? undefined : wrong(path, describe(shape));
    case "optional":
      return value === undefined ? undefined : mismatch(shape.of, value, path, depths);
    case "list":
      return listMismatch(shape, value, path, depths);
    case "dict":
      return dictMismatch(shape, value, path, depths);
    case "struct":
      return structMismatch(shape.fields, value, path, depths);
    case "choice":
      return choiceMismatch(shape, value, path, depths);
    case "recursive": {
      const depth = (depths[shape.name] ?? 0) + 1;
      if (depth > shape.depth) return wrong(path, `at most ${shape.depth} levels of ${shape.name}`);
      return mismatch(shape.of(), value, path, { ...depths, [shape.name]: depth });
    }
  }
}

/** A number that every encoding here can say: not past the integers a double holds exactly, and not -0. */
function isExact(value: unknown): boolean {
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER && !Object.is(value, -0);
}

function isText(value: unknown, maxBytes: number, pattern?: string): value is string {
  if (typeof value !== "string" || !isTextWithin(value, maxBytes)) return false;
  return pattern === undefined || compiled(pattern).test(value);
}

const patterns = new Map<string, RegExp>();

function compiled(pattern: string): RegExp {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern, "u");
    patterns.set(pattern, expression);
  }
  return expression;
}

function isPlainMap(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function listMismatch(shape: Shape & { kind: "list" }, value: unknown, path: string, depths: Depths): Fault | undefined {
  if (!Array.isArray(value) || value.length > shape.max) return wrong(path, `a list of at most ${shape.max}`);
  for (let i = 0; i < value.length; i++) {
    const problem = mismatch(shape.of, value[i], `${path}[${i}]`, depths);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function dictMismatch(shape: Shape & { kind: "dict" }, value: unknown, path: string, depths: Depths): Fault | undefined {
  if (!isPlainMap(value)) return wrong(path, "a map");
  const keys = Object.keys(value);
  if (keys.length > shape.max) return wrong(path, `a map of at most ${shape.max}`);
  for (const key of keys) {
    if (key.length > KEY_CHARS || !key.isWellFormed() || TAKEN_KEY.test(key))
      return wrong(path, "keys of at most 64 characters that are free");
    const problem = mismatch(shape.of, value[key], `${path}.${key}`, depths);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function structMismatch(fields: Fields, value: unknown, path: string, depths: Depths, tag?: string): Fault | undefined {
  if (!isPlainMap(value)) return wrong(path, "a map");
  for (const key of Object.keys(value)) {
    if (key !== tag && !Object.hasOwn(fields, key)) return wrong(path, `no field "${key.slice(0, 32)}"`);
  }
  for (const name of Object.keys(fields)) {
    const problem = mismatch(fields[name] as Shape, Object.hasOwn(value, name) ? value[name] : undefined, `${path}.${name}`, depths);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function choiceMismatch(shape: Shape & { kind: "choice" }, value: unknown, path: string, depths: Depths): Fault | undefined {
  if (!isPlainMap(value)) return wrong(path, "a map");
  const chosen = Object.hasOwn(value, shape.tag) ? value[shape.tag] : undefined;
  if (typeof chosen !== "string" || !Object.hasOwn(shape.of, chosen))
    return wrong(`${path}.${shape.tag}`, `one of ${Object.keys(shape.of).join(", ")}`);
  const struct = shape.of[chosen] as Shape;
  if (struct.kind !== "struct") throw new Error("a choice is made of structs");
  return structMismatch(struct.fields, value, `${path}(${chosen})`, depths, shape.tag);
}

/** A schema in one line of text: what the SPEC prints and what the pinned wire hash is taken over. */
export function describe(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return `text ≤ ${shape.maxBytes} bytes${shape.pattern === undefined ? "" : ` /${shape.pattern}/`}`;
    case "bytes":
      return shape.min === shape.max ? `${shape.min} bytes` : `${shape.min} to ${shape.max} bytes`;
    case "int":
      return `int ${shape.min} to ${shape.max}`;
    case "real":
      return `real ${shape.min} to ${shape.max}`;
    case "bool":
      return "bool";
    case "scalar":
      return `text ≤ ${shape.maxTextBytes} bytes, number up to ±(2^53 − 1) or bool`;
    case "word":
      return shape.words.map((w) => `"${w}"`).join(" | ");
    case "list":
      return `list ≤ ${shape.max} of (${describe(shape.of)})`;
    case "dict":
      return `map ≤ ${shape.max} of name → (${describe(shape.of)})`;
    case "optional":
      return `optional (${describe(shape.of)})`;
    case "struct":
      return `{ ${Object.entries(shape.fields)
        .map(([name, of]) => `${name}: ${describe(of)}`)
        .join("; ")} }`;
    case "choice":
      return `by ${shape.tag}: ${Object.entries(shape.of)
        .map(([name, of]) => `${name} ${describe(of)}`)
        .join(" | ")}`;
    case "recursive":
      return `${shape.name} (≤ ${shape.depth} deep)`;
  }
}
