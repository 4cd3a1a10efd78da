// Proving a key in the handshake: the world signs the client's nonce, the traveller signs both nonces and the passport's hash.
// Each signed text names what it is for, so none can pass for another, nor for a signed message between worlds (those begin with base64url).
import { canonicalJson, encodeBase64url, fail, type KnownKeys, ok, type Result } from "@sojourn/protocol";
import { keyOfDid } from "./did.ts";
import { type Ed25519, pureEd25519 } from "./ed25519.ts";
import { type Shown, type Speaker, speakerOf } from "./speaker.ts";
import { hashToken } from "./token.ts";

const utf8 = new TextEncoder();

export interface ProofTerms {
  readonly world: string;
  readonly worldNonce: Uint8Array;
  readonly clientNonce: Uint8Array;
  /** The passport's text when one is presented. */
  readonly passport?: string | undefined;
}

export interface ChallengeTerms {
  readonly world: string;
  readonly worldNonce: Uint8Array;
  readonly clientNonce: Uint8Array;
  readonly traveller: string;
}

/** What a traveller signs to enter a world. */
export function proofBytes(terms: ProofTerms): Uint8Array {
  const { world, worldNonce, clientNonce, passport } = terms;
  const nonces = { worldNonce: encodeBase64url(worldNonce), clientNonce: encodeBase64url(clientNonce) };
  const presented = passport === undefined ? {} : { passport: hashToken(passport) };
  return utf8.encode(canonicalJson({ for: "sojourn proof 1", world, ...nonces, ...presented }));
}

/** What a world signs to show a client that it is the world it says. */
export function challengeBytes(terms: ChallengeTerms): Uint8Array {
  const { world, traveller } = terms;
  const nonces = { worldNonce: encodeBase64url(terms.worldNonce), clientNonce: encodeBase64url(terms.clientNonce) };
  return utf8.encode(canonicalJson({ for: "sojourn challenge 1", world, traveller, ...nonces }));
}

/** The traveller's answer to the challenge; fault `bad-proof`. */
export function verifyProof(
  terms: ProofTerms & { readonly traveller: string; readonly signature: Uint8Array },
  ed25519: Ed25519 = pureEd25519,
): Result<void> {
  const isGood = isSignedBy(terms.traveller, terms.signature, proofBytes(terms), ed25519);
  return isGood ? ok(undefined) : fail("bad-proof", "client", "the challenge was not signed by the key of this traveller");
}

export interface ChallengeProof extends ChallengeTerms, Shown {
  readonly signature: Uint8Array;
}

/** The world's own proof in its challenge, against the keys that are `known` of it; what is known of them now. Fault `bad-proof`. */
export function verifyChallenge(proof: ChallengeProof, known?: KnownKeys, ed25519: Ed25519 = pureEd25519): Result<Pick<Speaker, "known">> {
  const speaker = speakerOf(proof.world, proof, known, ed25519);
  if (!speaker.ok) return speaker;
  const isGood = ed25519.verify(proof.signature, challengeBytes(proof), speaker.value.publicKey);
  return isGood ? ok({ known: speaker.value.known }) : fail("bad-proof", "world", "the world did not prove that it is the world it says");
}

function isSignedBy(did: string, signature: Uint8Array, bytes: Uint8Array, ed25519: Ed25519): boolean {
  const key = keyOfDid(did);
  return key.ok && ed25519.verify(signature, bytes, key.value);
}
