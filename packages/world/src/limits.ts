// Every limit of a world's authority, by name. Counts are per world unless they say otherwise; times in milliseconds.

export const WORLD_LIMITS = {
  /** Travellers at once, when the author gives no number; and the largest number one may give. */
  capacity: 200,
  capacityMax: 2_000,
  /** Entities of all kinds; travellers' bodies find room beyond that, so that no heap of things keeps anybody out. */
  entities: 65_536,
  /** New ones in one cell end here, bodies apart; a cell of a snapshot holds twice as many. */
  entitiesPerCell: 4_096,
  /** Items on the ground, in all and beside whatever else is in a cell: where so much is, nothing more is put down. */
  lying: 32_768,
  lyingPerCell: 1_024,
  /** Items in the world's custody of every place; past that its author makes no more. */
  items: 262_144,
  /** Names an author may remember by, bytes under one of them, and bytes one hook call may write. */
  memories: 4_000,
  memoryBytes: 4_096,
  memoryBytesPerHook: 65_536,
  /** Things one hook call may spawn, items it may mint: a loop gone wrong ends here and not in memory. */
  actsPerHook: 1_024,
  /** Names in the author's definition. */
  kindNameChars: 24,
  portals: 64,
  kitItems: 16,
} as const;

export const TICK_LIMITS = {
  tickHz: 20,
  /** Ticks made up for after a stall; the rest is dropped and said. */
  catchUp: 2,
  /** Turns for handshakes and the border between two ticks are at least so far apart. */
  turnMs: 5,
  /** Frames worked off for one link in one tick; the rest waits for the next. */
  framesPerLink: 64,
  /**
   * Dilation. Lateness is judged over windows of this length; after `strainedWindows` in a row that lost ticks, time is slowed to a little
   * below what was reached, by `paceFall` at most in one window and never under `paceLeast`; with room again it comes back, by `paceRise` at most.
   */
  windowMs: 1_000,
  strainedWindows: 2,
  paceMargin: 0.95,
  paceLeast: 0.1,
  paceFall: 0.5,
  paceRise: 1.5,
  /** Time comes back only while ticks would fill no more than this share of it. */
  fullShare: 0.9,
  /** A tick longer than this share of its period is reported, at most once in `slowReportMs`. */
  slowShare: 0.8,
  slowReportMs: 10_000,
} as const;

/**
 * How much of its time a world may be busy, as shares measured over windows of TICK_LIMITS.windowMs. Newcomers are asked to wait past the
 * first number, new offers for crossings past the second; who has an offer comes in: the room between and above is theirs.
 */
export const HEADROOM_LIMITS = {
  newcomers: 0.8,
  offers: 0.9,
  /** So long it must last, windows. */
  windows: 3,
  /** Below this share of time spent in ticks it is not the world that is busy, and keeping travellers out would not help. */
  tickShare: 0.5,
  retryMs: 10_000,
} as const;

export const MOVE_LIMITS = {
  /** After its last step a body is shown as walking for so long. */
  stillWalkingMs: 150,
} as const;

export const HOOK_LIMITS = {
  /** Failures in a row, and in all within `failureWindowMs`, after which a hook is switched off. */
  failuresInRow: 5,
  failures: 50,
  failureWindowMs: 60_000,
  /**
   * A hook is slow when one call takes longer than `slowMs` (`slowStartMs` for onStart, before anybody waits), or all its calls
   * within `reportMs` take more than `slowShare` of that time. It is reported at most once in `reportMs`.
   */
  slowMs: 20,
  slowStartMs: 1_000,
  slowShare: 0.1,
  reportMs: 10_000,
} as const;

export const READER_LIMITS = {
  /** Bytes that may wait in a link before snapshots are held back; private messages go on up to `controlBytes`. */
  snapshotBytes: 65_536,
  controlBytes: 524_288,
  /** Snapshots written and not acknowledged, as time: a reader further behind gets none until it caught up. */
  behindMs: 2_000,
  /** A link that stays over its budget this long is closed. */
  stalledMs: 4_000,
} as const;

/** A traveller costs the world a place in its memory for good: so many begin from one network address (loopback is the operator's own). */
export const BIRTH_LIMITS = { perSecond: 0.2, burst: 30, addresses: 10_000 } as const;

export const BUILD_LIMITS = {
  perTraveller: 200,
  perChunk: 64,
  /** A built entity stays this long after the version that holds it was announced. */
  handOverMs: 10_000,
  /** How near to one another builds may stand, units. */
  spacing: 0.5,
} as const;

export const HEARTBEAT_LIMITS = {
  minutes: 2,
  minMinutes: 0.01,
  /** A failed heartbeat is tried again after so long. */
  retryMs: 15_000,
  /** What goes on beside the tick in its thread gives way after so long. */
  sliceMs: 1,
  /** More builds than this are put into the next version by a thread of its own. */
  buildsHere: 16,
  /** Builds told to that thread at once, blocks it puts at the same time. */
  buildsPerMessage: 128,
  parallelPuts: 16,
  /** Built entities that go in one turn once a version holds them. */
  hiddenPerTurn: 64,
} as const;

export const REST_LIMITS = {
  /** A traveller's place and condition are written this often when they changed. */
  everyMs: 30_000,
  /** Such notes in one tick. */
  perTick: 8,
} as const;

export const BORDER_LIMITS = {
  /** Posts under way to one peer; more wait in the machines' own timers. */
  postsPerPeer: 64,
  /** Tokens that came by HTTP and wait for the tick. */
  waitingTokens: 512,
  answerMs: 3_000,
  peers: 1_024,
  bans: 4_096,
} as const;

export const ORDER_LIMITS = {
  /** How often a running world looks for its operator's orders. */
  lookMs: 200,
  /** An order that nobody took by then is void; its answer is waited for a little longer. */
  takenMs: 2_000,
  answeredMs: 5_000,
  /** A heartbeat takes as long as its replicas do. */
  beatenMs: 120_000,
  /** Answers that nobody fetched are removed after so long. */
  staleMs: 60_000,
  orderBytes: 16_384,
  waiting: 64,
  /** Crossings of one kind that are listed. */
  listed: 200,
} as const;

export const GATEWAY_LIMITS = {
  /** Block reads under way for all HTTP requests together. */
  reads: 256,
  pathChars: 256,
  /** CAR streams at once, bytes of one, and how long a reader may leave one standing. */
  streams: 16,
  streamBytes: 4_294_967_296,
  streamStallMs: 30_000,
} as const;

/** Where pages of a swarm meet. */
export const MEETING_LIMITS = {
  /** What came is looked at together, so much later; deadlines are looked at so often. */
  turnMs: 2,
  sweepMs: 5_000,
  /** Bytes that may wait for one member who does not read. */
  waitingBytes: 65_536,
} as const;

export const CHECKPOINT_LIMITS = {
  /** A checkpoint is made after so many records, and on closing after so many (or fewer when they are made more often). */
  records: 20_000,
  recordsOnClosing: 2_000,
  /** Rows in one part of it; bytes and values of a part that is read. */
  rowsPerPart: 256,
  partBytes: 67_108_864,
  partValues: 1_048_576,
} as const;

export const AUDIT_LIMITS = {
  /** What looks wrong is read again so often, so far apart. */
  attempts: 5,
  againMs: 300,
  /** Wrong things listed by name. */
  named: 64,
} as const;

/** The world beyond its server: sealed state, shipped journal, replicas. */
export const REPLICATION_LIMITS = {
  /** Bytes of the whole state that is sealed, of one row of it, and of one file of the data folder. */
  stateBytes: 1_073_741_824,
  rowBytes: 67_108_864,
  fileBytes: 16_777_216,
  /** A part in the mean, and the largest; parts of one state; lists of one state. */
  partBytes: 16_384,
  partMostBytes: 524_288,
  parts: 16_384,
  lists: 64,
  /** Bytes of the journal's end after a state, about as many in one segment, and segments until a state takes their place. */
  tailBytes: 268_435_456,
  segmentBytes: 16_777_216,
  tailLinks: 2_048,
  /** How often the journal's end is shipped, seconds, and the bounds of an operator's own number. */
  shipSeconds: 3,
  shipMostSeconds: 3_600,
  /** A replica that could not be fed is tried again after so long, twice as long each time up to the most. */
  retryMs: 500,
  retryMostMs: 30_000,
  /** Between heartbeats what was shipped is proven so often. */
  proofEveryMs: 60_000,
  /** A world that closes waits so long for its last heartbeat to come to its replicas. */
  closeMs: 30_000,
  /** Addresses of an IPFS node or its peers; what a retention may ask for; heartbeats between two sweeps. */
  addresses: 32,
  keptVersions: 65_536,
  keptDays: 36_500,
  beatsPerSweep: 8,
  /** Replicas of one world, and the file that names them. */
  replicas: 16,
  /** Blocks asked for, or put, at the same time at one replica; after so long one that was not answered has failed. */
  parallelBlocks: 16,
  blockMs: 60_000,
  /** A block that was read back counts as read for so long; blocks of a version that are proven. */
  provenAgainMs: 3_600_000,
  provenBlocks: 4_194_304,
  /** A restored world begins so many epochs after the newest that is known: more than the lost one can have begun since. */
  epochsAhead: 64,
} as const;

/** Heirs: who may go on with a world, and what one goes on with. */
export const HEIR_LIMITS = {
  /** Characters of a statement and of a head, as the data folder keeps them. */
  statementChars: 4_096,
  headChars: 16_384,
  /** Bytes of a world that is gone on with, what is sealed included. */
  inheritedBytes: 68_719_476_736,
  /** Addresses that are asked whether an heir goes on; how long one may take, and how often a running world asks its heirs, milliseconds. */
  asked: 32,
  askMs: 3_000,
  askEveryMs: 60_000,
  epochs: 2_000_000,
  /** The number that an heir's heads begin at, at most. */
  heads: 2_147_483_647,
} as const;

/** Keeping neighbours' worlds. An operator's own numbers take the place of the first four. */
export const MESH_LIMITS = {
  /** Bytes of one neighbour's newest version, of all neighbours together, and taken in a second. */
  bytesPerNeighbour: 268_435_456,
  bytesInAll: 2_147_483_648,
  bytesPerSecond: 4_194_304,
  /** How often a neighbour is asked for a newer head, milliseconds; one that fails is asked less often, up to the most. */
  askEveryMs: 4_000,
  askMostMs: 60_000,
  /** Neighbours that are kept; those beyond are not. */
  neighbours: 64,
  /** Blocks asked of a neighbour at the same time: what lies in memory until the rate lets it in. */
  blocksAhead: 8,
  /** Copies after which what no head names any more is taken out. */
  copiesPerSweep: 16,
  requestMs: 10_000,
  /** How often this world's own head is looked for at a neighbour, and how often a restore from there is proven when there is a newer one. */
  lookMs: 4_000,
  proofEveryMs: 300_000,
  closeMs: 2_000,
} as const;
