// Every limit of the static world, by name. Bytes unless the name says otherwise. A stranger's map, block or store can
// cost no more than these numbers allow; ADR 0010 says why they are what they are.

export const LIMITS = {
  /** One block. Every IPFS tool moves blocks of this size over bitswap (its own limit is 2 MiB). */
  blockBytes: 1_048_576,
  /** Depth of maps and lists in one node; values (keys, items, scalars) in one node; byte strings among them, links aside. */
  nodeDepth: 16,
  nodeValues: 262_144,
  nodeByteStrings: 8_192,
  /** What a page keeps of all worlds in the browser's storage. */
  browserBytes: 536_870_912,
  /** Steps from a version's root to its deepest block: root, index (≤ 8 levels), chunk. */
  versionDepth: 12,
  /** Blocks and bytes of one version, as its root may state them. */
  versionBlocks: 4_194_304,
  versionBytes: 68_719_476_736,

  /** One asset (an image), cut into parts of one block each; width and height in pixels. */
  assetBytes: 16_777_216,
  assetPartBytes: 1_048_576,
  assetPixels: 4_096,
  assets: 1_024,
  /** Parts of one picture's file, bytes of a part that is pressed and is no pixels, and scans in which one may be drawn. */
  pictureParts: 65_536,
  picturePressedBytes: 1_048_576,
  pictureScans: 64,
  /** Pixels of all pictures of one version together, before any of them is decoded: four bytes each. */
  scenePixels: 67_108_864,

  /** Tiles along one side of a chunk, and chunks along one side of an index node. */
  chunkTiles: 16,
  indexFanout: 8,
  /** Chunks whose tiles are at hand, of all worlds in a process. */
  recentChunks: 64,
  /** Tiles along one side of a world; the absolute value of a coordinate in tiles. */
  worldTiles: 1_048_576,
  coordinateTiles: 1_048_576,
  tilePixels: 1_024,

  layers: 64,
  tilesets: 1_024,
  tilesPerTileset: 65_536,
  animationFrames: 256,
  zones: 4_096,
  zonePoints: 256,
  /** What one chunk may hold, and one object's encoded size: together they keep a full chunk inside one block. */
  objectsPerChunk: 512,
  objectBytes: 1_536,
  boxesPerChunk: 4_096,
  boxesPerTile: 64,
  /** Width and height of one static object, in units. */
  objectUnits: 64,

  nameBytes: 128,
  idBytes: 128,
  textBytes: 512,
  properties: 64,
  propertyTextBytes: 4_096,
  propertyDepth: 4,

  /** Files of a Tiled map: the map or a tileset as text, and how many files one map may name. */
  mapFileBytes: 67_108_864,
  mapFiles: 2_048,
  /** Decoded tiles of all layers of one map together. */
  mapTiles: 16_777_216,
  /** So many any map may have; beyond them, so many for each character of its layers' data. */
  smallMapTiles: 3_145_728,
  tilesPerMapChar: 48,
  groupDepth: 16,
  objectsPerLayer: 65_536,
  /** Solid boxes of one map, counted in each chunk they touch; height in units of a solid shape that is no upright rectangle. */
  mapBoxes: 1_048_576,
  shapeUnits: 1_024,
} as const;

/** Fetching a version. */
export const FETCH = {
  /** Blocks asked for at the same time: of all sources together, and of one source. */
  parallel: 16,
  parallelPerSource: 8,
  /** A source that has not answered one request by then has stalled; one that is usually quick is given less, but not under `leastRequestMs`. */
  requestMs: 10_000,
  leastRequestMs: 2_000,
  /** What is longer is given more time than what is usual, in proportion. */
  smallBytes: 65_536,
  /** Stalls or failures in a row after which a source is left. A lie is never forgiven. */
  strikes: 2,
  /** How often one block is asked of one source that stalled or failed. */
  attempts: 2,
  /** Expected answer time of a source not heard yet. */
  firstGuessMs: 50,
  /** Sources of a higher tier wait for those of a lower one while these answer within so long, milliseconds. */
  preferMs: 2_000,
  /** Later than a source's answers usually are, and not under this, another source is asked for the same block; of one not heard yet. */
  leastPatienceMs: 250,
  firstPatienceMs: 1_000,
  /** Blocks that are asked of two sources at the same time; answers in a row that came first from elsewhere after which a source is left. */
  hedges: 4,
  outrun: 8,
  /** Blocks known to be missing here and not yet asked for: those behind them wait with the places they belong to. */
  wanted: 16,
  /** What goes on beside a game gives way after so long, ms. */
  sliceMs: 6,
  /** Places one stands in, or may, that a fetch begins around. */
  spots: 8,
} as const;

/** Blocks between members of a swarm. What crosses a channel is bounded by the protocol's SWARM; these are one's own. */
export const PEERS = {
  /** Members one is connected to at a time. */
  members: 12,
  /** A member that sent nothing of a block for so long has stalled; after so many stalls in a row it is left. */
  stallMs: 2_500,
  strikes: 2,
  /** Members one block is asked of, one after another, and for how long in all, before another kind of source is asked. */
  attempts: 4,
  blockMs: 9_000,
  /** Of a small block, once blocks have come: a fetch is not kept waiting longer than it would wait. */
  smallMs: 1_800,
  /** How long the first blocks wait for members that are being connected to. */
  meetMs: 1_500,
  /** Asks that wait for a member with room. */
  waiting: 256,
  /** Bytes that may wait in a channel before more of a block is sent. */
  bufferedBytes: 131_072,
  /** What is given away, unless the traveller says otherwise: bytes a second, at once, and in one visit. */
  giveRate: 524_288,
  giveBurst: 2_097_152,
  giveTotal: 268_435_456,
  /** One who would have to wait longer than this for a block is told to ask elsewhere. */
  giveWaitMs: 1_000,
  /** Blocks of this visit that are given to others at all. */
  given: 1_048_576,
  /** Members that gave wrong bytes or broke the protocol, remembered with why. */
  leftNamed: 32,
  /** News of what one holds now is told so far apart. */
  tellMs: 200,
} as const;

/** Versions and blocks as one stream (CAR), and looking back through a world's versions. */
export const CAR = {
  headerBytes: 65_536,
  roots: 64,
} as const;

export const HISTORY = {
  /** Versions that one walk back through the parents looks at. */
  versions: 65_536,
  /** Objects and chunks that a comparison names one by one; all are counted. */
  named: 4_096,
} as const;

/** Heads and heartbeats. A record's bytes are what IPFS tools take of one. */
export const HEADS = {
  recordBytes: 10_240,
  tokenBytes: 8_192,
  /** So many epochs and 2³² heads of each fit the sequence of a record as a whole number. */
  epochs: 2_097_151,
  ttlMs: 86_400_000,
  /** The year 9999: later times have another spelling. */
  latestMs: 253_402_300_799_999,
  /** How long a head says that it is good: a world is to be found for years after its server. */
  validityMs: 315_360_000_000,
  /** Sealed ends of the journal between two states. */
  tailLinks: 16_384,
  archiveDelayMs: 31_536_000_000,
  /** A statement of heirs: its size, how many it names, an heir's address, and the silence it may ask for (a second to ten years). */
  successionBytes: 3_072,
  heirs: 8,
  addressBytes: 128,
  silenceMinMs: 1_000,
  silenceMaxMs: 315_360_000_000,
  /** An heir begins so many epochs above the head that it goes on from: more openings than a world has in a silence. */
  heirEpochs: 1_024,
  /** How often heirs may have followed on each other since the world itself last spoke. */
  resumptions: 16,
} as const;

/** Publishing to a replica. */
export const PUBLISH = {
  /** Blocks that are put at the same time. */
  parallel: 8,
  /** How often one head is tried when the answer is that it was not put, or no answer at all. */
  tries: 4,
  /** What a head says of how soon to look again, milliseconds. */
  ttlMs: 60_000,
  /** How long a writer waits before it puts blocks where it took the place of one that was sweeping: longer than a deletion can take. */
  sweepGraceMs: 30_000,
} as const;

/** Taking old blocks out of a replica. */
export const SWEEP = {
  /** The most versions that are kept. */
  versions: 65_536,
  /** Deletions, and milliseconds, between two looks at whether the head is still the sweeper's own. */
  batch: 64,
  checkMs: 2_000,
} as const;

/** Asking an S3-compatible service. */
export const S3 = {
  /** One request, its answer included. */
  requestMs: 10_000,
  /** A page of a list as XML: a thousand names with what belongs to them. */
  listPageBytes: 2_097_152,
  /** Pages of one list: four million objects. */
  listPages: 4_096,
  /** What a service says about a request that it refused. */
  errorBytes: 65_536,
  /** A prefix; an object's name with it. S3 itself allows 1,024. */
  prefixBytes: 512,
  keyBytes: 1_024,
} as const;

/** A node of IPFS in this process. */
export const IPFS = {
  /** How long its peers are asked for one block. */
  wantMs: 10_000,
  /** A block that has not come for so long is wanted again. */
  askAgainMs: 2_000,
  /** What was wanted in vain is wanted again no sooner than this: only then has the first want been taken back. */
  takeBackMs: 100,
  /** How long they are asked for a head, or told of one. */
  headMs: 1_500,
  connections: 64,
  dialMs: 5_000,
  /** How often a named peer that is not connected is dialled. */
  redialMs: 15_000,
} as const;
