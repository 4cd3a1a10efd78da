// Encodes each cell once a tick for everyone who looks at it: a delta when something in it changed, a keyframe when somebody asks.
// Law: what did not change costs nothing, and nothing is allocated per entity and tick.
import type { EntityId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { isTextWithin } from "../text.ts";
import { type CellKey, cellAt } from "./cells.ts";
import type { EntityColumns, Watcher } from "./columns.ts";
import { FORM, type WorldEvent, writeEvents, writeFields, writePartHead } from "./format.ts";
import { FrameWriter } from "./wire.ts";

/** One cell that holds entities or has something to tell. */
interface Cell {
  readonly key: CellKey;
  readonly members: number[];
  /** Since the last closed tick: who left it, whose row changed and how, what happened. */
  readonly gone: EntityId[];
  readonly rows: number[];
  readonly masks: number[];
  readonly events: WorldEvent[];
  /** Where its delta lies; empty when nothing changed. */
  deltaStart: number;
  deltaEnd: number;
  keyframe: Uint8Array | undefined;
  isTouched: boolean;
}

export class CellEncoder implements Watcher {
  readonly columns: EntityColumns;
  /** Events that came when their cell had LIMITS.cellEvents in one tick already; they are not told. */
  droppedEvents = 0;
  private readonly cells = new Map<CellKey, Cell>();
  /** Cells with something new; those of the closed tick until the next one closes. */
  private touched: Cell[] = [];
  private closed: Cell[] = [];
  private readonly deltas = new FrameWriter(65_536);
  // By slot: the cell it was last encoded in, its place among the members, its changed fields, whether it waits in `queue`.
  private readonly cellOf: (Cell | undefined)[] = [];
  private readonly memberAt: number[] = [];
  private readonly dirty: number[] = [];
  private readonly isQueued: boolean[] = [];
  private readonly queue: number[] = [];

  /** Watches these columns from now on; entities that are there already count as new. */
  constructor(columns: EntityColumns) {
    if (columns.watcher !== undefined) throw new Error("these columns are watched already");
    this.columns = columns;
    columns.watcher = this;
    for (const id of columns.ids()) this.spawned(columns.slotOf(id));
  }

  spawned(slot: number): void {
    this.cellOf[slot] = undefined;
    this.memberAt[slot] = -1;
    this.dirty[slot] = 0;
    this.changed(slot, this.columns.table.fullMask);
  }

  removed(slot: number, id: EntityId): void {
    this.dirty[slot] = 0;
    const cell = this.cellOf[slot];
    if (cell !== undefined) this.leave(cell, slot, id);
    this.cellOf[slot] = undefined;
  }

  changed(slot: number, bits: number): void {
    this.dirty[slot] = (this.dirty[slot] as number) | bits;
    if (this.isQueued[slot] === true) return;
    this.isQueued[slot] = true;
    this.queue.push(slot);
  }

  /** Something happened at a point: everyone who sees its cell is told with this tick. Text longer than LIMITS.eventTextBytes throws. */
  addEvent(x: number, y: number, event: WorldEvent): void {
    if (!isTextWithin(event.text, LIMITS.eventTextBytes))
      throw new RangeError(`an event's text has at most ${LIMITS.eventTextBytes} bytes`);
    const cell = this.cell(cellAt(x, y));
    if (cell.events.length >= LIMITS.cellEvents) {
      this.droppedEvents += 1;
      return;
    }
    cell.events.push(event);
    this.touch(cell);
  }

  /**
   * Ends the tick: encodes the delta of every cell that changed. Until the next call the parts of this tick can be had, and
   * until they have been, nothing may move.
   */
  closeTick(): void {
    this.forgetClosed();
    for (const slot of this.queue) this.settle(slot);
    this.queue.length = 0;
    this.deltas.at = 0;
    for (const cell of this.touched) this.writeDelta(cell);
    [this.closed, this.touched] = [this.touched, this.closed];
    this.touched.length = 0;
    for (const cell of this.closed) cell.isTouched = false;
  }

  /** What changed in a cell in the closed tick, or undefined when nothing did. Valid until the next tick is closed. */
  delta(key: CellKey): Uint8Array | undefined {
    const cell = this.cells.get(key);
    return cell === undefined || cell.deltaEnd === cell.deltaStart ? undefined : this.deltas.written(cell.deltaStart, cell.deltaEnd);
  }

  /** All that is in a cell, made when first asked for and kept while nothing in it changes. Carries no events. */
  keyframe(key: CellKey): Uint8Array {
    const cell = this.cells.get(key);
    if (cell === undefined) return this.encodeKeyframe(key, []);
    cell.keyframe ??= this.encodeKeyframe(key, cell.members);
    return cell.keyframe;
  }

  /** The part that takes a cell away from a reader. */
  leavePart(key: CellKey): Uint8Array {
    const writer = new FrameWriter(16);
    writePartHead(writer, key, FORM.leave);
    return writer.written();
  }

  private cell(key: CellKey): Cell {
    const known = this.cells.get(key);
    if (known !== undefined) return known;
    const cell: Cell = {
      key,
      members: [],
      gone: [],
      rows: [],
      masks: [],
      events: [],
      deltaStart: 0,
      deltaEnd: 0,
      keyframe: undefined,
      isTouched: false,
    };
    this.cells.set(key, cell);
    return cell;
  }

  private touch(cell: Cell): void {
    if (cell.isTouched) return;
    cell.isTouched = true;
    this.touched.push(cell);
  }

  private forgetClosed(): void {
    for (const cell of this.closed) {
      cell.deltaStart = 0;
      cell.deltaEnd = 0;
      if (cell.members.length === 0 && !cell.isTouched) this.cells.delete(cell.key);
    }
    this.closed.length = 0;
  }

  /** Puts a changed row into the list of the cell it lies in now. */
  private settle(slot: number): void {
    this.isQueued[slot] = false;
    let mask = this.dirty[slot] as number;
    this.dirty[slot] = 0;
    if (mask === 0) return;
    const key = cellAt(this.columns.xs[slot] as number, this.columns.ys[slot] as number);
    const before = this.cellOf[slot];
    let cell = before;
    if (before === undefined || before.key !== key) {
      if (before !== undefined) this.leave(before, slot, this.columns.idAt(slot));
      cell = this.cell(key);
      if (cell.members.length >= LIMITS.cellEntities) throw new Error(`more than ${LIMITS.cellEntities} entities in one cell`);
      this.memberAt[slot] = cell.members.push(slot) - 1;
      this.cellOf[slot] = cell;
      mask = this.columns.table.fullMask;
    }
    const here = cell as Cell;
    here.rows.push(slot);
    here.masks.push(mask);
    here.keyframe = undefined;
    this.touch(here);
  }

  private leave(cell: Cell, slot: number, id: EntityId): void {
    const at = this.memberAt[slot] as number;
    const last = cell.members.pop() as number;
    if (last !== slot) {
      cell.members[at] = last;
      this.memberAt[last] = at;
    }
    cell.gone.push(id);
    cell.keyframe = undefined;
    this.touch(cell);
  }

  private writeDelta(cell: Cell): void {
    const writer = this.deltas;
    cell.deltaStart = writer.at;
    writePartHead(writer, cell.key, FORM.delta);
    writer.varint(cell.rows.length);
    for (let i = 0; i < cell.rows.length; i++) {
      const slot = cell.rows[i] as number;
      const mask = cell.masks[i] as number;
      writer.varint(this.columns.idAt(slot));
      writer.varint(mask);
      writeFields(writer, this.columns, slot, mask, cell.key);
    }
    writer.varint(cell.gone.length);
    for (const id of cell.gone) writer.varint(id);
    writeEvents(writer, cell.events);
    cell.deltaEnd = writer.at;
    cell.rows.length = 0;
    cell.masks.length = 0;
    cell.gone.length = 0;
    cell.events.length = 0;
  }

  private encodeKeyframe(key: CellKey, members: readonly number[]): Uint8Array {
    const writer = new FrameWriter(16 + members.length * 32);
    writePartHead(writer, key, FORM.keyframe);
    writer.varint(members.length);
    for (const slot of members) {
      writer.varint(this.columns.idAt(slot));
      writeFields(writer, this.columns, slot, this.columns.table.fullMask, key);
    }
    writer.varint(0);
    return writer.written();
  }
}
