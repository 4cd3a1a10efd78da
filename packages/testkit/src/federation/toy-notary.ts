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

export function toyNotaries(): (world: WorldId) => Notary {
  const memory = new Memory();
  const open = (token: string): Result<Opened> => {
    const { read, isGenuine } = memory.of(token);
    return !read.ok || isGenuine ? read : fail("forged", "peer", "not genuine");
  };
  return (world) => ({
    world,
    sign(claims) {
      if (claims.iss !== world) throw new Error("a world signs for itself only");
      const token = writeToy(claims);
      memory.keep(token, { read: ok({ claims, hash: hashToy(token) }), isGenuine: true });
      return token;
    },
    read: (token) => memory.of(token).read,
    open,
    hash: hashToy,
  });
}

/** What nobody without the key can write: right in form, false in substance. */
export function forgedToy(claims: Claims): string {
  return `${textOf(claims)}.${sealOf(0, 0)}`;
}

const SECRET_A = 0x50f0_11a7;
const SECRET_B = 0x7e5d_3c19;

function writeToy(claims: Claims): string {
  const text = textOf(claims);
  const [a, b] = digest(text);
  return `${text}.${sealOf(a ^ SECRET_A, b ^ SECRET_B)}`;
}

/** One spelling for the same claims: the fields of a message by name; what is nested in them is always built in one order. */
function textOf(claims: Claims): string {
  const fields = claims as unknown as { readonly [name: string]: unknown };
  let text = "";
  for (const name of Object.keys(fields).sort()) {
    const value = fields[name];
    if (value === undefined) continue;
    text += `${text === "" ? "{" : ","}"${name}":${JSON.stringify(value)}`;
  }
  return `${text}}`;
}

function judge(token: string): Known {
  const cut = token.lastIndexOf(".");
  const text = token.slice(0, Math.max(0, cut));
  try {
    const claims = JSON.parse(text) as Claims;
    const [a, b] = digest(text);
    return { read: ok({ claims, hash: hashToy(token) }), isGenuine: token.slice(cut + 1) === sealOf(a ^ SECRET_A, b ^ SECRET_B) };
  } catch {
    return { read: fail("malformed", "peer", "not a token"), isGenuine: false };
  }
}

/** As long as an Ed25519 signature in base64url, and in its one spelling. */
function sealOf(a: number, b: number): string {
  return ((a >>> 0).toString(36) + (b >>> 0).toString(36)).padEnd(86, "A");
}

/** As long as a SHA-256 in base64url. */
function hashToy(token: string): string {
  const [a, b] = digest(token);
  return ((a >>> 0).toString(36) + (b >>> 0).toString(36)).padEnd(43, "A");
}

/** Not a cryptographic hash: two 32-bit mixes over all of the text. */
function digest(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return [a, b];
}
