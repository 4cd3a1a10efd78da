// The reading side of a snapshot. A frame is walked twice by the same code: first only to check it, then to take it in.
// Law: a frame that is not right in every byte changes nothing. The order of parts in a frame makes no difference.
import { type Fault, fault, ok, type Result } from "../fault.ts";
import type { EntityId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { GRID, WORLD_EDGE } from "../motion/step.ts";
import type { CellKey } from "./cells.ts";
import { EntityColumns } from "./columns.ts";
import type { FieldTable } from "./fields.ts";
import { FORM, type WorldEvent } from "./format.ts";
import { FrameWalk, type Sink } from "./frame-walk.ts";
import { Glide } from "./glide.ts";

const EDGE = WORLD_EDGE * GRID;

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
  private readonly glide = new Glide();
  // Kept from frame to frame, so that none is made for each.
  private checks = 0;
  private readonly checkedIn: number[] = [];
  private readonly namedIds = new Set<EntityId>();
  private readonly namedCells = new Set<CellKey>();
  private readonly taken: Taken = { events: [], added: [], removed: [], gone: [], swept: new Set() };

  constructor(table: FieldTable) {
    this.table = table;
    this.entities = new EntityColumns(table);
    this.taker.columns = this.entities;
  }

  /** The newest tick taken in, -1 before the first. */
  get lastTick(): number {
    return this.tick;
  }

  /** The cells held now. */
  get cells(): ReadonlySet<CellKey> {
    return this.held;
  }

  /** The number of the frame that last had a row or record of the entity in this slot: until it changes, only its place does. */
  toldIn(slot: number): number {
    return this.rowIn[slot] ?? 0;
  }

  /** Forgets everything, as before the first frame. */
  clear(): void {
    for (const id of this.entities.ids()) this.glide.rest(this.entities.slotOf(id));
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
    this.checks += 1;
    this.namedIds.clear();
    this.namedCells.clear();
    walk.parts(this.checker);
    return walk.problem();
  }

  /** Whether an id has a row or record in the frame that is being checked; from now on it has. */
  private isNamed(id: EntityId, slot: number): boolean {
    if (slot < 0) {
      const isKnown = this.namedIds.has(id);
      this.namedIds.add(id);
      return isKnown;
    }
    const isKnown = this.checkedIn[slot] === this.checks;
    this.checkedIn[slot] = this.checks;
    return isKnown;
  }

  private readonly checker: Sink = {
    columns: undefined,
    part: (walk, cell, form) => {
      if (form === FORM.events) return;
      if (walk.isFresh && form !== FORM.keyframe) walk.refuse("a fresh frame has keyframes and events only");
      if (!walk.isFresh && form !== FORM.keyframe && !this.held.has(cell)) walk.refuse("a cell that is not held");
      if (this.namedCells.has(cell)) walk.refuse("a cell twice");
      this.namedCells.add(cell);
    },
    row: (walk, id) => {
      if (this.isNamed(id, this.entities.slotOf(id))) walk.refuse("an entity twice");
      return -1;
    },
    record: (walk, id, cell) => {
      const slot = this.entities.slotOf(id);
      if (slot < 0 || this.cellOf[slot] !== cell) walk.refuse("a record of an entity that is not in this cell");
      else if (this.isNamed(id, slot)) walk.refuse("an entity twice");
      return -1;
    },
    place: () => {},
    step: () => {},
    gone: () => {},
    event: () => {},
  };

  private takeIn(walk: FrameWalk): Applied {
    const { taken } = this;
    if (walk.isFresh) this.held.clear();
    else if (this.tick < walk.tick) this.glideOn(walk.tick - this.tick);
    this.frame += 1;
    this.tick = walk.tick;
    taken.gone.length = 0;
    taken.swept.clear();
    taken.events = [];
    taken.added = [];
    taken.removed = [];
    walk.parts(this.taker);
    this.removeGone();
    if (walk.isFresh || taken.swept.size > 0) this.sweep(walk.isFresh);
    return { tick: walk.tick, events: taken.events, added: taken.added, removed: taken.removed };
  }

  private readonly taker: Sink = {
    part: (_, cell, form) => {
      if (form === FORM.keyframe || form === FORM.leave) this.taken.swept.add(cell);
      if (form === FORM.keyframe) this.held.add(cell);
      if (form === FORM.leave) this.held.delete(cell);
    },
    row: (_, id, cell) => this.rowOf(id, cell),
    record: (_, id) => {
      const slot = this.entities.slotOf(id);
      this.rowIn[slot] = this.frame;
      return slot;
    },
    place: (slot, x, y, stepX, stepY) => {
      this.entities.xs[slot] = x / GRID;
      this.entities.ys[slot] = y / GRID;
      this.glide.stride(slot, stepX, stepY);
    },
    // It was walked on by its old step; it went this far instead.
    step: (slot, stepX, stepY) => {
      const { xs, ys } = this.entities;
      xs[slot] = within((xs[slot] as number) * GRID + stepX - (this.glide.stepX[slot] as number)) / GRID;
      ys[slot] = within((ys[slot] as number) * GRID + stepY - (this.glide.stepY[slot] as number)) / GRID;
      this.glide.stride(slot, stepX, stepY);
    },
    gone: (id, cell) => this.taken.gone.push(id, cell),
    event: (event) => this.taken.events.push(event),
    columns: undefined,
  };

  /** Everybody who was on the way goes on by their step. */
  private glideOn(ticks: number): void {
    const { gliding, stepX, stepY } = this.glide;
    const { xs, ys } = this.entities;
    for (let i = 0; i < gliding.length; i++) {
      const slot = gliding[i] as number;
      xs[slot] = within((xs[slot] as number) * GRID + ticks * (stepX[slot] as number)) / GRID;
      ys[slot] = within((ys[slot] as number) * GRID + ticks * (stepY[slot] as number)) / GRID;
    }
  }

  private rowOf(id: EntityId, cell: CellKey): number {
    let slot = this.entities.slotOf(id);
    if (slot < 0) {
      slot = this.entities.spawn(id);
      this.glide.begin(slot);
      this.taken.added.push(id);
    }
    this.cellOf[slot] = cell;
    this.rowIn[slot] = this.frame;
    return slot;
  }

  private drop(id: EntityId, slot: number): void {
    this.glide.rest(slot);
    this.entities.remove(id);
    this.taken.removed.push(id);
  }

  /** Who left a cell is gone unless another part of the frame has a row of them, or an earlier frame showed them elsewhere. */
  private removeGone(): void {
    const { gone } = this.taken;
    for (let i = 0; i < gone.length; i += 2) {
      const id = gone[i] as EntityId;
      const slot = this.entities.slotOf(id);
      if (slot < 0 || this.rowIn[slot] === this.frame || this.cellOf[slot] !== gone[i + 1]) continue;
      this.drop(id, slot);
    }
  }

  /** Removes what lies in a left or newly shown cell, or anywhere in a fresh frame, and has no row in this frame. */
  private sweep(isFresh: boolean): void {
    const { swept } = this.taken;
    for (let slot = 0; slot < this.entities.slotCount; slot++) {
      const id = this.entities.idAt(slot);
      if (id === 0 || this.rowIn[slot] === this.frame) continue;
      if (!isFresh && !swept.has(this.cellOf[slot] as CellKey)) continue;
      this.drop(id, slot);
    }
  }
}

function within(at: number): number {
  return Math.max(-EDGE, Math.min(EDGE, at)) + 0;
}

interface Taken {
  events: WorldEvent[];
  added: EntityId[];
  removed: EntityId[];
  /** Pairs of id and cell. */
  readonly gone: number[];
  readonly swept: Set<CellKey>;
}
