// The reading side of a snapshot. A frame is walked twice by the same code: first only to check it, then to take it in.
// Law: a frame that is not right in every byte changes nothing. The order of parts in a frame makes no difference.
import { type Fault, fault, ok, type Result } from "../fault.ts";
import type { EntityId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { FRAME } from "../messages.ts";
import { GRID, WORLD_EDGE } from "../motion/step.ts";
import { CELL_EDGE, type CellKey, cellKey } from "./cells.ts";
import { EntityColumns } from "./columns.ts";
import { FIELD, type Field, type FieldTable } from "./fields.ts";
import { CELL_GRID, EVENT_KINDS, FORM, FRESH, type WorldEvent } from "./format.ts";
import { FrameCursor } from "./wire.ts";

/** What a frame brought. An entity that went from one cell in view to another is in neither list. */
export interface Applied {
  readonly tick: number;
  readonly events: readonly WorldEvent[];
  readonly added: readonly EntityId[];
  readonly removed: readonly EntityId[];
}

export class SnapshotReader {
  readonly entities: EntityColumns;
  private readonly table: FieldTable;
  private tick = -1;
  private readonly held = new Set<CellKey>();
  // By slot: the cell an entity lies in, and the frame that last had a row of it.
  private readonly cellOf: number[] = [];
  private readonly rowIn: number[] = [];
  private frame = 0;

  constructor(table: FieldTable) {
    this.table = table;
    this.entities = new EntityColumns(table);
  }

  /** The newest tick taken in, -1 before the first. */
  get lastTick(): number {
    return this.tick;
  }

  /** The cells held now. */
  get cells(): ReadonlySet<CellKey> {
    return this.held;
  }

  /** Forgets everything, as before the first frame. */
  clear(): void {
    this.entities.clear();
    this.held.clear();
    this.tick = -1;
  }

  /** Takes in one snapshot frame, or says fault `malformed` or `oversized` and stays as it was. Never throws. */
  apply(frame: Uint8Array): Result<Applied> {
    if (frame.length > LIMITS.worldFrameBytes)
      return { ok: false, fault: fault("oversized", "world", `a snapshot of ${frame.length} bytes`) };
    const check = new FrameWalk(frame, this.table);
    const problem = check.head() ?? this.objectTo(check);
    if (problem !== undefined) return { ok: false, fault: problem };
    const walk = new FrameWalk(frame, this.table);
    walk.head();
    return ok(this.takeIn(walk));
  }

  private objectTo(walk: FrameWalk): Fault | undefined {
    if (!walk.isFresh && (this.tick < 0 || walk.tick < this.tick)) walk.refuse(this.tick < 0 ? "no fresh frame yet" : "an old tick");
    const ids = new Set<EntityId>();
    const cells = new Set<CellKey>();
    walk.parts({
      part: (cell, form) => {
        if (form === FORM.events) return;
        if (walk.isFresh && form !== FORM.keyframe) walk.refuse("a fresh frame has keyframes and events only");
        if (!walk.isFresh && form !== FORM.keyframe && !this.held.has(cell)) walk.refuse("a cell that is not held");
        if (cells.has(cell)) walk.refuse("a cell twice");
        cells.add(cell);
      },
      row: (id, cell, isWhole) => {
        if (ids.has(id)) walk.refuse("an entity twice");
        ids.add(id);
        const slot = this.entities.slotOf(id);
        if (!isWhole && (slot < 0 || this.cellOf[slot] !== cell)) walk.refuse("part of a row of an entity that is not in this cell");
        return -1;
      },
      gone: () => {},
      event: () => {},
      columns: undefined,
    });
    return walk.problem();
  }

  private takeIn(walk: FrameWalk): Applied {
    this.frame += 1;
    this.tick = walk.tick;
    const taken: Taken = { events: [], added: [], removed: [], gone: [], swept: new Set() };
    if (walk.isFresh) this.held.clear();
    walk.parts({
      part: (cell, form) => {
        if (form === FORM.keyframe || form === FORM.leave) taken.swept.add(cell);
        if (form === FORM.keyframe) this.held.add(cell);
        if (form === FORM.leave) this.held.delete(cell);
      },
      row: (id, cell) => this.rowOf(id, cell, taken.added),
      gone: (id, cell) => taken.gone.push(id, cell),
      event: (event) => taken.events.push(event),
      columns: this.entities,
    });
    this.removeGone(taken);
    if (walk.isFresh || taken.swept.size > 0) this.sweep(taken, walk.isFresh);
    return { tick: walk.tick, events: taken.events, added: taken.added, removed: taken.removed };
  }

  private rowOf(id: EntityId, cell: CellKey, added: EntityId[]): number {
    let slot = this.entities.slotOf(id);
    if (slot < 0) {
      slot = this.entities.spawn(id);
      added.push(id);
    }
    this.cellOf[slot] = cell;
    this.rowIn[slot] = this.frame;
    return slot;
  }

  /** Who left a cell is gone unless another part of the frame has a row of them, or an earlier frame showed them elsewhere. */
  private removeGone({ gone, removed }: Taken): void {
    for (let i = 0; i < gone.length; i += 2) {
      const id = gone[i] as EntityId;
      const slot = this.entities.slotOf(id);
      if (slot < 0 || this.rowIn[slot] === this.frame || this.cellOf[slot] !== gone[i + 1]) continue;
      this.entities.remove(id);
      removed.push(id);
    }
  }

  /** Removes what lies in a left or newly shown cell, or anywhere in a fresh frame, and has no row in this frame. */
  private sweep({ swept, removed }: Taken, isFresh: boolean): void {
    for (let slot = 0; slot < this.entities.slotCount; slot++) {
      const id = this.entities.idAt(slot);
      if (id === 0 || this.rowIn[slot] === this.frame) continue;
      if (!isFresh && !swept.has(this.cellOf[slot] as CellKey)) continue;
      this.entities.remove(id);
      removed.push(id);
    }
  }
}

interface Taken {
  readonly events: WorldEvent[];
  readonly added: EntityId[];
  readonly removed: EntityId[];
  /** Pairs of id and cell. */
  readonly gone: number[];
  readonly swept: Set<CellKey>;
}

/** What a walk over a frame tells as it goes. `row` returns the slot to write to; `columns` is undefined when nothing is to be written. */
interface Sink {
  part(cell: CellKey, form: number): void;
  row(id: EntityId, cell: CellKey, isWhole: boolean): number;
  gone(id: EntityId, cell: CellKey): void;
  event(event: WorldEvent): void;
  readonly columns: EntityColumns | undefined;
}

/** One walk over a frame. Everything that can be judged without knowing what the reader holds is judged here. */
class FrameWalk {
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
    this.tick = cursor.u64();
    this.partCount = cursor.count(LIMITS.cellsPerSnapshot, 3, "a number of cells");
    return this.problem();
  }

  parts(sink: Sink): void {
    const { cursor } = this;
    for (let i = 0; i < this.partCount && cursor.bad === undefined; i++) {
      const cx = cursor.zigzag(CELL_EDGE, "a cell");
      const cy = cursor.zigzag(CELL_EDGE, "a cell");
      const form = cursor.u8();
      if (form > FORM.events) cursor.refuse("a form that does not exist");
      if (cursor.bad !== undefined) return;
      const cell = cellKey(cx, cy);
      sink.part(cell, form);
      if (form === FORM.delta || form === FORM.keyframe) this.rows(sink, cell, cx, cy, form === FORM.keyframe);
      if (form === FORM.delta) this.gone(sink, cell);
      if (form !== FORM.leave) this.events(sink);
    }
    if (cursor.left > 0) cursor.refuse(`${cursor.left} bytes after the last part`);
  }

  private rows(sink: Sink, cell: CellKey, cx: number, cy: number, isKeyframe: boolean): void {
    const { cursor } = this;
    const { fields, fullMask } = this.table;
    const count = cursor.count(LIMITS.cellEntities, 2, "a number of rows");
    for (let n = 0; n < count && cursor.bad === undefined; n++) {
      const id = cursor.varint(0xffff_ffff, "an entity");
      const mask = isKeyframe ? fullMask : cursor.varint(fullMask, "a field mask");
      if (id === 0 || mask === 0) cursor.refuse("a row of nothing");
      if (cursor.bad !== undefined) return;
      const slot = sink.row(id, cell, mask === fullMask);
      for (let i = 0; i < fields.length; i++) {
        if ((mask & (1 << i)) === 0) continue;
        const value = this.field(fields[i] as Field, i === FIELD.x ? cx : cy, sink.columns !== undefined);
        if (sink.columns !== undefined) sink.columns.put(i, slot, value);
      }
    }
  }

  private field(field: Field, cellIndex: number, isWanted: boolean): number | string {
    const { cursor } = this;
    switch (field.kind) {
      case "coord": {
        const offset = cursor.u16();
        const position = (cellIndex * CELL_GRID + offset) / GRID;
        if (offset >= CELL_GRID || position > WORLD_EDGE) cursor.refuse("a position outside its cell");
        return position;
      }
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
    const count = cursor.count(LIMITS.cellEntities, 1, "a number of the gone");
    for (let n = 0; n < count && cursor.bad === undefined; n++) {
      const id = cursor.varint(0xffff_ffff, "an entity");
      if (id === 0) cursor.refuse("nobody gone");
      else sink.gone(id, cell);
    }
  }

  private events(sink: Sink): void {
    const { cursor } = this;
    const count = cursor.count(LIMITS.cellEvents, 3, "a number of events");
    for (let n = 0; n < count && cursor.bad === undefined; n++) {
      const kind = EVENT_KINDS[cursor.u8()];
      const entity = cursor.varint(0xffff_ffff, "an entity");
      const text = cursor.text(LIMITS.eventTextBytes, sink.columns !== undefined);
      if (kind === undefined) cursor.refuse("an event of a kind that does not exist");
      else if (cursor.bad === undefined) sink.event({ kind, entity, text });
    }
  }
}
