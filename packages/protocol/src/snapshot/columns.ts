// Entities as columns: one typed array per field, one slot per entity. The world writes them, the client reads them.
// Law: setting a field to what it was costs a comparison and leaves no trace; nothing is allocated per entity and tick.
import type { EntityId } from "../ids.ts";
import { GRID, WORLD_EDGE } from "../motion/step.ts";
import type { Scalar } from "../schema.ts";
import { isTextWithin } from "../text.ts";
import { FIELD, type Field, type FieldKind, type FieldTable } from "./fields.ts";

type Numbers = Float64Array | Float32Array | Uint32Array | Uint16Array | Int16Array | Uint8Array;
type Column = Numbers | string[];

/** Who is told of changes as they happen; the encoder. */
export interface Watcher {
  spawned(slot: number): void;
  /** Called while the row still stands. */
  removed(slot: number, id: EntityId): void;
  /** Called when fields took other values, with their bits: often, so it must be cheap. */
  changed(slot: number, bits: number): void;
}

const FIRST_CAPACITY = 64;

export class EntityColumns {
  readonly table: FieldTable;
  /** Told of every change; at most one. */
  watcher: Watcher | undefined;
  private readonly columns: Column[];
  private readonly slots = new Map<EntityId, number>();
  private idOf: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_CAPACITY);
  private readonly free: number[] = [];
  private used = 0;

  constructor(table: FieldTable) {
    this.table = table;
    this.columns = table.fields.map((field) => newColumn(field.kind, FIRST_CAPACITY));
  }

  get count(): number {
    return this.slots.size;
  }

  /** Slots in use lie below this; an id of 0 there marks a free one. */
  get slotCount(): number {
    return this.used;
  }

  /** Positions by slot, units. The array is another one after a spawn. */
  get xs(): Float64Array {
    return this.columns[FIELD.x] as Float64Array;
  }

  get ys(): Float64Array {
    return this.columns[FIELD.y] as Float64Array;
  }

  /** Every entity's id, oldest first. */
  ids(): IterableIterator<EntityId> {
    return this.slots.keys();
  }

  has(id: EntityId): boolean {
    return this.slots.has(id);
  }

  /** The entity's slot, or -1. It keeps it for as long as it lives. */
  slotOf(id: EntityId): number {
    return this.slots.get(id) ?? -1;
  }

  /** The entity in a slot, 0 when it is free. */
  idAt(slot: number): EntityId {
    return this.idOf[slot] ?? 0;
  }

  /** A new entity with every field at 0, false or "". Returns its slot. Throws when the id is taken or no entity id. */
  spawn(id: EntityId): number {
    if (!Number.isInteger(id) || id < 1 || id > 0xffff_ffff) throw new RangeError(`no entity id: ${id}`);
    if (this.slots.has(id)) throw new Error(`entity ${id} is there already`);
    const slot = this.free.pop() ?? this.used++;
    if (slot >= this.idOf.length) this.grow();
    this.slots.set(id, slot);
    this.idOf[slot] = id;
    for (const column of this.columns) column[slot] = Array.isArray(column) ? "" : 0;
    this.watcher?.spawned(slot);
    return slot;
  }

  /** Whether there was such an entity; it is gone now. */
  remove(id: EntityId): boolean {
    const slot = this.slots.get(id);
    if (slot === undefined) return false;
    this.watcher?.removed(slot, id);
    this.slots.delete(id);
    this.idOf[slot] = 0;
    this.free.push(slot);
    return true;
  }

  clear(): void {
    for (const id of [...this.slots.keys()]) this.remove(id);
  }

  /** A field's value by name. Throws on an id or a name that is not there. Positions in units. */
  get(name: string, id: EntityId): Scalar {
    const field = this.fieldNamed(name);
    const value = this.read(field.index, this.slotNamed(id));
    return field.kind === "bool" ? value === 1 : value;
  }

  /** Sets a field by name. Throws on an id or a name that is not there, or a value the field cannot hold. Positions are snapped. */
  set(name: string, id: EntityId, value: Scalar): void {
    this.write(this.fieldNamed(name).index, this.slotNamed(id), value);
  }

  /** A field's stored value by place and slot: text, or a number (a bool is 0 or 1). For loops. */
  read(field: number, slot: number): number | string {
    return (this.columns[field] as Column)[slot] as number | string;
  }

  /** Sets a field by place and slot. Throws on a value the field cannot hold. For loops. */
  write(field: number, slot: number, value: Scalar): void {
    const column = this.columns[field] as Column;
    const stored = storable(this.table.fields[field] as Field, value);
    if (column[slot] === stored) return;
    column[slot] = stored;
    this.watcher?.changed(slot, 1 << field);
  }

  /** Moves an entity to a point of the grid, as stepBody returns it. The quick way for the hot loop. */
  moveTo(slot: number, x: number, y: number): void {
    const xs = this.xs;
    const ys = this.ys;
    if (!isOnGrid(x) || !isOnGrid(y)) throw new RangeError(`not a point of the grid: ${x}, ${y}`);
    const bits = (xs[slot] === x ? 0 : 1 << FIELD.x) | (ys[slot] === y ? 0 : 1 << FIELD.y);
    if (bits === 0) return;
    xs[slot] = x;
    ys[slot] = y;
    this.watcher?.changed(slot, bits);
  }

  /** Sets a field to a value that a decoder has already found fit. Tells no watcher. */
  put(field: number, slot: number, stored: number | string): void {
    (this.columns[field] as Column)[slot] = stored;
  }

  private fieldNamed(name: string): Field {
    const index = this.table.indexOf.get(name);
    if (index === undefined) throw new Error(`no field "${name}"`);
    return this.table.fields[index] as Field;
  }

  private slotNamed(id: EntityId): number {
    const slot = this.slots.get(id);
    if (slot === undefined) throw new Error(`no entity ${id}`);
    return slot;
  }

  private grow(): void {
    const capacity = this.idOf.length * 2;
    this.table.fields.forEach((field, i) => {
      const old = this.columns[i] as Column;
      if (Array.isArray(old)) return;
      const column = newColumn(field.kind, capacity) as Numbers;
      column.set(old);
      this.columns[i] = column;
    });
    const ids = new Uint32Array(capacity);
    ids.set(this.idOf);
    this.idOf = ids;
  }
}

function isOnGrid(value: number): boolean {
  return Math.abs(value) <= WORLD_EDGE && Number.isInteger(value * GRID);
}

function newColumn(kind: FieldKind, capacity: number): Column {
  switch (kind) {
    case "coord":
      return new Float64Array(capacity);
    case "f32":
      return new Float32Array(capacity);
    case "u32":
      return new Uint32Array(capacity);
    case "u16":
      return new Uint16Array(capacity);
    case "i16":
      return new Int16Array(capacity);
    case "u8":
    case "bool":
      return new Uint8Array(capacity);
    case "text":
      return [];
  }
}

const RANGES: { readonly [kind: string]: readonly [number, number] } = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  i16: [-0x8000, 0x7fff],
};

function storable(field: Field, value: Scalar): number | string {
  switch (field.kind) {
    case "coord":
      if (typeof value === "number" && Math.abs(value) <= WORLD_EDGE) return Math.round(value * GRID) / GRID + 0;
      break;
    case "f32":
      if (typeof value === "number" && Number.isFinite(Math.fround(value))) return Math.fround(value) + 0;
      break;
    case "bool":
      if (value === true || value === 1) return 1;
      if (value === false || value === 0) return 0;
      break;
    case "text":
      if (typeof value === "string" && isTextWithin(value, field.maxBytes)) return value;
      break;
    default: {
      const [min, max] = RANGES[field.kind] as readonly [number, number];
      if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value + 0;
    }
  }
  throw new RangeError(`${field.name} (${field.kind}) cannot be ${String(value)}`);
}
