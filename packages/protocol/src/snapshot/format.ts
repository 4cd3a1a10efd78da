// A snapshot frame as bytes, writing side. All numbers big-endian, varints LEB128, signed ones zigzag first.
//
//   frame    u8 FRAME.snapshot · u8 flags (bit 0 fresh) · u64 tick · varint parts · parts
//   part     zigzag cx · zigzag cy · u8 form · then by form:
//            0 delta     records · gone · events        changes since the last frame of one who holds the cell
//            1 keyframe  rows · events                  all that is in the cell
//            2 leave     (nothing)                      the cell is no longer shown
//            3 events    events                         for this reader alone, whatever cells it holds
//   records  varint count · count × (varint id · varint mask · the masked fields in table order)
//   rows     varint count · count × (varint id · every field in table order)
//   gone     varint count · count × varint id
//   events   varint count · count × (u8 kind · varint entity, 0 for none · text)
import type { EntityId } from "../ids.ts";
import { FRAME } from "../messages.ts";
import { GRID } from "../motion/step.ts";
import { CELL, type CellKey, cellX, cellY } from "./cells.ts";
import type { EntityColumns } from "./columns.ts";
import { FIELD, type Field } from "./fields.ts";
import { FrameWriter } from "./wire.ts";

export const FORM = { delta: 0, keyframe: 1, leave: 2, events: 3 } as const;
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
  writer.u64(tick);
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
  writePartHead(writer, cell, FORM.events);
  writeEvents(writer, events);
  return writer.written();
}

export function writePartHead(writer: FrameWriter, cell: CellKey, form: number): void {
  writer.zigzag(cellX(cell));
  writer.zigzag(cellY(cell));
  writer.u8(form);
}

export function writeEvents(writer: FrameWriter, events: readonly WorldEvent[]): void {
  writer.varint(events.length);
  for (const event of events) {
    writer.u8(EVENT_KINDS.indexOf(event.kind));
    writer.varint(event.entity);
    writer.text(event.text);
  }
}

/** The masked fields of a row, in table order. The entity must lie in the cell. */
export function writeFields(writer: FrameWriter, columns: EntityColumns, slot: number, mask: number, cell: CellKey): void {
  const { fields } = columns.table;
  for (let i = 0; i < fields.length; i++) {
    if ((mask & (1 << i)) === 0) continue;
    const field = fields[i] as Field;
    const value = columns.read(i, slot);
    if (field.kind !== "coord") writeField(writer, field, value);
    else writer.u16(withinCell(value as number, i === FIELD.x ? cellX(cell) : cellY(cell)));
  }
}

function withinCell(position: number, cellIndex: number): number {
  const offset = position * GRID - cellIndex * CELL_GRID;
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
      throw new Error("a coordinate is written against its cell");
  }
}
