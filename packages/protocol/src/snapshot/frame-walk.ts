// A snapshot frame from its first byte to its last: what it says is told to a sink, what cannot be right is refused.
// Law: everything that can be judged without knowing what the reader holds is judged here; nothing is allocated per entity.
import { type Fault, fault } from "../fault.ts";
import type { EntityId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { FRAME } from "../messages.ts";
import { GRID, WORLD_EDGE } from "../motion/step.ts";
import { CELL_EDGE, type CellKey, cellKey } from "./cells.ts";
import type { EntityColumns } from "./columns.ts";
import { FIELD, type Field, type FieldTable } from "./fields.ts";
import { CELL_GRID, EVENT_KINDS, FORM_BITS, FRESH, HAS, MAY_HAVE, type WorldEvent } from "./format.ts";
import { LONGEST_STRIDE, MOTION, MOTION_BITS } from "./glide.ts";
import { FrameCursor } from "./wire.ts";

const EDGE = WORLD_EDGE * GRID;

/** What a walk over a frame tells as it goes. `row` and `record` return the slot to write to; `columns` is undefined when nothing is to be written. */
export interface Sink {
  part(walk: FrameWalk, cell: CellKey, form: number): void;
  row(walk: FrameWalk, id: EntityId, cell: CellKey): number;
  record(walk: FrameWalk, id: EntityId, cell: CellKey): number;
  /** 1/256 unit. */
  place(slot: number, x: number, y: number, stepX: number, stepY: number): void;
  step(slot: number, stepX: number, stepY: number): void;
  gone(id: EntityId, cell: CellKey): void;
  event(event: WorldEvent): void;
  columns: EntityColumns | undefined;
}

/** One walk over a frame. Everything that can be judged without knowing what the reader holds is judged here. */
export class FrameWalk {
  tick = 0;
  isFresh = false;
  private partCount = 0;
  private readonly cursor: FrameCursor;
  private readonly table: FieldTable;

  constructor(frame: Uint8Array, table: FieldTable) {
    this.cursor = new FrameCursor(frame);
    this.table = table;
  }

  refuse(reason: string): void {
    this.cursor.refuse(reason);
  }

  problem(): Fault | undefined {
    return this.cursor.bad === undefined ? undefined : fault("malformed", "world", `snapshot: ${this.cursor.bad}`);
  }

  head(): Fault | undefined {
    const { cursor } = this;
    if (cursor.u8() !== FRAME.snapshot) cursor.refuse("not a snapshot frame");
    const flags = cursor.u8();
    if (flags > FRESH) cursor.refuse("flags that mean nothing");
    this.isFresh = flags === FRESH;
    this.tick = cursor.varlong("a tick");
    this.partCount = cursor.count(LIMITS.cellsPerSnapshot, 3, "a number of cells");
    return this.problem();
  }

  parts(sink: Sink): void {
    const { cursor } = this;
    for (let i = 0; i < this.partCount && cursor.bad === undefined; i++) {
      const cx = cursor.zigzag(CELL_EDGE, "a cell");
      const cy = cursor.zigzag(CELL_EDGE, "a cell");
      const head = cursor.u8();
      const form = head & FORM_BITS;
      const has = head & ~FORM_BITS;
      if ((has & ~(MAY_HAVE[form] as number)) !== 0) cursor.refuse("a head that does not exist");
      if (cursor.bad !== undefined) return;
      const cell = cellKey(cx, cy);
      sink.part(this, cell, form);
      if ((has & HAS.rows) !== 0) this.rows(sink, cell, cx, cy);
      if ((has & HAS.records) !== 0) this.records(sink, cell, cx, cy);
      if ((has & HAS.gone) !== 0) this.gone(sink, cell);
      if ((has & HAS.events) !== 0) this.events(sink);
    }
    if (cursor.left > 0) cursor.refuse(`${cursor.left} bytes after the last part`);
  }

  /** How many follow; none would not have been announced. */
  private some(max: number, bytesEach: number, what: string): number {
    const count = this.cursor.count(max, bytesEach, what);
    if (count === 0) this.cursor.refuse(`${what} of nothing`);
    return count;
  }

  private entity(): EntityId {
    const id = this.cursor.varint(0xffff_ffff, "an entity");
    if (id === 0) this.cursor.refuse("an entity that is none");
    return id;
  }

  private rows(sink: Sink, cell: CellKey, cx: number, cy: number): void {
    const { cursor } = this;
    const count = this.some(LIMITS.cellEntities, 7, "a number of rows");
    for (let n = 0; n < count && cursor.bad === undefined; n++) {
      const id = this.entity();
      const x = this.coordinate(cx);
      const y = this.coordinate(cy);
      const stepX = cursor.zigzag(LONGEST_STRIDE, "a step");
      const stepY = cursor.zigzag(LONGEST_STRIDE, "a step");
      if (cursor.bad !== undefined) return;
      const slot = sink.row(this, id, cell);
      sink.place(slot, x, y, stepX, stepY);
      this.fields(sink, slot, this.table.fullMask);
    }
  }

  private records(sink: Sink, cell: CellKey, cx: number, cy: number): void {
    const { cursor } = this;
    const count = this.some(LIMITS.cellEntities, 3, "a number of records");
    for (let n = 0; n < count && cursor.bad === undefined; n++) {
      const id = this.entity();
      const mask = cursor.varint(this.table.fullMask, "a field mask");
      if (mask === 0) cursor.refuse("a record of nothing");
      if (cursor.bad !== undefined) return;
      const slot = sink.record(this, id, cell);
      this.motion(sink, slot, mask & MOTION_BITS, cx, cy);
      this.fields(sink, slot, mask);
    }
  }

  private motion(sink: Sink, slot: number, motion: number, cx: number, cy: number): void {
    const { cursor } = this;
    if (motion === MOTION.step) sink.step(slot, cursor.i8(), cursor.i8());
    else if (motion === MOTION.place) sink.place(slot, this.coordinate(cx), this.coordinate(cy), 0, 0);
    else if (motion === MOTION.stride) {
      const stepX = cursor.i16();
      const stepY = cursor.i16();
      if (Math.max(Math.abs(stepX), Math.abs(stepY)) > LONGEST_STRIDE) cursor.refuse("a stride too long");
      sink.step(slot, stepX, stepY);
    }
  }

  /** 1/256 unit. */
  private coordinate(cellIndex: number): number {
    const offset = this.cursor.u16();
    const at = cellIndex * CELL_GRID + offset;
    if (offset >= CELL_GRID || at > EDGE) this.cursor.refuse("a position outside its cell");
    return at;
  }

  /** The masked fields behind the position. */
  private fields(sink: Sink, slot: number, mask: number): void {
    const { fields } = this.table;
    for (let i = FIELD.y + 1; i < fields.length; i++) {
      if ((mask & (1 << i)) === 0) continue;
      const value = this.field(fields[i] as Field, sink.columns !== undefined);
      if (sink.columns !== undefined) sink.columns.put(i, slot, value);
    }
  }

  private field(field: Field, isWanted: boolean): number | string {
    const { cursor } = this;
    switch (field.kind) {
      case "coord":
        throw new Error("only positions are coordinates");
      case "bool": {
        const value = cursor.u8();
        if (value > 1) cursor.refuse("a bool that is neither 0 nor 1");
        return value;
      }
      case "u8":
        return cursor.u8();
      case "u16":
        return cursor.u16();
      case "u32":
        return cursor.u32();
      case "i16":
        return cursor.i16();
      case "f32":
        return cursor.f32();
      case "text":
        return cursor.text(field.maxBytes, isWanted);
    }
  }

  private gone(sink: Sink, cell: CellKey): void {
    const { cursor } = this;
    const count = this.some(LIMITS.cellEntities, 1, "a number of the gone");
    for (let n = 0; n < count && cursor.bad === undefined; n++) {
      const id = this.entity();
      if (cursor.bad === undefined) sink.gone(id, cell);
    }
  }

  private events(sink: Sink): void {
    const { cursor } = this;
    const count = this.some(LIMITS.cellEvents, 3, "a number of events");
    for (let n = 0; n < count && cursor.bad === undefined; n++) {
      const kind = EVENT_KINDS[cursor.u8()];
      const entity = cursor.varint(0xffff_ffff, "an entity");
      const text = cursor.text(LIMITS.eventTextBytes, sink.columns !== undefined);
      if (kind === undefined) cursor.refuse("an event of a kind that does not exist");
      else if (cursor.bad === undefined) sink.event({ kind, entity, text });
    }
  }
}
