// A snapshot frame as bytes, writing side. All numbers big-endian, varints LEB128, signed ones zigzag first.
//
//   frame    u8 FRAME.snapshot · u8 flags (bit 0 fresh) · varlong tick · varint parts · parts
//   part     zigzag cx · zigzag cy · u8 head · then what the head says, in this order:
//            head, bits 0 and 1: the form     0 delta, changes since the last frame of one who holds the cell · 1 keyframe, all that is in the cell
//                                             2 leave, the cell is no longer shown · 3 events, for this reader alone, whatever cells it holds
//            head, bits 2 to 5: what follows  rows (delta, keyframe) · records (delta) · gone (delta) · events (all but leave); each at least one
//   rows     varint count · count × (varint id · u16 x · u16 y · zigzag step x · zigzag step y · every further field in table order)
//   records  varint count · count × (varint id · varint mask · the motion its bits 0 and 1 name · the masked further fields in table order)
//            motion 0 (nothing) · 1 i8 step x · i8 step y · 2 i16 step x · i16 step y · 3 u16 x · u16 y
//   gone     varint count · count × varint id
//   events   varint count · count × (u8 kind · varint entity, 0 for none · text)
import type { EntityId } from "../ids.ts";
import { FRAME } from "../messages.ts";
import { GRID } from "../motion/step.ts";
import { CELL, type CellKey, cellX, cellY } from "./cells.ts";
import type { EntityColumns } from "./columns.ts";
import { FIELD, type Field } from "./fields.ts";
import { type Glide, MOTION } from "./glide.ts";
import { FrameWriter } from "./wire.ts";

export const FORM = { delta: 0, keyframe: 1, leave: 2, events: 3 } as const;
/** Bits of a part's head beside its form: what it has. */
export const HAS = { rows: 4, records: 8, gone: 16, events: 32 } as const;
export const FORM_BITS = 3;
/** By form, what a part of it may have. */
export const MAY_HAVE: readonly number[] = [HAS.rows | HAS.records | HAS.gone | HAS.events, HAS.rows | HAS.events, 0, HAS.events];
export const FRESH = 1;
/** Positions within a cell are less than this, 1/256 unit. */
export const CELL_GRID: number = CELL * GRID;

/** What can happen in view. say: `entity` speaks `text` · effect: something to show, named by `text` · notice: words of the place itself ·
 * arrive, leave: `entity` came in or went out, `text` says from or to where. */
export const EVENT_KINDS = ["say", "effect", "notice", "arrive", "leave"] as const;

/** One thing that happened in view: the seed's `WorldEvent`. `entity` is 0 when nobody did it. */
export interface WorldEvent {
  readonly kind: (typeof EVENT_KINDS)[number];
  readonly entity: EntityId;
  readonly text: string;
}

/** Wraps parts into one frame; the same frame serves everyone who holds the same cells. `fresh`: the reader forgets all it held. */
export function composeSnapshot(tick: number, parts: readonly Uint8Array[], fresh = false): Uint8Array {
  const writer = new FrameWriter();
  writer.u8(FRAME.snapshot);
  writer.u8(fresh ? FRESH : 0);
  writer.varlong(tick);
  writer.varint(parts.length);
  let size = writer.at;
  for (const part of parts) size += part.length;
  const frame = new Uint8Array(size);
  frame.set(writer.written());
  let at = writer.at;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** A part that tells events to the one reader it is sent to, such as words spoken out of its sight. */
export function eventsPart(cell: CellKey, events: readonly WorldEvent[]): Uint8Array {
  const writer = new FrameWriter();
  writePartHead(writer, cell, FORM.events | (events.length > 0 ? HAS.events : 0));
  if (events.length > 0) writeEvents(writer, events);
  return writer.written();
}

export function writePartHead(writer: FrameWriter, cell: CellKey, head: number): void {
  writer.zigzag(cellX(cell));
  writer.zigzag(cellY(cell));
  writer.u8(head);
}

export function writeEvents(writer: FrameWriter, events: readonly WorldEvent[]): void {
  writer.varint(events.length);
  for (const event of events) {
    writer.u8(EVENT_KINDS.indexOf(event.kind));
    writer.varint(event.entity);
    writer.text(event.text);
  }
}

/** An entity as it is at the end of the tick: where, how it goes on, and every further field. It must lie in the cell. */
export function writeRow(writer: FrameWriter, columns: EntityColumns, glide: Glide, slot: number, cell: CellKey): void {
  writer.varint(columns.idAt(slot));
  writeMotion(writer, MOTION.place, glide, slot, cell);
  writer.zigzag(glide.stepX[slot] as number);
  writer.zigzag(glide.stepY[slot] as number);
  writeFields(writer, columns, slot, columns.table.fullMask);
}

export function writeMotion(writer: FrameWriter, motion: number, glide: Glide, slot: number, cell: CellKey): void {
  if (motion === MOTION.step) {
    writer.u8(glide.stepX[slot] as number);
    writer.u8(glide.stepY[slot] as number);
  } else if (motion === MOTION.stride) {
    writer.u16(glide.stepX[slot] as number);
    writer.u16(glide.stepY[slot] as number);
  } else if (motion === MOTION.place) {
    writer.u16(withinCell(glide.atX[slot] as number, cellX(cell)));
    writer.u16(withinCell(glide.atY[slot] as number, cellY(cell)));
  }
}

/** The masked fields behind the position, in table order. */
export function writeFields(writer: FrameWriter, columns: EntityColumns, slot: number, mask: number): void {
  const { fields } = columns.table;
  for (let i = FIELD.y + 1; i < fields.length; i++) {
    if ((mask & (1 << i)) !== 0) writeField(writer, fields[i] as Field, columns.read(i, slot));
  }
}

function withinCell(at: number, cellIndex: number): number {
  const offset = at - cellIndex * CELL_GRID;
  if (offset < 0 || offset >= CELL_GRID) throw new Error("an entity moved between the end of a tick and its encoding");
  return offset;
}

function writeField(writer: FrameWriter, field: Field, value: number | string): void {
  switch (field.kind) {
    case "bool":
    case "u8":
      writer.u8(value as number);
      break;
    case "u16":
    case "i16":
      writer.u16(value as number);
      break;
    case "u32":
      writer.u32(value as number);
      break;
    case "f32":
      writer.f32(value as number);
      break;
    case "text":
      writer.text(value as string);
      break;
    case "coord":
      throw new Error("only positions are coordinates");
  }
}
