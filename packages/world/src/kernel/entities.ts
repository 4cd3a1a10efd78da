// What is in the live world: rows in the protocol's columns, and beside each row what only the authority knows of it.
import {
  type CellKey,
  cellAt,
  ENTITY_FLAGS,
  type EntityColumns,
  FIELD,
  type Point,
  type Scalar,
  type Solids,
  type TravellerId,
} from "@sojourn/protocol";
import { WORLD_LIMITS } from "../limits.ts";
import type { KindTable } from "./kinds.ts";

/** What an entity stands for. */
export type Role =
  | { readonly is: "traveller"; readonly traveller: TravellerId }
  | { readonly is: "thing"; readonly thing: string }
  | { readonly is: "item"; readonly item: string; readonly kind: string }
  | { readonly is: "build"; readonly build: string };

export interface EntityInfo {
  readonly id: number;
  readonly kind: string;
  readonly role: Role;
  readonly slot: number;
  readonly isSolid: boolean;
  readonly width: number;
  readonly height: number;
}

/** Side of the squares solid entities are filed in, units. */
const SOLID_SQUARE = 8;

export class Entities {
  readonly columns: EntityColumns;
  readonly #kinds: KindTable;
  readonly #infos = new Map<number, EntityInfo>();
  readonly #solids = new Map<number, Set<EntityInfo>>();
  readonly #inCell = new Map<CellKey, number>();
  #nextId = 1;

  constructor(columns: EntityColumns, kinds: KindTable) {
    this.columns = columns;
    this.#kinds = kinds;
  }

  get count(): number {
    return this.#infos.size;
  }

  /** Entities in the cell of a point. */
  countAt(at: Point): number {
    return this.#inCell.get(cellAt(at.x, at.y)) ?? 0;
  }

  /** A new entity; undefined when the world, or this part of it, is full of them. A traveller's body always finds room. */
  spawn(role: Role, kind: string, at: Point, name = ""): EntityInfo | undefined {
    const isFull = this.#infos.size >= WORLD_LIMITS.entities || this.countAt(at) >= WORLD_LIMITS.entitiesPerCell;
    if (isFull && role.is !== "traveller") return undefined;
    const look = this.#kinds.lookOf(kind);
    const shape = this.#kinds.entityKinds[look] as KindTable["entityKinds"][number];
    const id = this.#nextId++;
    const slot = this.columns.spawn(id);
    this.columns.moveTo(slot, at.x, at.y);
    this.columns.write(FIELD.look, slot, look);
    this.columns.write(FIELD.name, slot, name);
    if (shape.interact !== undefined) this.columns.write(FIELD.flags, slot, ENTITY_FLAGS.usable);
    const info: EntityInfo = { id, kind, role, slot, isSolid: shape.solid, width: shape.width, height: shape.height };
    this.#infos.set(id, info);
    this.#count(cellAt(at.x, at.y), 1);
    this.#file(info);
    return info;
  }

  remove(id: number): void {
    const info = this.#infos.get(id);
    if (info === undefined) return;
    this.#unfile(info);
    this.#count(this.#cellOf(info), -1);
    this.columns.remove(id);
    this.#infos.delete(id);
  }

  info(id: number): EntityInfo | undefined {
    return this.#infos.get(id);
  }

  all(): IterableIterator<EntityInfo> {
    return this.#infos.values();
  }

  at(info: EntityInfo): Point {
    return { x: this.columns.xs[info.slot] as number, y: this.columns.ys[info.slot] as number };
  }

  moveTo(info: EntityInfo, to: Point): void {
    if (info.isSolid) this.#unfile(info);
    const before = this.#cellOf(info);
    this.columns.moveTo(info.slot, to.x, to.y);
    const after = cellAt(to.x, to.y);
    if (before !== after) {
      this.#count(before, -1);
      this.#count(after, 1);
    }
    if (info.isSolid) this.#file(info);
  }

  write(info: EntityInfo, field: number, value: Scalar): void {
    this.columns.write(field, info.slot, value);
  }

  read(info: EntityInfo, field: number): number | string {
    return this.columns.read(field, info.slot);
  }

  /** Entities whose centre is within `radius` units, nearest first. */
  near(point: Point, radius: number): EntityInfo[] {
    const { xs, ys } = this.columns;
    const found: { info: EntityInfo; far: number }[] = [];
    for (const info of this.#infos.values()) {
      const dx = (xs[info.slot] as number) - point.x;
      const dy = (ys[info.slot] as number) - point.y;
      const far = dx * dx + dy * dy;
      if (far <= radius * radius) found.push({ info, far });
    }
    return found.sort((a, b) => a.far - b.far).map(({ info }) => info);
  }

  /** How far a point is from an entity's box, units; 0 inside. */
  distance(point: Point, info: EntityInfo): number {
    const { x, y } = this.at(info);
    const dx = Math.max(0, Math.abs(point.x - x) - info.width / 2);
    const dy = Math.max(0, Math.abs(point.y - y) - info.height / 2);
    return Math.hypot(dx, dy);
  }

  /** The boxes of solid entities, beside those of the substrate. */
  readonly solids: Solids = {
    visit: (x0, y0, x1, y1, see) => {
      if (this.#solids.size === 0) return;
      for (let sy = square(y0); sy <= square(y1); sy++) {
        for (let sx = square(x0); sx <= square(x1); sx++) {
          const filed = this.#solids.get(squareKey(sx, sy));
          if (filed === undefined) continue;
          for (const info of filed) {
            const [left, top, right, bottom] = this.#box(info);
            if (left <= x1 && right >= x0 && top <= y1 && bottom >= y0) see(left, top, right, bottom);
          }
        }
      }
    },
  };

  #cellOf({ slot }: EntityInfo): CellKey {
    return cellAt(this.columns.xs[slot] as number, this.columns.ys[slot] as number);
  }

  #count(cell: CellKey, change: 1 | -1): void {
    const count = (this.#inCell.get(cell) ?? 0) + change;
    if (count === 0) this.#inCell.delete(cell);
    else this.#inCell.set(cell, count);
  }

  #box(info: EntityInfo): [number, number, number, number] {
    const { x, y } = this.at(info);
    return [x - info.width / 2, y - info.height / 2, x + info.width / 2, y + info.height / 2];
  }

  #squares(info: EntityInfo): number[] {
    const [left, top, right, bottom] = this.#box(info);
    const keys: number[] = [];
    for (let sy = square(top); sy <= square(bottom); sy++) {
      for (let sx = square(left); sx <= square(right); sx++) keys.push(squareKey(sx, sy));
    }
    return keys;
  }

  #file(info: EntityInfo): void {
    if (!info.isSolid) return;
    for (const key of this.#squares(info)) {
      const filed = this.#solids.get(key);
      if (filed === undefined) this.#solids.set(key, new Set([info]));
      else filed.add(info);
    }
  }

  #unfile(info: EntityInfo): void {
    if (!info.isSolid) return;
    for (const key of this.#squares(info)) {
      const filed = this.#solids.get(key);
      filed?.delete(info);
      if (filed?.size === 0) this.#solids.delete(key);
    }
  }
}

function square(units: number): number {
  return Math.floor(units / SOLID_SQUARE);
}

function squareKey(sx: number, sy: number): number {
  return sy * 0x100_0000 + sx;
}
