// Answering a world's challenge. Law: nothing is signed for a world that has not proven to be the one it should be: the one a
// crossing names, or else the one first met at this address; and a world's keys are never taken from an older statement than was seen.
import { type KeyPair, proofBytes, verifyChallenge } from "@sojourn/passport";
import { type Challenge, fail, ok, type Result } from "@sojourn/protocol";
import { keepKnownKeys, knownKeys, pinnedWorld, pinWorld } from "./kept.ts";
import type { TravellerStorage } from "./visitor.ts";

export interface ChallengeToAnswer {
  readonly challenge: Challenge;
  /** What the client said in its hello. */
  readonly nonce: Uint8Array;
  readonly passport?: string | undefined;
  /** The world's base address. */
  readonly base: string;
  /** The world that a crossing leads to; without it the address's pin counts. */
  readonly expected?: string | undefined;
}

/** The proof's signature. Faults: `bad-proof` when the world is not the one it should be, `store-failed`. */
export async function answerChallenge(asked: ChallengeToAnswer, keys: KeyPair, storage: TravellerStorage): Promise<Result<Uint8Array>> {
  const { challenge, nonce, base } = asked;
  const { world, nonce: worldNonce, signature, kid } = challenge;
  const known = await knownKeys(storage, world);
  const proof = { world, worldNonce, clientNonce: nonce, traveller: keys.id, signature, kid, keys: challenge.keys };
  const proven = verifyChallenge(proof, known);
  if (!proven.ok) return proven;
  const pinned = await pinnedWorld(storage, base);
  const wanted = asked.expected ?? pinned;
  if (wanted !== undefined && wanted !== world) {
    const why =
      "Whoever runs it has a new key, or somebody else answers in their place; forgetting this world lets one enter as if for the first time";
    return fail("bad-proof", "world", `another world than before answers at ${base}. ${why}.`);
  }
  // The keys are kept before anything is signed: whoever answers with older ones later is refused, also after the program ended.
  if (proven.value.known !== undefined && proven.value.known.version !== known?.version)
    await keepKnownKeys(storage, world, proven.value.known);
  if (pinned !== world) await pinWorld(storage, base, world);
  return ok(await keys.sign(proofBytes({ world, worldNonce, clientNonce: nonce, passport: asked.passport })));
}
