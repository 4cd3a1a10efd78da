// A notary without cryptography, for long runs: a token is genuine when its issuer's notary wrote it. Nobody else can write one,
// which is what a signature promises; the same scenarios also run with the real notary.
import { type Claims, canonicalJson, fail, type Json, type Notary, type Opened, ok, type Result, type WorldId } from "@sojourn/protocol";

/** Tokens that were read lately; only for speed. */
const REMEMBERED = 20_000;

export function toyNotaries(): (world: WorldId) => Notary {
  const read = remembering(readToy);
  return (world) => ({
    world,
    sign(claims) {
      if (claims.iss !== world) throw new Error("a world signs for itself only");
      const text = canonicalJson(claims as unknown as Json);
      return `${text}.${seal(text)}`;
    },
    read,
    open(token) {
      const opened = read(token);
      const cut = token.lastIndexOf(".");
      if (!opened.ok || token.slice(cut + 1) === seal(token.slice(0, cut))) return opened;
      return fail("forged", "peer", "not genuine");
    },
    hash: digest,
  });
}

const SECRET = "known to notaries only";

/** As long as an Ed25519 signature in base64url, and in its one spelling. */
function seal(text: string): string {
  return digest(text + SECRET).padEnd(86, "A");
}

function readToy(token: string): Result<Opened> {
  const cut = token.lastIndexOf(".");
  try {
    return ok({ claims: JSON.parse(token.slice(0, cut)) as Claims, hash: digest(token) });
  } catch {
    return fail("malformed", "peer", "not a token");
  }
}

function remembering(read: (token: string) => Result<Opened>): (token: string) => Result<Opened> {
  const known = new Map<string, Result<Opened>>();
  return (token) => {
    const found = known.get(token);
    if (found !== undefined) return found;
    if (known.size >= REMEMBERED) known.clear();
    const fresh = read(token);
    known.set(token, fresh);
    return fresh;
  };
}

/** Not a cryptographic hash: two 32-bit mixes, written as long as a SHA-256 in base64url is. */
function digest(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return ((a >>> 0).toString(36) + (b >>> 0).toString(36)).padEnd(43, "A");
}
