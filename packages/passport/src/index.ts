// The door of the passport room: who travels, what they carry, what is let in. Bundles for browsers; Node's quicker keys are at "./node".
export { readCard, signCard, type WorldCard } from "./card.ts";
export { type Import, rule } from "./customs.ts";
export { didOfKey, keyOfDid } from "./did.ts";
export { type Ed25519, isSoundKey, pureEd25519 } from "./ed25519.ts";
export { type HeadJudge, headJudge } from "./head-judge.ts";
export {
  allowedKinds,
  describePolicy,
  type ImportPolicy,
  type ImportRules,
  importPolicySchema,
  quotasFor,
  rulesFor,
} from "./import-policy.ts";
export {
  generateKeys,
  generateSealedKeys,
  type KeyPair,
  keysFromSealed,
  keysFromSecret,
  type OpenKeys,
  type SealedKeys,
} from "./keys.ts";
export { openToken, worldNotary } from "./notary.ts";
export { type ChallengeTerms, challengeBytes, type ProofTerms, proofBytes, verifyChallenge, verifyProof } from "./proof.ts";
export { type Shown, type Speaker, speakerOf } from "./speaker.ts";
export { hashToken, readToken } from "./token.ts";
