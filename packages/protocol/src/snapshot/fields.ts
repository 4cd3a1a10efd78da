// The one field table: what a row of an entity holds, in which order, and how each field lies in a frame. Encoder and decoder both read it.
//
//   bit  field    kind    in a frame                         bit  field    kind   in a frame
//   0    x        coord   u16, 1/256 unit within the cell     5    health   u8
//   1    y        coord   u16, 1/256 unit within the cell     6    holding  u8     0, or 1 + index into manifest.itemKinds
//   2    facing   u8      256ths of a turn, 0 right, 64 down  7    state    u8     the world author's own
//   3    look     u16     index into manifest.entityKinds     8    flags    u8     ENTITY_FLAGS
//   4    name     text    varint length, UTF-8                9 …  the manifest's components, in its order
import { LIMITS } from "../limits.ts";
import type { ComponentDeclaration } from "../messages.ts";

export type FieldKind = "coord" | "bool" | "u8" | "u16" | "u32" | "i16" | "f32" | "text";

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  /** Place in the row and bit in a field mask. */
  readonly index: number;
  /** Longest text, bytes of UTF-8; 0 for other kinds. */
  readonly maxBytes: number;
}

export interface FieldTable {
  readonly fields: readonly Field[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** The mask with every field's bit. */
  readonly fullMask: number;
}

/** Places of the core fields; components follow from CORE_FIELDS on. */
export const FIELD = { x: 0, y: 1, facing: 2, look: 3, name: 4, health: 5, holding: 6, state: 7, flags: 8 } as const;
export const CORE_FIELDS = 9;

/**
 * Bits of the `flags` field. traveller: a traveller's body · lingering: its link is lost · usable: `interact` does something ·
 * walking: it is on its way, so that one who hears nothing newer may show it going on a little.
 */
export const ENTITY_FLAGS = { traveller: 1, lingering: 2, usable: 4, walking: 8 } as const;

const CORE: readonly { readonly name: keyof typeof FIELD; readonly kind: FieldKind }[] = [
  { name: "x", kind: "coord" },
  { name: "y", kind: "coord" },
  { name: "facing", kind: "u8" },
  { name: "look", kind: "u16" },
  { name: "name", kind: "text" },
  { name: "health", kind: "u8" },
  { name: "holding", kind: "u8" },
  { name: "state", kind: "u8" },
  { name: "flags", kind: "u8" },
];

/** The table of a world: the core fields, then its declared components. Throws on too many components or a name used twice: check the manifest first. */
export function fieldTable(components: readonly ComponentDeclaration[]): FieldTable {
  if (components.length > LIMITS.components) throw new RangeError(`at most ${LIMITS.components} components`);
  const fields: Field[] = CORE.map(({ name, kind }, index) => ({ name, kind, index, maxBytes: kind === "text" ? LIMITS.nameBytes : 0 }));
  for (const { name, type } of components) {
    fields.push({ name, kind: type, index: fields.length, maxBytes: type === "text" ? LIMITS.propTextBytes : 0 });
  }
  const indexOf = new Map(fields.map((field) => [field.name, field.index]));
  if (indexOf.size !== fields.length) throw new Error("a component is named like another field");
  return { fields, indexOf, fullMask: 2 ** fields.length - 1 };
}
