// The door of the protocol: what is said between worlds and travellers, and when it may be said. Pure: no clock, no IO, no randomness.

export { decodePlain, encodePlain, OWN_PLAIN_LIMITS, type Plain } from "./codec/cbor.ts";
export { decodeClientFrame, decodeWorldControl, encodeControl } from "./codec/frame.ts";
export type { PlainLimits } from "./codec/guard.ts";
export * from "./custody/index.ts";
export {
  type Blame,
  FAULT_CODES,
  type Fault,
  type FaultCode,
  FaultError,
  fail,
  fault,
  ok,
  type Result,
  valueOf,
} from "./fault.ts";
export {
  type ContentId,
  DID_KEY_PATTERN,
  type EntityId,
  formatNumbered,
  ITEM_KIND_PATTERN,
  type ItemKind,
  type ItemRef,
  issuerOf,
  type Numbered,
  parseNumbered,
  type TransferId,
  type TravellerId,
  type WorldId,
} from "./ids.ts";
export {
  bodySchema,
  contentIdSchema,
  flattenItems,
  type Item,
  itemKindSchema,
  itemRefSchema,
  itemSchema,
  type Ruling,
  rulingSchema,
  type Seal,
  type TravellerBody,
  transferIdSchema,
  travellerIdSchema,
  worldIdSchema,
} from "./items.ts";
export { CUSTODY, LIMITS, MOVES, PROTOCOL_VERSION, RATES, SWARM, TIMES } from "./limits.ts";
export {
  type ClientMessage,
  type ComponentDeclaration,
  clientMessageSchema,
  type EntityKindInfo,
  FRAME,
  faultSchema,
  type Intent,
  type ItemKindInfo,
  intentSchema,
  type Manifest,
  manifestSchema,
  type PhysicsConfig,
  type PortalInfo,
  physicsSchema,
  type WorldMessage,
  worldMessageSchema,
} from "./messages.ts";
export { MoveQueue } from "./motion/move-queue.ts";
export { FULL_DEFLECTION, GRID, overlaps, type Point, type Solids, snap, stepBody, WORLD_EDGE } from "./motion/step.ts";
export {
  bool,
  bytes,
  check,
  choice,
  describe,
  dict,
  int,
  list,
  optional,
  real,
  recursive,
  type Scalar,
  type Schema,
  type Shape,
  scalar,
  struct,
  type TypeOf,
  text,
  uint,
  word,
} from "./schema.ts";
export { backoffMs } from "./session/backoff.ts";
export { type Bucket, fullBucket, type Rate, takeToken } from "./session/bucket.ts";
export { SESSION_TABLE, startSession, stepSession, wakeAtSession } from "./session/session.ts";
export type { Hello, LeftBy, Session, SessionConfig, SessionEffect, SessionInput, SessionStep } from "./session/session-types.ts";
export { stateDiagram } from "./session/table.ts";
export { startVisit, stepVisit, VISIT_TABLE } from "./session/visit.ts";
export { phaseOf, wakeAtVisit } from "./session/visit-clock.ts";
export type {
  Challenge,
  ClientState,
  Crossing,
  CrossingStage,
  Destination,
  Ghost,
  HeldCrossing,
  Target,
  Visit,
  VisitConfig,
  VisitEffect,
  VisitInput,
  VisitStep,
} from "./session/visit-types.ts";
export { CellEncoder } from "./snapshot/cell-encoder.ts";
export { CELL, type CellKey, cellAt, cellKey, cellsInView, cellX, cellY, VIEW_SLACK, viewingCell } from "./snapshot/cells.ts";
export { EntityColumns, type Watcher } from "./snapshot/columns.ts";
export { CORE_FIELDS, ENTITY_FLAGS, FIELD, type Field, type FieldKind, type FieldTable, fieldTable } from "./snapshot/fields.ts";
export { composeSnapshot, EVENT_KINDS, eventsPart, type WorldEvent } from "./snapshot/format.ts";
export { decodeMove, decodeOwn, encodeMove, encodeOwn, type Move, OwnFrames, type OwnState, PACE_PARTS } from "./snapshot/move.ts";
export { type Applied, SnapshotReader } from "./snapshot/reader.ts";
export { ViewFrames } from "./snapshot/view-frames.ts";
export { describeWire, specTables } from "./spec/tables.ts";
export {
  CHANNEL_VERSION,
  type ChannelFrame,
  decodeChannel,
  encodeChannel,
  type LackReason,
} from "./swarm/channel-frames.ts";
export {
  memberBroke,
  memberCame,
  memberSaid,
  memberWent,
  openRendezvous,
  type Rendezvous,
  type RendezvousConfig,
  type RendezvousEffect,
  sweepRendezvous,
} from "./swarm/rendezvous.ts";
export {
  decodeMember,
  decodeRendezvous,
  descriptionObjection,
  encodeMember,
  encodeRendezvous,
  type MemberMessage,
  type RendezvousMessage,
} from "./swarm/signals.ts";
export { clipText, isTextWithin } from "./text.ts";
