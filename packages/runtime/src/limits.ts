// Every limit of the runtime, by name. What a stranger on the network can make grow here is bounded by one of these numbers.

export const LINK_LIMITS = {
  /**
   * Longest WebSocket message read from a client. Twice the protocol's own limit: a frame just over that is still read and answered
   * with the fault `oversized`; one past this is never read to its end and the link closes with 1009.
   */
  inboundMessageBytes: 65_536,
  fragments: 16,
  bufferedChunks: 256,
  /** Frames and bytes that may wait on one link for the next drain. */
  inboxFrames: 512,
  inboxBytes: 262_144,
  /** A client's inbox: a browser tab in the background drains once a second. */
  clientInboxFrames: 4_096,
  clientInboxBytes: 16_777_216,
  /** Frames of one link that are together no longer than this are copied into one buffer for one write; longer ones go as they are. */
  joinedBytes: 8_192,
  outgoingPieceBytes: 262_144,
  /** A link that is heard at ticks: bytes of one read, and reads in one tick. They lie in pieces of memory shared by all links. */
  tickReadBytes: 4_096,
  readsPerTick: 16,
  incomingPieceBytes: 262_144,
  /** How long a polite close may take before the socket is torn down. */
  closeMs: 2_000,
} as const;

export const CONDITION_LIMITS = {
  /** Frames and bytes under way on a conditioned link, each way. What comes in beyond that waits in the inner link's inbox. */
  frames: 8_192,
  bytes: 16_777_216,
  /** The worst a link may be made. */
  delayMs: 5_000,
  jitterMs: 1_000,
  stallMs: 10_000,
  stallEveryMs: 600_000,
  /** The narrowest, bytes a second each way. */
  bytesPerSecond: 1_000,
} as const;

export const SERVER_LIMITS = {
  sockets: 4_096,
  links: 2_048,
  /** Links of one side path. */
  sideLinks: 1_024,
  /** Per remote address. Loopback is the operator's own machine (bots, a proxy, tests) and is bounded by the totals alone. */
  socketsPerAddress: 64,
  linksPerAddress: 20,
  handshakesPerSecond: 10,
  handshakeBurst: 40,
  addressesRemembered: 10_000,
  headerBytes: 8_192,
  headersMs: 5_000,
  requestMs: 10_000,
  keepAliveMs: 5_000,
  /** How often the server looks for requests past their deadline. */
  deadlineCheckMs: 1_000,
} as const;

export const HTTP_LIMITS = {
  postMs: 3_000,
  answerBytes: 65_536,
} as const;

export const JOURNAL_LIMITS = {
  recordBytes: 1_048_576,
  recordsPerAppend: 65_536,
  appendBytes: 67_108_864,
  /** A segment is followed by another when it holds so much; space is taken in pieces; the reserve is what a full disk leaves us. */
  segmentBytes: 16_777_216,
  pieceBytes: 1_048_576,
  reserveBytes: 2_097_152,
  /** On a full disk room is looked for again after so long. */
  roomAgainMs: 1_000,
  /** Checkpoints that are kept; segments that none of them needs are kept as long as all are no larger than so much. */
  checkpoints: 3,
  keptBytes: 1_073_741_824,
  /** A journal that is written while it is read may have to be looked at again: so often, so far apart. */
  readAttempts: 8,
  readAgainMs: 15,
} as const;

export const DRIVE_LIMITS = {
  /** Inputs one machine may have waiting. */
  waitingInputs: 8_192,
  /** Inputs one drain works through before it lets others run. */
  inputsPerDrain: 1_024,
  /** A timer this late means that the process was held up. */
  lateMs: 200,
  /** Then inputs that wait outside (frames in the system's buffers) get this long to come in before the timer counts. */
  hearFirstMs: 50,
} as const;

export const STORE_LIMITS = {
  valueBytes: 1_048_576,
} as const;
