// The world's door: describe a world (`defineWorld`), run it (`openWorld`), count what worlds hold (`audit`).

export { type AuditCounts, audit, readProofs, readServedVersion } from "./audit.ts";
export { checkDefinition, defineWorld } from "./author/define.ts";
export type {
  Answer,
  ComponentTypes,
  ComponentValue,
  ComponentValues,
  DefineWorld,
  Facts,
  ItemDefinition,
  Kinds,
  KitItem,
  Minting,
  PlaceDefinition,
  PortalDefinition,
  ThingDefinition,
  WorldDefinition,
} from "./author/definition.ts";
export type {
  Area,
  ChatMoment,
  EnterMoment,
  Entity,
  IntentMoment,
  ItemMoment,
  LeaveMoment,
  Memory,
  Moment,
  Spot,
  ThingMoment,
  Tone,
  TouchMoment,
  Traveller,
  ZoneMoment,
} from "./author/moments.ts";
export { type Ban, keepBans, readBans } from "./authority/bans.ts";
export { BLOCKS_FOLDER } from "./authority/ground-truth.ts";
export { readIdentity, readKeys, readWorldId, type WorldKeys } from "./authority/identity.ts";
export { detachIdentity, type KeyChange, revokeKey, rotateKey } from "./authority/key-change.ts";
export { keepPeers, pinPeer, readPeers } from "./authority/peers.ts";
export { isResumed } from "./heirs/inherited.ts";
export { type ResumedWorld, type ResumeFrom, resumeWorld } from "./heirs/resume.ts";
export { type HeirsChange, nameHeir, readHeirs, type StatedHeirs, withdrawHeir } from "./heirs/stated-heirs.ts";
export type { KeptNeighbour, MeshOptions } from "./mesh/mesh.ts";
export { openWorld } from "./open-world.ts";
export type { HeartbeatReport, MapReport, Openable, OpenOptions, PeerEntry, RunningWorld, WorldStats } from "./options.ts";
export { followOrders, type Order, type OrderAnswer, placeOrder } from "./orders/orders.ts";
export { type ReturnOrder, returnTransfer } from "./orders/return-transfer.ts";
export { type RolledBack, rollBackWorld } from "./orders/roll-back-world.ts";
export { readTransfers, type Transfers } from "./orders/transfers.ts";
export { readState, type StateOf } from "./replication/export-state.ts";
export type { Beaten } from "./replication/keeper.ts";
export type { NeighbourStatus, OwnCopy } from "./replication/neighbour-proofs.ts";
export { newestHead } from "./replication/newest-head.ts";
export { type Replication, readReplication } from "./replication/read-replication.ts";
export { openReplica, type ReplicaPlace, readPlace } from "./replication/replica-place.ts";
export type { ReplicaStatus, ReplicationStatus } from "./replication/replica-status.ts";
export type { Restored, RestoreProgress } from "./replication/restore.ts";
export { type RestoreFrom, restoreFrom } from "./replication/restore-from.ts";
