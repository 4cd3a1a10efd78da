// A world's own notary: signs what it says, opens what others say.
import { encodeBase64url, fail, type Notary, type Opened, ok, type Result, type WorldId } from "@sojourn/protocol";
import { didOfKey, keyOfDid } from "./did.ts";
import { type Ed25519, pureEd25519 } from "./ed25519.ts";
import { hashToken, readToken, signingInput } from "./token.ts";

const utf8 = new TextEncoder();

/**
 * The notary of a world that signs with this secret (32 bytes): that of the world's identity key, unless `world` says whose key it is.
 * The same claims always give the same token.
 */
export function worldNotary(secret: Uint8Array, ed25519: Ed25519 = pureEd25519, identity?: WorldId): Notary {
  const kid = didOfKey(ed25519.publicKey(secret));
  const world = identity ?? kid;
  return {
    world,
    kid,
    sign(claims) {
      if (claims.iss !== world) throw new Error("a world signs for itself only");
      if (claims.typ === "keys" && kid !== world) throw new Error("only the identity key says which keys sign");
      const input = signingInput(claims, kid);
      return `${input}.${encodeBase64url(ed25519.sign(utf8.encode(input), secret))}`;
    },
    written: (claims, signature, kid) => `${signingInput(claims, kid)}.${signature}`,
    read: readToken,
    open: (token) => openToken(token, ed25519),
    hash: hashToken,
  };
}

/**
 * Reads a token and checks the signature of the key it names. Whether that key speaks for the issuer, the issuer is trusted, and the token
 * in time and for you, is not said.
 */
export function openToken(token: string, ed25519: Ed25519 = pureEd25519): Result<Opened> {
  const read = readToken(token);
  if (!read.ok) return read;
  const { claims, hash, kid, signed, signature } = read.value;
  const key = keyOfDid(kid);
  if (!key.ok) return key;
  return ed25519.verify(signature, signed, key.value) ? ok({ claims, hash, kid }) : fail("forged", "peer", "the signature does not verify");
}
