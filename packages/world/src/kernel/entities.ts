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
import { type Box, Squares } from "./squares.ts";

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
  /** Whether its kind wants to know who touches it. */
  readonly isTouchable: boolean;
  readonly width: number;
  readonly height: number;
}

export class Entities {
  readonly columns: EntityColumns;
  readonly #kinds: KindTable;
  readonly #infos = new Map<number, EntityInfo>();
  readonly #solids = new Squares();
  readonly #touchables = new Squares();
  /** By kind of thing, oldest first. */
  readonly #things = new Map<string, Set<EntityInfo>>();
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
    const isTouchable = role.is === "thing" && this.#kinds.things.get(role.thing)?.onTouch !== undefined;
    const info: EntityInfo = { id, kind, role, slot, isSolid: shape.solid, isTouchable, width: shape.width, height: shape.height };
    this.#infos.set(id, info);
    if (role.is === "thing") this.#addThing(role.thing, info);
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
    if (info.role.is === "thing") this.#things.get(info.role.thing)?.delete(info);
  }

  info(id: number): EntityInfo | undefined {
    return this.#infos.get(id);
  }

  all(): IterableIterator<EntityInfo> {
    return this.#infos.values();
  }

  /** The things of a kind, oldest first. */
  things(kind: string): readonly EntityInfo[] {
    return [...(this.#things.get(kind) ?? [])];
  }

  /** Whether there is any thing that wants to know who touches it. */
  get hasTouchables(): boolean {
    return !this.#touchables.isEmpty;
  }

  /** Touchable things whose boxes may meet the area, each once, oldest first. */
  touchablesIn(x0: number, y0: number, x1: number, y1: number): EntityInfo[] {
    const found: EntityInfo[] = [];
    this.#touchables.visit(x0, y0, x1, y1, (info) => found.push(info));
    return found.length < 2 ? found : [...new Set(found)].sort((a, b) => a.id - b.id);
  }

  at(info: EntityInfo): Point {
    return { x: this.columns.xs[info.slot] as number, y: this.columns.ys[info.slot] as number };
  }

  moveTo(info: EntityInfo, to: Point): void {
    const isFiled = info.isSolid || info.isTouchable;
    if (isFiled) this.#unfile(info);
    const before = this.#cellOf(info);
    this.columns.moveTo(info.slot, to.x, to.y);
    const after = cellAt(to.x, to.y);
    if (before !== after) {
      this.#count(before, -1);
      this.#count(after, 1);
    }
    if (isFiled) this.#file(info);
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
      if (this.#solids.isEmpty) return;
      this.#solids.visit(x0, y0, x1, y1, (info) => {
        const [left, top, right, bottom] = this.#box(info);
        if (left <= x1 && right >= x0 && top <= y1 && bottom >= y0) see(left, top, right, bottom);
      });
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

  #box(info: EntityInfo): Box {
    const { x, y } = this.at(info);
    return [x - info.width / 2, y - info.height / 2, x + info.width / 2, y + info.height / 2];
  }

  #addThing(kind: string, info: EntityInfo): void {
    const things = this.#things.get(kind);
    if (things === undefined) this.#things.set(kind, new Set([info]));
    else things.add(info);
  }

  #file(info: EntityInfo): void {
    if (info.isSolid) this.#solids.file(info, this.#box(info));
    if (info.isTouchable) this.#touchables.file(info, this.#box(info));
  }

  #unfile(info: EntityInfo): void {
    if (info.isSolid) this.#solids.unfile(info, this.#box(info));
    if (info.isTouchable) this.#touchables.unfile(info, this.#box(info));
  }
}
