// The page's limits and periods, by name. What a world sends is already bounded by the protocol; these bound what is drawn.

export const VIEW = {
  /** About this many tiles fit into the shorter side of the view; the zoom is the nearest whole number of device pixels per texel. */
  tilesAcross: 11,
  minZoom: 1,
  maxZoom: 12,
  /** Half of the distance to the target is left after this long, ms. */
  followHalfLifeMs: 70,
  /** A target further away than this many tiles is jumped to, not glided to. */
  jumpTiles: 6,
  /** Screens finer than this are drawn at a whole fraction of their pixels: texels are squares all the same, and the battery lasts. */
  maxPixelRatio: 2,
  /** Longest step of an animation after the tab slept, ms. */
  maxStepMs: 100,
  maxFollowMs: 1_000,
} as const;

export const SCENE = {
  /** Side of one texture page, texels; a larger image gets a page of its own. */
  pageSize: 2_048,
  /** An image of a world may be this large, texels on a side. */
  imageSize: 8_192,
  /** Pixels of all pictures of a world that are decoded, four bytes each; what is beyond is not shown. */
  decodedPixels: 67_108_864,
  pages: 32,
  /** Dressed figures kept: this many along each side of their page. */
  wardrobeSide: 12,
  /** Quads drawn for sprites, particles and shadows in one frame. */
  sprites: 8_192,
  particles: 400,
  lights: 96,
  /** Chunks whose meshes are kept; the farthest go first. */
  chunkMeshes: 512,
  /** Chunk meshes built in one frame, so that walking never stutters. */
  chunksPerFrame: 6,
} as const;

export const HUD = {
  /** The line about the rest of the map goes when nothing has come for so long, ms; sources it names. */
  streamingMs: 3_000,
  sourcesNamed: 2,
  /** Names and speech bubbles shown at once; the nearest first. */
  labels: 80,
  bubbles: 24,
  chatLines: 60,
  notices: 4,
  floats: 16,
  noticeMs: 5_000,
  bubbleMs: 5_200,
  /** Per character of what is said, so that long speech can be read. */
  bubbleCharMs: 45,
  floatMs: 1_400,
  hurtMs: 6_000,
  debugEveryMs: 250,
  /** Looks over which the world's tick rate is taken. */
  tickLooks: 16,
  /** Graphs of the debug panel: bars kept, and their width and height, pixels. */
  graphBars: 120,
  graphBarPx: 2,
  graphPx: 36,
  /** How far the sliders go that make the link worse, in so many steps; ms, and bytes a second. */
  linkDelayMs: 800,
  linkJitterMs: 100,
  linkStallMs: 3_000,
  linkStallEveryMs: 8_000,
  linkRate: 100_000,
  linkSteps: 100,
} as const;

export const WALK = {
  /** A click's target counts as reached at this distance, tiles. */
  arriveTiles: 0.12,
  /** No progress for this long ends walking to a click, ms. */
  stuckMs: 450,
  /** A pointer that moved less than this and was up again within tapMs was a tap; CSS pixels. */
  tapPx: 10,
  tapMs: 350,
  stickRadiusPx: 52,
  stickDeadZone: 0.18,
} as const;

export const SHARING = {
  /** What one may choose to give of one's upstream, bytes a second. */
  rates: [65_536, 524_288, 4_194_304],
} as const;
