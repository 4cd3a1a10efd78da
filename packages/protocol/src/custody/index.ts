// The custody part of the protocol's door.
export { applyRecord, replayRecord } from "./apply.ts";
export { auditFederation, type FederationAudit } from "./audit.ts";
export { decodeBase64url, encodeBase64url } from "./base64url.ts";
export type {
  BorderContext,
  BorderInput,
  BorderPolicy,
  CustodyEffect,
  Customs,
  CustomsAnswer,
  Decision,
  DestinationInput,
  Moment,
  OriginInput,
  Peer,
  Shut,
} from "./border.ts";
export { canonicalJson, type Json, parseJson } from "./canonical-json.ts";
export { type Checkpoint, checkpointOf, restoreCustody } from "./checkpoint.ts";
export {
  type Cancel,
  type Carried,
  type Claims,
  type ClaimsType,
  type Clamp,
  type Close,
  carriedSchema,
  claimSchemas,
  clampSchema,
  type Decline,
  flattenCarried,
  groupRulings,
  type KeyStatement,
  keysVersion,
  type ListedKey,
  listedKeys,
  type Notary,
  type Noted,
  type Offer,
  type OfferRequest,
  type Opened,
  type Passport,
  plainItems,
  type Recall,
  type Recalled,
  type Receipt,
  type Refusal,
  type RulingGroup,
  type Status,
  spreadRulings,
  type Tier,
  tokenTyp,
} from "./claims.ts";
export { BODY_KIND, clampBody, clampsFor, effectiveProps } from "./clamps.ts";
export {
  type Arrival,
  type Build,
  type Custody,
  type Departure,
  emptyCustody,
  type ItemRow,
  itemsOf,
  itemsOnGround,
  itemTree,
  type KnownKeys,
  lockerOf,
  nextItemRef,
  type Overridden,
  outermostPlace,
  type Place,
  type Resident,
  type Whereabouts,
} from "./custody.ts";
export { type Desk, openDesk } from "./desk.ts";
export { stepDestination } from "./destination.ts";
export { verifyDoubleSpend } from "./evidence.ts";
export { importsLately } from "./import-counts.ts";
export { compareStatement, doubtKey, isSigningKey, type KeyDoubt, whyNotStatement } from "./keys.ts";
export type { Amnesia, Asking, LossReport, Memory } from "./memory.ts";
export { stepOrigin } from "./origin.ts";
export { type EvidenceTier, followPapers, linkOf, type PaperLink, type Papers, withLink } from "./papers.ts";
export { type Quota, quotaSchema } from "./quota-terms.ts";
export { amnesiaRecord, stepMemory, whileRemembering } from "./recall.ts";
export { type CustodyRecord, decodeRecord, encodeRecord, recordSchema } from "./records.ts";
export type { Rule } from "./rule.ts";
export { RULES, type RuleId } from "./rules.ts";
export type { DoubleSpend } from "./seen-links.ts";
export { type Entry, entryOf, stepBorder, wakeAtBorder } from "./step.ts";
