// A world's own notary: signs what it says, opens what others say.
import { encodeBase64url, fail, type Notary, type Opened, ok, type Result } from "@sojourn/protocol";
import { didOfKey, keyOfDid } from "./did.ts";
import { type Ed25519, pureEd25519 } from "./ed25519.ts";
import { hashToken, readToken, signingInput } from "./token.ts";

const utf8 = new TextEncoder();

/** The notary of the world whose secret this is (32 bytes). The same claims always give the same token. */
export function worldNotary(secret: Uint8Array, ed25519: Ed25519 = pureEd25519): Notary {
  const world = didOfKey(ed25519.publicKey(secret));
  return {
    world,
    sign(claims) {
      if (claims.iss !== world) throw new Error("a world signs for itself only");
      const input = signingInput(claims);
      return `${input}.${encodeBase64url(ed25519.sign(utf8.encode(input), secret))}`;
    },
    read: readToken,
    open: (token) => openToken(token, ed25519),
    hash: hashToken,
  };
}

/** Reads a token and checks its issuer's signature. Whether the issuer is trusted, and the token in time and for you, is not said. */
export function openToken(token: string, ed25519: Ed25519 = pureEd25519): Result<Opened> {
  const read = readToken(token);
  if (!read.ok) return read;
  const { claims, hash, signed, signature } = read.value;
  const key = keyOfDid(claims.iss);
  if (!key.ok) return key;
  return ed25519.verify(signature, signed, key.value) ? ok({ claims, hash }) : fail("forged", "peer", "the signature does not verify");
}
