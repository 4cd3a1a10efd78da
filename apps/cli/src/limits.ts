// What pictures of a world may come to, by name.

export const PICTURE = {
  /** Pixels of a picture in all, and along one side. */
  pixels: 16_777_216,
  side: 16_384,
  /** A pixel of the map is drawn at most so many wide, or so many of them at most as one. */
  largest: 8,
  smallest: 64,
  /** Pixels of the map that are held at a time while it is made smaller. */
  stripPixels: 4_194_304,
  /** Pixels that all tiles and objects of one picture may cover together: what lies over itself is drawn as often. */
  stampedPixels: 4_294_967_296,
  /** Shapes of a drawing in SVG; what is past that is counted. */
  shapes: 20_000,
} as const;
