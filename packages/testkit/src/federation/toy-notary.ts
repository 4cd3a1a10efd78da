// A notary without cryptography, for long runs: a token is genuine when its issuer's notary wrote it. Nobody else can write one,
// which is what a signature promises; the same scenarios also run with the real notary.
import { type Claims, fail, type Notary, type Opened, ok, type Result, type WorldId } from "@sojourn/protocol";

/** Tokens whose meaning is remembered; only for speed. */
const REMEMBERED = 4_096;

interface Known {
  readonly read: Result<Opened>;
  readonly isGenuine: boolean;
}

/** What was written and read lately, in two generations: the older one goes when the younger one is full. */
class Memory {
  #young = new Map<string, Known>();
  #old = new Map<string, Known>();

  of(token: string): Known {
    const young = this.#young.get(token);
    if (young !== undefined) return young;
    const known = this.#old.get(token) ?? judge(token);
    this.keep(token, known);
    return known;
  }

  keep(token: string, known: Known): void {
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(token, known);
  }
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
    return read.ok ? read.value.hash : hashOf(digest(token), token);
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
      memory.keep(token, { read: ok({ claims, hash: hashOf(digested, seal), kid }), isGenuine: true });
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
    return { read: ok({ claims, hash: hashOf(digested, seal), kid }), isGenuine: seal === sealOf(digested, SECRET) };
  } catch {
    return { read: fail("malformed", "peer", "not a token"), isGenuine: false };
  }
}

/** As long as an Ed25519 signature in base64url, and in its one spelling. */
function sealOf([a, b]: Digest, [x, y]: Digest): string {
  return (((a ^ x) >>> 0).toString(36) + ((b ^ y) >>> 0).toString(36)).padEnd(86, "A");
}

/** Of a whole token: its text and its seal. As long as a SHA-256 in base64url. */
function hashOf([a, b]: Digest, seal: string): string {
  const [c, d] = digest(seal);
  return (((a ^ c) >>> 0).toString(36) + ((b ^ d) >>> 0).toString(36)).padEnd(43, "A");
}

/** Not a cryptographic hash: two 32-bit mixes over all of the text. */
function digest(text: string): Digest {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return [a, b];
}
