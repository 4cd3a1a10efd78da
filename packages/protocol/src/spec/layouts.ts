// The flat frames as data: the SPEC's byte tables are printed from it, and the pin of the wire is taken over it.
// The encoders are written by hand for speed; the vectors hold them to these tables.
import { SWARM } from "../limits.ts";
import { FRAME } from "../messages.ts";
import { CELL, VIEW_SLACK } from "../snapshot/cells.ts";
import { ENTITY_FLAGS, fieldTable } from "../snapshot/fields.ts";
import { CELL_GRID, EVENT_KINDS, FORM, FRESH, HAS } from "../snapshot/format.ts";
import { LONGEST_STRIDE, MOTION } from "../snapshot/glide.ts";
import { PACE_PARTS } from "../snapshot/move.ts";
import { CHANNEL_VERSION, LACK_REASONS } from "../swarm/channel-frames.ts";

export interface LayoutRow {
  readonly type: string;
  readonly name: string;
  readonly meaning: string;
}

export interface Layout {
  readonly title: string;
  readonly rows: readonly LayoutRow[];
}

const COORD: string = `1/256 unit from the cell's left or upper edge, less than ${CELL_GRID}`;
const r = (type: string, name: string, meaning: string): LayoutRow => ({ type, name, meaning });
const count = (of: string): LayoutRow => r("varint", "count", `how many ${of} follow`);
const number: LayoutRow = r("u32", "n", "the number of the want, not 0");

export const LAYOUTS: readonly Layout[] = [
  {
    title: "move",
    rows: [
      r("u8", "kind", `${FRAME.move}`),
      r("u32", "seq", "numbers the moves of a link, rising"),
      r("i8", "dx", "-127 to 127, positive to the right"),
      r("i8", "dy", "-127 to 127, positive downwards"),
    ],
  },
  {
    title: "own",
    rows: [
      r("u8", "kind", `${FRAME.own}`),
      r("u8", "flags", "bit 0 frozen, bit 1 pace follows; the others are 0"),
      r("varlong", "tick", "at most 2^53 - 1"),
      r("varint", "ackSeq", "the last move walked, 0 before the first"),
      r("varint", "ackIntent", "the last intent decided, 0 before the first"),
      r("zigzag", "x", "1/256 unit"),
      r("zigzag", "y", "1/256 unit"),
      r("u8", "pace", `only with bit 1: ticks a second in 1/${PACE_PARTS} of the manifest's tickHz, not 0`),
    ],
  },
  {
    title: "snapshot",
    rows: [
      r("u8", "kind", `${FRAME.snapshot}`),
      r("u8", "flags", `${FRESH} fresh, 0 otherwise`),
      r("varlong", "tick", "at most 2^53 - 1"),
      count("parts"),
      r("part…", "parts", "see below"),
    ],
  },
  {
    title: "part",
    rows: [
      r("zigzag", "cx", `cell's column: floor(x / ${CELL})`),
      r("zigzag", "cy", `cell's row: floor(y / ${CELL})`),
      r(
        "u8",
        "head",
        `bits 0 and 1, the form: ${FORM.delta} delta, ${FORM.keyframe} keyframe, ${FORM.leave} leave, ${FORM.events} events; ${HAS.rows} rows, ${HAS.records} records, ${HAS.gone} gone, ${HAS.events} events follow; the others are 0`,
      ),
      r("rows", "rows", "delta and keyframe"),
      r("records", "records", "delta only"),
      r("gone", "gone", "delta only"),
      r("events", "events", "all but leave"),
    ],
  },
  {
    title: "rows",
    rows: [
      count("rows"),
      r("varint", "id", "entity id, not 0"),
      r("u16", "x", COORD),
      r("u16", "y", COORD),
      r("zigzag", "stepX", `1/256 unit a tick, at most ${LONGEST_STRIDE} either way`),
      r("zigzag", "stepY", "likewise"),
      r("fields", "fields", "every further field, in table order"),
    ],
  },
  {
    title: "records",
    rows: [
      count("records"),
      r("varint", "id", "entity id, not 0"),
      r("varint", "mask", "bits 0 and 1 the motion, bit i from 2 on: field i follows; not 0"),
      r("motion", "motion", "as bits 0 and 1 say, see below"),
      r("fields", "fields", "the masked further fields, in table order"),
    ],
  },
  {
    title: "motion",
    rows: [
      r("", "none", `${MOTION.none}: nothing follows`),
      r("i8 i8", "step", `${MOTION.step}: step along x and y, 1/256 unit a tick`),
      r("i16 i16", "stride", `${MOTION.stride}: the same for longer steps, at most ${LONGEST_STRIDE} either way`),
      r("u16 u16", "place", `${MOTION.place}: x and y as in a row`),
    ],
  },
  { title: "gone", rows: [count("ids"), r("varint", "id", "entity id, not 0")] },
  {
    title: "events",
    rows: [
      count("events"),
      r("u8", "kind", EVENT_KINDS.map((kind, i) => `${i} ${kind}`).join(", ")),
      r("varint", "entity", "entity id, 0 for none"),
      r("text", "text", "varint length in bytes, then UTF-8"),
    ],
  },
];

const IN_A_FRAME: { readonly [kind: string]: string } = {
  coord: `u16, ${COORD}; in a record as the motion says`,
  bool: "u8, 0 or 1",
  u8: "u8",
  u16: "u16",
  u32: "u32",
  i16: "i16, two's complement",
  f32: "IEEE 754 single, finite, not -0",
  text: "varint length in bytes, then UTF-8",
};

/** The core fields, as rows of a table, and how each kind lies in a frame. */
export const CORE_ROWS: readonly LayoutRow[] = fieldTable([]).fields.map((field) =>
  r(
    field.kind,
    field.name,
    field.maxBytes > 0 ? `${IN_A_FRAME[field.kind]}; at most ${field.maxBytes} bytes` : (IN_A_FRAME[field.kind] as string),
  ),
);
export const KIND_ROWS: readonly LayoutRow[] = Object.entries(IN_A_FRAME).map(([kind, meaning]) => r(kind, kind, meaning));
export const SNAPSHOT_NUMBERS: string = `cell ${CELL} units · slack ${VIEW_SLACK} units · flags ${JSON.stringify(ENTITY_FLAGS)}`;

/** What members of a swarm say on their data channel. */
export const CHANNEL_LAYOUTS: readonly Layout[] = [
  {
    title: "hello, on a channel",
    rows: [r("u8", "kind", "1"), r("u8", "version", `${CHANNEL_VERSION}`), r("8 bytes", "page", "drawn anew for each visit")],
  },
  {
    title: "names",
    rows: [
      r("u8", "kind", "2"),
      r("u32…", "names", `at most ${SWARM.namesAtOnce}, rising: the first 4 bytes of the hashes of blocks one holds; none: nothing yet`),
    ],
  },
  { title: "whole", rows: [r("u8", "kind", "3"), r("36 bytes", "root", "a content id in its binary form: all of this version is held")] },
  { title: "want", rows: [r("u8", "kind", "4"), number, r("36 bytes", "id", "the content id of the block, in its binary form")] },
  { title: "cancel", rows: [r("u8", "kind", "5"), number] },
  { title: "lack", rows: [r("u8", "kind", "6"), number, r("u8", "why", LACK_REASONS.map((why, i) => `${i} ${why}`).join(", "))] },
  {
    title: "piece",
    rows: [
      r("u8", "kind", "7"),
      number,
      r("u32", "total", `bytes of the whole block, at most ${SWARM.blockBytes}`),
      r("u32", "from", "where in the block these bytes lie"),
      r("bytes", "bytes", "to the end of the message; at least one, unless the block is empty"),
    ],
  },
];
