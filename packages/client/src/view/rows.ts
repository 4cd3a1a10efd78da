// The entities to draw, as objects an author reads: made once per slot, filled anew for every frame. Columns stay columns.
import { type EntityColumns, type EntityKindInfo, FIELD, type Manifest, type Scalar } from "@sojourn/protocol";
import type { ViewEntity } from "../visitor.ts";

export interface Row extends ViewEntity {
  id: number;
  kind: EntityKindInfo;
  name: string;
  isMe: boolean;
  x: number;
  y: number;
  facing: number;
  moving: boolean;
  health: number;
  holding: string | undefined;
  state: number;
  flags: number;
  readonly components: { [name: string]: Scalar };
}

/** Shown for an entity whose kind the manifest does not list: there, but nothing is known of it. */
const UNKNOWN_KIND: EntityKindInfo = { kind: "unknown", title: "", sprite: "unknown", solid: false, width: 1, height: 1 };

export class Rows {
  private readonly manifest: Manifest;
  private readonly rows: Row[] = [];
  /** By slot: the frame that a row was last filled after. */
  private readonly filledIn: number[] = [];

  constructor(manifest: Manifest) {
    this.manifest = manifest;
  }

  kindOf(look: number): EntityKindInfo {
    return this.manifest.entityKinds[look] ?? UNKNOWN_KIND;
  }

  /**
   * The row of a slot with everything but its place, which the caller knows better. `toldIn`: the frame that last told of it; while
   * that is the same there is nothing to fill.
   */
  fill(columns: EntityColumns, slot: number, toldIn: number): Row {
    const row = this.rows[slot] ?? this.make(slot);
    if (this.filledIn[slot] === toldIn) return row;
    this.filledIn[slot] = toldIn;
    row.id = columns.idAt(slot);
    row.kind = this.kindOf(columns.read(FIELD.look, slot) as number);
    row.name = columns.read(FIELD.name, slot) as string;
    row.facing = columns.read(FIELD.facing, slot) as number;
    row.health = columns.read(FIELD.health, slot) as number;
    row.holding = this.manifest.itemKinds[(columns.read(FIELD.holding, slot) as number) - 1]?.kind;
    row.state = columns.read(FIELD.state, slot) as number;
    row.flags = columns.read(FIELD.flags, slot) as number;
    this.fillComponents(columns, slot, row.components);
    return row;
  }

  private fillComponents(columns: EntityColumns, slot: number, components: { [name: string]: Scalar }): void {
    const declared = this.manifest.components;
    const first = columns.table.fields.length - declared.length;
    for (let i = 0; i < declared.length; i++) {
      const { name, type } = declared[i] as (typeof declared)[number];
      const value = columns.read(first + i, slot);
      components[name] = type === "bool" ? value === 1 : value;
    }
  }

  private make(slot: number): Row {
    const row = blankRow();
    this.rows[slot] = row;
    return row;
  }
}

export function blankRow(): Row {
  return {
    id: 0,
    kind: UNKNOWN_KIND,
    name: "",
    isMe: false,
    x: 0,
    y: 0,
    facing: 64,
    moving: false,
    health: 255,
    holding: undefined,
    state: 0,
    flags: 0,
    components: {},
  };
}
