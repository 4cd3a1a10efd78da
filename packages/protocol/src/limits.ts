// Every limit of the protocol, by name. A stranger can grow nothing that is not bounded here (or in the limits.ts of another room).
// Bytes unless the name says otherwise. SPEC.md quotes these numbers; a test compares the two.

/** The protocol's version on the wire; an integer of its own, apart from the packages' version. */
export const PROTOCOL_VERSION = 1;

export const LIMITS = {
  /** One frame from a client: control or move. A hello with a passport is the largest. */
  clientFrameBytes: 32_768,
  /** One frame from a world: control or snapshot. */
  worldFrameBytes: 1_048_576,
  /** One signed message between worlds, in its text form. */
  tokenBytes: 65_536,
  /** A statement of a world's keys in its text form. */
  statementBytes: 4_096,
  /** A passport in its text form; it must fit into a client's hello. */
  passportBytes: 24_576,
  /** One plain value of one's own, such as a journal record. */
  plainBytes: 1_048_576,
  plainDepth: 32,
  plainValues: 65_536,
  controlDepth: 12,
  /** Values (keys, items, scalars) in one control message from a client; from a world. */
  clientControlValues: 1_024,
  worldControlValues: 65_536,
  versionsOffered: 8,
  /** Worlds a client is sent on to without being live in one of them. */
  follows: 4,
  nameBytes: 48,
  chatBytes: 512,
  detailBytes: 512,
  noticeBytes: 1_024,
  urlBytes: 256,
  /** A world's statement of heirs. */
  successionBytes: 3_072,
  nonceBytes: 32,
  itemsCarried: 64,
  itemDepth: 4,
  itemProps: 16,
  propTextBytes: 128,
  lockerItems: 256,
  rulings: 320,
  itemKinds: 255,
  entityKinds: 4_096,
  /** With the nine core fields a row has at most 31, so that a field mask is a positive 32-bit integer. */
  components: 22,
  portals: 64,
  assets: 1_024,
  /** How long others wait before they keep what was built: a year. */
  archiveDelayMs: 31_536_000_000,
  placedTextBytes: 120,
  /** A step is walked in strides of at most this many 1/256 units. */
  strideGrid: 64,
  /** Entities, removals and events in one cell of one snapshot. */
  cellEntities: 8_192,
  cellEvents: 64,
  cellsPerSnapshot: 512,
  eventTextBytes: 600,
} as const;

/** Deadlines and periods of a session, milliseconds. */
export const TIMES = {
  helloMs: 5_000,
  proofMs: 5_000,
  /** From the manifest to `ready`: a slow link may need long for a large substrate; progress is the client's to show. */
  loadingMs: 600_000,
  pingMs: 5_000,
  /** Nothing heard for this long and the authority counts as gone: the client turns ghost. */
  silenceMs: 3_500,
  /** Nothing heard for this long in any other state and the link counts as lost, on both sides. */
  idleMs: 30_000,
  /** A link that does not open, or does not close, in this time is given up. */
  openMs: 10_000,
  closeMs: 1_000,
  /** A world decides whether a traveller may come in, at the latest. */
  admitMs: 10_000,
  /** Between two acknowledgements of snapshots, at least; between two signs of life from a world, at most. */
  ackMs: 500,
  beatMs: 1_000,
  /** First and longest wait before a link is tried again. */
  retryMinMs: 250,
  retryMaxMs: 8_000,
  /** A traveller who has left by a portal keeps the link to the origin at most this long. */
  departedMs: 300_000,
  /** A traveller whose link broke stays in the world this long before they are put to rest. */
  lingerMs: 15_000,
  offerMs: 3_000,
  passportLifeMs: 120_000,
  offerLifeMs: 60_000,
  clockSkewMs: 30_000,
} as const;

/** How a world walks the moves that reach it: steps, and times in milliseconds. */
export const MOVES = {
  /** Steps may be saved up for so long while none comes: a stall up to this is walked in full. */
  savedMs: 2_000,
  /** What a body that enters has saved. */
  beginSteps: 8,
  /** Steps walked in one tick at most. */
  stepsPerTick: 3,
  /** Steps kept back for the next tick while one walks on, rather than walked beside another: a late one makes the rest even. */
  keptSteps: 1,
  /** Moves may wait beyond what is saved; the oldest past that are dropped unwalked. */
  waitingSteps: 8,
  /** While moves wait, one step more is earned each so many ticks: clocks differ a little. */
  extraEvery: 50,
} as const;

/** Rates one session may reach: tokens per second and burst. */
export const RATES = {
  intents: { perSecond: 60, burst: 120 },
  chat: { perSecond: 1, burst: 5 },
  transfers: { perSecond: 0.5, burst: 3 },
  relays: { perSecond: 2, burst: 8 },
  /** Acknowledgements, pings and whatever else has no rate of its own. */
  others: { perSecond: 10, burst: 40 },
  /** At a rendezvous: descriptions passed on, and everything else. Past either the member is sent away. */
  signals: { perSecond: 4, burst: 48 },
  meetings: { perSecond: 0.5, burst: 10 },
  /** Refusals told for going too fast; the rest is dropped without a word. */
  tooFast: { perSecond: 2, burst: 4 },
  /** Frames over any rate that are borne; past this the session ends. */
  excess: { perSecond: 5, burst: 300 },
} as const;

/** Transfers between worlds: what a world keeps of them, how often it asks. */
export const CUSTODY = {
  /** Transfers to or from one peer that are not resolved and closed. */
  openPerPeer: 10_000,
  /** Travellers a world remembers: those here, those away, those in transit. */
  residents: 1_000_000,
  /** Items that left whose last hop is remembered; the oldest is forgotten first. */
  rememberedHops: 65_536,
  /** Offers that wait to be used, all peers together. */
  openOffers: 4_096,
  /** Of these, offers for travellers of one peer; and never more than half of the free places, so that no peer keeps the others out. */
  offersPerPeer: 1_024,
  hops: 0xffff_ffff,
  /** Nobody and nothing that has moved so often comes in: whoever did could never leave again. Only a world that lies gets there. */
  farthestHop: 0xffff_0000,
  clamps: 64,
  /** Links in one item's papers; the last is for the way home alone, where its issuer renews them. */
  paperLinks: 16,
  /** Characters of papers in one passport; what has no room stays behind. Signatures of papers that are looked at for one crossing. */
  paperChars: 9_000,
  paperSignatures: 64,
  /** Statements of keys in one item's papers. */
  paperKeys: 16,
  /** A link, or a birth without its facts, as papers write it: no longer than this. */
  paperLinkChars: 260,
  days: 0xff_ffff,
  /** A signed birth or link in its text form. */
  statementBytes: 8_192,
  /** Items of one's own with papers. */
  evidenced: 1_000_000,
  /** Links that were seen, the oldest forgotten first; proofs of double spends that are kept, in all and against one signer. */
  rememberedLinks: 65_536,
  proofs: 1_024,
  proofsPerSigner: 64,
  /** Quotas that are laid on one world's things. */
  quotas: 64,
  /** Admissions are counted in slots of this length; an hour is the present slot and the twelve before it, so never less than an hour. */
  importSlotMs: 300_000,
  importSlots: 13,
  /** Worlds and kinds whose admissions are counted one by one; what goes beyond counts against everybody's quota. */
  importCounts: 4_096,
  /** A register is asked again after these delays, then at the last one's pace; so many claims go out at once. */
  claimMs: [2_000, 5_000, 15_000, 60_000, 600_000],
  claimsAtOnce: 64,
  /** Largest bound a clamp may name. */
  boundMagnitude: 1e15,
  builds: 65_536,
  facts: 4_096,
  factBytes: 4_096,
  /** A refusal costs a record: so many a second for transfers of one peer, no more. */
  tombstones: { perSecond: 100, burst: 200 },
  /** Keys one statement lists: those that sign, those retired, those revoked. */
  listedKeys: 16,
  /** A newer statement of a peer's keys costs a record: so many a second from one peer, no more. */
  statements: { perSecond: 0.1, burst: 10 },
  /** A peer that has not said that it knows this world's newest statement is told again after these delays. */
  statementMs: [1_000, 2_000, 5_000, 10_000, 30_000, 60_000],
  /** A retired key's word counts for so long after it signed the last: what is on its way arrives, what lasts is signed anew. */
  retireMs: 150_000,
  /** So does a close. One that is dropped is covered by the next. */
  closes: { perSecond: 100, burst: 200 },
  /** The offer is asked for again while its answer is out, after so long. */
  askAgainMs: 800,
  /** An unresolved departure asks "have you decided?" after these delays, then at the last one's pace. */
  statusMs: [5_000, 10_000, 20_000, 40_000, 60_000],
  /** "Decide now" (the traveller asked to stay, or the passport is past its time) is repeated after these delays. */
  cancelMs: [1_000, 1_500, 2_500, 5_000, 10_000, 30_000],
  /** An operator may take back who left for a world that is silent for so long (seven days); knowing better, earlier. */
  overrideAfterMs: 604_800_000,
  /** A departure that an operator resolved is still asked about, so far apart. */
  overrideAskMs: 600_000,
  /** Departures that an operator resolved and that are remembered; the oldest is forgotten first, of those whose destination has spoken. */
  overrides: 1_024,
  /** Passports of crossings that are over, of one peer in one direction, and for how long after their end: what an amnesiac peer is told. */
  keptPassports: 1_024,
  /** Peers that an amnesiac world asks. */
  recallPeers: 1_024,
  keptMs: 2_592_000_000,
  /** Of passports in one page of an answer to an amnesiac world, characters. */
  recallBytes: 40_000,
  /** An amnesiac world asks each peer again after these delays, then at the last one's pace. */
  recallMs: [1_000, 2_000, 5_000, 15_000],
  /** After so long an operator may give up a peer that does not answer. */
  giveUpMs: 86_400_000,
  /** Seconds that a peer may say this world's own incarnations are ahead of the clock; ten years, so that none can use them all up. */
  epochAhead: 315_360_000,
  /** New numbers of an amnesiac world begin at so many a second since 1970: more than any world can have used. */
  numbersPerSecond: 1_048_576,
  /** Lost things that are named. */
  lostNamed: 64,
} as const;

/** Swarms: pages of one world that give blocks to each other, and the worlds where they meet. Bytes, counts; times in milliseconds. */
export const SWARM = {
  /** Members of one swarm at one rendezvous, and of all its swarms together. */
  members: 256,
  membersInAll: 1_024,
  idBytes: 16,
  /** Members one is introduced to at once; those a member knows, the ones that called first among them. */
  introduced: 6,
  known: 64,
  /** One frame to or from a rendezvous; the description of one side of a connection, and the addresses it may name. */
  signalFrameBytes: 8_192,
  signalValues: 256,
  sdpBytes: 6_144,
  candidates: 24,
  iceServers: 4,
  /** A member says at least so often that it is there; one that is silent for so long is gone. */
  pingMs: 20_000,
  idleMs: 60_000,
  /** One message of a channel; the content of a block in it. */
  channelBytes: 16_384,
  pieceBytes: 16_371,
  blockBytes: 1_048_576,
  /** Blocks one may have asked of one member and not been answered. */
  wants: 8,
  /** Short names in one message, and of one member in all; versions a member may say it holds whole. */
  namesAtOnce: 4_000,
  names: 16_384,
  versions: 8,
} as const;
