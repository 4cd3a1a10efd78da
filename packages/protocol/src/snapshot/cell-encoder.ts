// Encodes each cell once a tick for everyone who looks at it: a delta when something in it changed, a keyframe when somebody asks.
// Law: what did not change, or goes on as it went, costs no byte; nothing is allocated per entity and tick.
import type { EntityId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { GRID } from "../motion/step.ts";
import { isTextWithin } from "../text.ts";
import { type CellKey, cellAt } from "./cells.ts";
import type { EntityColumns, Watcher } from "./columns.ts";
import { FORM, HAS, type WorldEvent, writeEvents, writeFields, writeMotion, writePartHead, writeRow } from "./format.ts";
import { Glide, MOTION, MOTION_BITS } from "./glide.ts";
import { FrameWriter } from "./wire.ts";

/** One cell that holds entities or has something to tell. */
export interface Cell {
  readonly key: CellKey;
  readonly members: number[];
  /** Since the last closed tick: who left it, who came, whose row changed and how, what happened. Slots, but for `gone`. */
  readonly gone: EntityId[];
  readonly come: number[];
  readonly changed: number[];
  readonly masks: number[];
  readonly events: WorldEvent[];
  /** Where its delta lies in {@link CellEncoder.deltas}; empty when nothing changed. */
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
  private readonly touched: Cell[] = [];
  private readonly closed: Cell[] = [];
  private order: Float64Array<ArrayBuffer> = new Float64Array(64);
  readonly deltas: FrameWriter = new FrameWriter(65_536);
  private readonly keyframes = new FrameWriter(1_024);
  private readonly glide = new Glide();
  private tick = 0;
  // By slot: the cell it was last encoded in, its place among the members, its changed fields, whether it waits in `queue`.
  private readonly cellOf: (Cell | undefined)[] = [];
  private readonly memberAt: number[] = [];
  private readonly dirty: number[] = [];
  private readonly isQueued: boolean[] = [];
  private readonly settledIn: number[] = [];
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
    this.glide.begin(slot);
    this.changed(slot, this.columns.table.fullMask);
  }

  removed(slot: number, id: EntityId): void {
    this.dirty[slot] = 0;
    const cell = this.cellOf[slot];
    if (cell !== undefined) this.leave(cell, slot, id);
    this.glide.rest(slot);
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
    this.tick += 1;
    for (let i = 0; i < this.queue.length; i++) this.settle(this.queue[i] as number);
    this.queue.length = 0;
    this.stopTheRest();
    this.deltas.at = 0;
    this.sortTouched();
    for (let i = 0; i < this.closed.length; i++) this.writeDelta(this.closed[i] as Cell);
  }

  /** Makes of the touched cells the closed ones, in order of keys: sorted as plain numbers with each cell's place in the last digits. */
  private sortTouched(): void {
    const { touched, closed } = this;
    const count = touched.length;
    if (this.order.length < count) this.order = new Float64Array(2 * count);
    const order = this.order.subarray(0, count);
    const scale = 2 ** Math.ceil(Math.log2(count + 1));
    for (let i = 0; i < count; i++) order[i] = (touched[i] as Cell).key * scale + i;
    order.sort();
    for (let i = 0; i < count; i++) closed.push(touched[(order[i] as number) % scale] as Cell);
    touched.length = 0;
  }

  /** Cells in which something changed or moves on, in order of keys. Valid until the next tick is closed. */
  get active(): readonly Cell[] {
    return this.closed;
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

  /** Writes {@link keyframe}. */
  writeKeyframe(writer: FrameWriter, key: CellKey): void {
    if (this.cells.has(key)) writer.raw(this.keyframe(key));
    else writePartHead(writer, key, FORM.keyframe);
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
      come: [],
      changed: [],
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

  /** Who went on by a step and did not go in this tick has stopped. */
  private stopTheRest(): void {
    const { gliding } = this.glide;
    for (let i = gliding.length - 1; i >= 0; i--) {
      const slot = gliding[i] as number;
      if (this.settledIn[slot] === this.tick) continue;
      this.glide.rest(slot);
      this.note(this.cellOf[slot] as Cell, slot, MOTION.step);
    }
  }

  private note(cell: Cell, slot: number, mask: number): void {
    cell.changed.push(slot);
    cell.masks.push(mask);
    cell.keyframe = undefined;
    this.touch(cell);
  }

  /** Puts a changed row into the list of the cell it lies in now. */
  private settle(slot: number): void {
    this.isQueued[slot] = false;
    const bits = this.dirty[slot] as number;
    this.dirty[slot] = 0;
    if (bits === 0) return;
    this.settledIn[slot] = this.tick;
    const x = this.columns.xs[slot] as number;
    const y = this.columns.ys[slot] as number;
    const key = cellAt(x, y);
    const before = this.cellOf[slot];
    if (before?.key !== key) {
      this.enter(slot, this.cell(key), before);
      return;
    }
    const motion = this.glide.go(slot, x * GRID, y * GRID);
    const mask = motion | (bits & ~MOTION_BITS);
    if (mask !== 0) {
      this.note(before, slot, mask);
      return;
    }
    before.keyframe = undefined;
    this.touch(before);
  }

  private enter(slot: number, cell: Cell, before: Cell | undefined): void {
    const x = (this.columns.xs[slot] as number) * GRID;
    const y = (this.columns.ys[slot] as number) * GRID;
    if (before === undefined) this.glide.put(slot, x, y);
    else {
      this.leave(before, slot, this.columns.idAt(slot));
      this.glide.go(slot, x, y);
    }
    if (cell.members.length >= LIMITS.cellEntities) throw new Error(`more than ${LIMITS.cellEntities} entities in one cell`);
    this.memberAt[slot] = cell.members.push(slot) - 1;
    this.cellOf[slot] = cell;
    cell.come.push(slot);
    cell.keyframe = undefined;
    this.touch(cell);
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
    cell.isTouched = false;
    const writer = this.deltas;
    cell.deltaStart = writer.at;
    cell.deltaEnd = writer.at;
    const { come, changed, masks, gone, events } = cell;
    const has =
      (come.length > 0 ? HAS.rows : 0) |
      (changed.length > 0 ? HAS.records : 0) |
      (gone.length > 0 ? HAS.gone : 0) |
      (events.length > 0 ? HAS.events : 0);
    if (has === 0) return;
    writePartHead(writer, cell.key, FORM.delta | has);
    if (come.length > 0) this.writeRows(writer, come, cell.key);
    if (changed.length > 0) {
      writer.varint(changed.length);
      for (let i = 0; i < changed.length; i++) this.writeRecord(writer, changed[i] as number, masks[i] as number, cell.key);
    }
    if (gone.length > 0) {
      writer.varint(gone.length);
      for (let i = 0; i < gone.length; i++) writer.varint(gone[i] as number);
    }
    if (events.length > 0) writeEvents(writer, events);
    cell.deltaEnd = writer.at;
    come.length = 0;
    changed.length = 0;
    masks.length = 0;
    gone.length = 0;
    events.length = 0;
  }

  private writeRecord(writer: FrameWriter, slot: number, mask: number, cell: CellKey): void {
    writer.varint(this.columns.idAt(slot));
    writer.varint(mask);
    writeMotion(writer, mask & MOTION_BITS, this.glide, slot, cell);
    if (mask > MOTION_BITS) writeFields(writer, this.columns, slot, mask & ~MOTION_BITS);
  }

  private writeRows(writer: FrameWriter, slots: readonly number[], cell: CellKey): void {
    writer.varint(slots.length);
    for (let i = 0; i < slots.length; i++) writeRow(writer, this.columns, this.glide, slots[i] as number, cell);
  }

  private encodeKeyframe(key: CellKey, members: readonly number[]): Uint8Array {
    const writer = this.keyframes;
    writer.at = 0;
    writePartHead(writer, key, FORM.keyframe | (members.length > 0 ? HAS.rows : 0));
    if (members.length > 0) this.writeRows(writer, members, key);
    return writer.written().slice();
  }
}
