// The door of the substrate room: the static world as content-addressed blocks. This door works in browsers and in Node;
// what needs Node's files and zlib is behind `@sojourn/substrate/node`.
export { makeBlock, nodeBlock, verifyBlock } from "./blocks/block.ts";
export { type Codec, formatContentId, type ParsedContentId, parseContentId } from "./blocks/content-id.ts";
export { decodeNode, encodeNode, Link, linksOf, type NodeMap, type NodeValue } from "./blocks/node-codec.ts";
export { carHeader, carSection, type OpenCar, openCar } from "./cars/car.ts";
export { fetchVersion } from "./fetch/fetch.ts";
export type { SourceReport } from "./fetch/plan.ts";
export {
  type FetchedVersion,
  type FetchOptions,
  type FetchProgress,
  type StreamOptions,
  streamVersion,
  type VersionStream,
} from "./fetch/stream.ts";
export type { Spot, Surroundings } from "./fetch/walk.ts";
export { headName, worldOfHeadName } from "./heads/head-name.ts";
export { epochOf, firstSequence, type Head, nextSequence, type ReadHead, readHead, writeHead } from "./heads/head-record.ts";
export {
  ARCHIVE_POLICIES,
  type Archive,
  type ArchivePolicy,
  type Heartbeat,
  heartbeatBlock,
  type Resumed,
  readHeartbeat,
  readHeartbeatNode,
  readTail,
  type TailLink,
  tailBlock,
} from "./heads/heartbeat.ts";
export { type Heard, heirEpoch, type Resumption } from "./heads/heirs.ts";
export {
  compareHeads,
  type FoundHead,
  followHead,
  newerStatement,
  readFoundHead,
  rememberHead,
  type SeenHead,
  type SeenHeir,
} from "./heads/judge.ts";
export { type Claim, type GenuineHead, type HeadJudge, openHead, openSuccession } from "./heads/open-head.ts";
export { type Heir, isAddress, readSuccession, type Succession, whyNoSuccession, writeSuccession } from "./heads/succession.ts";
export { diffVersions, type Named, type VersionDiff } from "./history/diff.ts";
export { type LoggedVersion, readLog, type VersionLog } from "./history/log.ts";
export { type Rollback, rollBack } from "./history/rollback.ts";
export { isSameContent, readVersionRoot, type VersionRoot } from "./history/version-root.ts";
export { walkDag, walkVersion } from "./history/walk.ts";
export { CAR, HEADS, HISTORY, LIMITS, PEERS } from "./limits.ts";
export { type Copied, type CopyPlan, copyWorld } from "./replicas/copy.ts";
export { httpReplica } from "./replicas/http.ts";
export { missingBlocks } from "./replicas/missing-blocks.ts";
export type { HeadStore, Replica, ReplicaKind } from "./replicas/port.ts";
export {
  type HeadSigner,
  openPublisher,
  type Published,
  type Publisher,
  type PublisherOptions,
  type PublishPlan,
  type Pushed,
} from "./replicas/publisher.ts";
export { s3Replica } from "./replicas/s3.ts";
export { s3Heads } from "./replicas/s3-heads.ts";
export { type Retention, type SweepPlan, type Swept, sweepReplica } from "./replicas/sweep.ts";
export { checkConditions } from "./s3/conditions.ts";
export type { S3Entry } from "./s3/list-page.ts";
export { openS3, type S3Condition, type S3Object, type S3Objects, type S3Written } from "./s3/objects.ts";
export type { S3Options } from "./s3/options.ts";
export { type BrowserStoreOptions, browserStore } from "./stores/browser.ts";
export { cachedStore } from "./stores/cached.ts";
export { type HttpStoreOptions, httpStore } from "./stores/http.ts";
export { memoryStore } from "./stores/memory.ts";
export { notedStore } from "./stores/noted.ts";
export type { PeersOptions, PeersReport, PeersStore } from "./stores/peers.ts";
export type { Block, BlockStore, GetOptions } from "./stores/port.ts";
export { s3Store } from "./stores/s3.ts";
export { tieredStore } from "./stores/tiered.ts";
export { GIVE_DEFAULTS, type GiveLimits } from "./swarm/allowance.ts";
export type { MemberChannel } from "./swarm/member.ts";
export { type AmendedVersion, type Amendment, amendVersion, type Removal } from "./versions/amend.ts";
export { type BuiltVersion, buildVersion, type VersionParts } from "./versions/build.ts";
export { checkStaticObject } from "./versions/object-codec.ts";
export { chunkAt, type Scene } from "./versions/scene.ts";
export { objectBox, solidsOf } from "./versions/solids.ts";
export { isSpawnWord, spawnZones } from "./versions/spawn-zones.ts";
export {
  FLIP_DIAGONAL,
  FLIP_HORIZONTAL,
  FLIP_VERTICAL,
  fitted,
  gidAt,
  inDrawOrder,
  type PixelBox,
  plainGid,
  type TileDraw,
  tileDraw,
  tilePlace,
} from "./versions/tile-draw.ts";
export type {
  AnimationFrame,
  AssetInfo,
  AssetMime,
  Box,
  Chunk,
  ChunkCoord,
  ImageInfo,
  LayerInfo,
  Properties,
  PropertyValue,
  Solids,
  StaticObject,
  SubstrateVersion,
  SubstrateView,
  TileInfo,
  TilesetInfo,
  Zone,
} from "./versions/types.ts";
export { type OpenOptions, openVersion } from "./versions/view.ts";
export { type WrittenParts, type WrittenVersion, writeVersion } from "./versions/write.ts";
export { zoneHolds } from "./versions/zone-area.ts";
