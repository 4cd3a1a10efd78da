// A notary without cryptography, for long runs: a token is genuine when its issuer's notary wrote it. Nobody else can write one,
// which is what a signature promises; the same scenarios also run with the real notary.
import { type Claims, fail, type Notary, type Opened, ok, type Result, type WorldId } from "@sojourn/protocol";

/** Tokens whose meaning is remembered; only for speed: with more of them each would outlive its youth and be copied. A power of two. */
const REMEMBERED = 1_024;

interface Known {
  readonly token: string;
  readonly read: Result<Opened>;
  readonly isGenuine: boolean;
}

/** What was written and read lately: each token has one place, and the later one takes it. */
class Memory {
  readonly #places: (Known | undefined)[] = new Array(REMEMBERED).fill(undefined);

  of(token: string): Known {
    const place = placeOf(token);
    const known = this.#places[place];
    if (known?.token === token) return known;
    const judged = judge(token);
    this.#places[place] = judged;
    return judged;
  }

  keep(known: Known): void {
    this.#places[placeOf(known.token)] = known;
  }
}

/** Where a token is remembered: by its length and the first letters of its seal. */
function placeOf(token: string): number {
  const at = token.length - SEAL_CHARS;
  if (at < 0) return token.length;
  const letters =
    token.charCodeAt(at) ^ (token.charCodeAt(at + 1) << 4) ^ (token.charCodeAt(at + 2) << 8) ^ (token.charCodeAt(at + 6) << 6);
  return letters & (REMEMBERED - 1);
}

/** The notary of a world that signs with the key `kid` (a made-up name; the world's own for its identity key). */
export function toyNotaries(): (world: WorldId, kid?: string) => Notary {
  const memory = new Memory();
  const open = (token: string): Result<Opened> => {
    const { read, isGenuine } = memory.of(token);
    return !read.ok || isGenuine ? read : fail("forged", "peer", "not genuine");
  };
  const hash = (token: string): string => {
    const { read } = memory.of(token);
    return read.ok ? read.value.hash : hashOf(digest(token));
  };
  return (world, kid = world) => ({
    world,
    kid,
    sign(claims) {
      if (claims.iss !== world) throw new Error("a world signs for itself only");
      if (claims.typ === "keys" && kid !== world) throw new Error("only the identity key says which keys sign");
      const text = textOf(claims, kid);
      const digested = digest(text);
      const seal = sealOf(digested, SECRET);
      const token = `${text}.${seal}`;
      memory.keep({ token, read: ok({ claims, hash: hashOf(digested), kid }), isGenuine: true });
      return token;
    },
    written: (claims, signature, kid) => `${textOf(claims, kid)}.${signature}`,
    read: (token) => memory.of(token).read,
    open,
    hash,
  });
}

/** What nobody without the key can write: right in form, false in substance. */
export function forgedToy(claims: Claims, kid: string): string {
  const text = textOf(claims, kid);
  return `${text}.${sealOf(digest(text), NO_SECRET)}`;
}

type Digest = readonly [number, number];

const SECRET: Digest = [0x50f0_11a7, 0x7e5d_3c19];
const NO_SECRET: Digest = [1, 2];

/** One spelling for the same claims: every message is built in one place, its fields in one order. */
function textOf(claims: Claims, kid: string): string {
  return `${kid} ${JSON.stringify(claims)}`;
}

function judge(token: string): Known {
  const cut = token.lastIndexOf(".");
  const text = token.slice(0, Math.max(0, cut));
  const seal = token.slice(cut + 1);
  try {
    const space = text.indexOf(" ");
    const kid = text.slice(0, space);
    const claims = JSON.parse(text.slice(space + 1)) as Claims;
    const digested = digest(text);
    if (claims.typ === "keys" && kid !== claims.iss) throw new Error("only the identity key says which keys sign");
    const isGenuine = seal === sealOf(digested, SECRET);
    return { token, read: ok({ claims, hash: hashOf(isGenuine ? digested : digest(token)), kid }), isGenuine };
  } catch {
    return { token, read: fail("malformed", "peer", "not a token"), isGenuine: false };
  }
}

/** As long as an Ed25519 signature in base64url, and in its one spelling. */
const SEAL_CHARS = 86;
const SEAL_END: string = "A".repeat(SEAL_CHARS - 12);
/** As long as a SHA-256 in base64url. */
const HASH_END: string = "A".repeat(43 - 12);
const ALPHABET: Uint8Array = Uint8Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", (letter) =>
  letter.charCodeAt(0),
);

function sealOf([a, b]: Digest, [x, y]: Digest): string {
  return letters(a ^ x, b ^ y) + SEAL_END;
}

/** Of a whole token. With the right seal its text says all: no two tokens have the same. */
function hashOf([a, b]: Digest): string {
  return letters(b, a) + HASH_END;
}

/** 64 bits as twelve letters. */
function letters(a: number, b: number): string {
  const at = (bits: number): number => ALPHABET[bits & 63] as number;
  return String.fromCharCode(
    ...[at(a), at(a >>> 6), at(a >>> 12), at(a >>> 18), at(a >>> 24), at(a >>> 30)],
    ...[at(b), at(b >>> 6), at(b >>> 12), at(b >>> 18), at(b >>> 24), at(b >>> 30)],
  );
}

/** Not a cryptographic hash: two 32-bit mixes, each over every other letter of the text, and of each other at the end. */
function digest(text: string): Digest {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9 ^ text.length;
  const even = text.length & ~1;
  for (let i = 0; i < even; i += 2) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i + 1), 0x85ebca6b);
  }
  if (even < text.length) a = Math.imul(a ^ text.charCodeAt(even), 0x01000193);
  a = Math.imul(a ^ (a >>> 15) ^ b, 0x2c1b3c6d);
  b = Math.imul(b ^ (b >>> 13) ^ a, 0x297a2d39);
  return [a ^ (a >>> 16), b ^ (b >>> 16)];
}
