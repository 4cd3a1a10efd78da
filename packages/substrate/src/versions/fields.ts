// Reads the fields of a decoded node one by one, each with its range, and refuses what is left over. Inside a decoder a wrong
// field throws BadShape; `readShape` at the decoder's door turns it into a fault, so nothing else ever sees the throw. Pure.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { Link, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";

class BadShape extends Error {}

/** Runs a decoder. Fault `bad-block`, naming the block and the field. */
export function readShape<T>(what: string, read: () => T): Result<T> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof BadShape) return fail("bad-block", "world", `${what}: ${error.message}`);
    throw error;
  }
}

export function badShape(message: string): never {
  throw new BadShape(message);
}

/** One map of a node. Every key must be asked for before `end`. */
export class Fields {
  readonly #map: NodeMap;
  readonly #path: string;
  readonly #asked: Set<string> = new Set();

  constructor(value: NodeValue | undefined, path: string) {
    if (value === null || typeof value !== "object" || value instanceof Uint8Array || value instanceof Link || Array.isArray(value)) {
      badShape(`${path} must be a map`);
    }
    this.#map = value as NodeMap;
    this.#path = path;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#map, key);
  }

  raw(key: string): NodeValue {
    this.#asked.add(key);
    return this.has(key) ? (this.#map[key] as NodeValue) : badShape(`${this.#path}.${key} is missing`);
  }

  text(key: string, maxBytes: number): string {
    const value = this.raw(key);
    if (typeof value !== "string") return badShape(`${this.#path}.${key} must be text`);
    if (value.length * 3 > maxBytes && new TextEncoder().encode(value).length > maxBytes) {
      return badShape(`${this.#path}.${key} is longer than ${maxBytes} bytes`);
    }
    return value;
  }

  one<T extends string>(key: string, among: readonly T[]): T {
    const value = this.raw(key);
    return among.includes(value as T) ? (value as T) : badShape(`${this.#path}.${key} must be one of ${among.join(", ")}`);
  }

  int(key: string, min: number, max: number): number {
    return intWithin(this.raw(key), min, max, `${this.#path}.${key}`);
  }

  number(key: string, min: number, max: number): number {
    const value = this.raw(key);
    if (typeof value === "number" && value >= min && value <= max) return value;
    return badShape(`${this.#path}.${key} must be a number from ${min} to ${max}`);
  }

  truth(key: string): boolean {
    const value = this.raw(key);
    return typeof value === "boolean" ? value : badShape(`${this.#path}.${key} must be true or false`);
  }

  bytes(key: string, maxBytes: number): Uint8Array {
    const value = this.raw(key);
    if (value instanceof Uint8Array && value.length <= maxBytes) return value;
    return badShape(`${this.#path}.${key} must be bytes, ${maxBytes} at most`);
  }

  link(key: string): ContentId {
    const value = this.raw(key);
    return value instanceof Link ? value.cid : badShape(`${this.#path}.${key} must be a link`);
  }

  list<T>(key: string, max: number, read: (item: NodeValue, path: string) => T): T[] {
    const value = this.raw(key);
    return listOf(value, max, `${this.#path}.${key}`, read);
  }

  numbers(key: string, count: number, min: number, max: number): number[] {
    const numbers = this.list(key, count, (item, path) => {
      return typeof item === "number" && item >= min && item <= max ? item : badShape(`${path} must be a number from ${min} to ${max}`);
    });
    return numbers.length === count ? numbers : badShape(`${this.#path}.${key} must have ${count} numbers`);
  }

  map(key: string): Fields {
    return new Fields(this.raw(key), `${this.#path}.${key}`);
  }

  /** `{ [key]: value }` when the key is there, `{}` when it is not: for optional fields. */
  optional<K extends string, T>(key: K, read: (fields: this, key: K) => T): { readonly [P in K]?: T } {
    return this.has(key) ? ({ [key]: read(this, key) } as { readonly [P in K]?: T }) : {};
  }

  end(): void {
    for (const key of Object.keys(this.#map)) if (!this.#asked.has(key)) badShape(`${this.#path}.${key} is unknown`);
  }
}

export function listOf<T>(value: NodeValue, max: number, path: string, read: (item: NodeValue, path: string) => T): T[] {
  if (!Array.isArray(value)) return badShape(`${path} must be a list`);
  if (value.length > max) return badShape(`${path} has ${value.length} entries; ${max} are allowed`);
  return (value as readonly NodeValue[]).map((item, i) => read(item, `${path}[${i}]`));
}

export function intWithin(value: NodeValue | undefined, min: number, max: number, path: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  return badShape(`${path} must be a whole number from ${min} to ${max}`);
}
