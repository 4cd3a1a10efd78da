// Static objects as chunks hold them. Positions and sizes are whole 1/256 units, rotations whole 1/1000 degrees, so that the
// same object has the same bytes on every machine. Pure.
import { DID_KEY_PATTERN, fail, ok, type Result, type TravellerId } from "@sojourn/protocol";
import { encodeNode, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { badShape, Fields, intWithin } from "./fields.ts";
import { propertiesNode, readProperties, utf8Bytes, wrongProperties } from "./properties.ts";
import type { Box, StaticObject } from "./types.ts";

export const STEPS_PER_UNIT = 256;
const COORDINATE_STEPS = LIMITS.coordinateTiles * STEPS_PER_UNIT;
const SIZE_STEPS = LIMITS.objectUnits * STEPS_PER_UNIT;
const ROTATION_STEPS = 360_000;
const OPACITY_STEPS = 1_000;
const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:@#-]*$/;

/** Units → whole 1/256 units. */
export function toSteps(units: number): number {
  return Math.round(units * STEPS_PER_UNIT) + 0;
}

/** The object as it will be read back: positions snapped, rotation brought into 0 … 360, defaults left out. */
export function settledObject(object: StaticObject): StaticObject {
  return readObject(objectNode(object), "object");
}

/**
 * Whether a version can hold the object. A world asks this when something is placed, so that saving never fails later.
 * Faults: `malformed` (a field out of range), `oversized` (too long for its place).
 */
export function checkStaticObject(object: StaticObject): Result<void> {
  const wrong = wrongObject(object);
  if (wrong !== undefined) return fail("malformed", "client", `object ${JSON.stringify(String(object.id).slice(0, 40))}: ${wrong}`);
  const encoded = encodeNode(objectNode(object));
  if (!encoded.ok) return encoded;
  if (encoded.value.length > LIMITS.objectBytes) {
    return fail("oversized", "client", `object "${object.id}" takes ${encoded.value.length} bytes; ${LIMITS.objectBytes} are allowed`);
  }
  return ok(undefined);
}

function wrongObject(object: StaticObject): string | undefined {
  const within = (value: number | undefined, limit: number): boolean =>
    value === undefined || (Number.isFinite(value) && Math.abs(value) <= limit);
  if (!ID_PATTERN.test(object.id) || object.id.length > LIMITS.idBytes)
    return "its id must be a letter or digit, then letters, digits and . _ : @ # -";
  if (object.kind === "" || utf8Bytes(object.kind) > LIMITS.nameBytes) return `its kind must have 1 to ${LIMITS.nameBytes} bytes`;
  if (!within(object.x, LIMITS.coordinateTiles) || !within(object.y, LIMITS.coordinateTiles)) return "its position is out of range";
  for (const size of [object.width, object.height]) {
    if (size !== undefined && !(size > 0 && size <= LIMITS.objectUnits))
      return `its size must be above 0 and at most ${LIMITS.objectUnits} units`;
  }
  if (object.opacity !== undefined && !(object.opacity >= 0 && object.opacity <= 1)) return "its opacity must be from 0 to 1";
  if (!within(object.rotation, 1e9)) return "its rotation is out of range";
  if (!isCount(object.layer, LIMITS.layers - 1)) return "its layer is out of range";
  if (object.gid !== undefined && !isCount(object.gid, 0xffffffff)) return "its gid is out of range";
  if ((object.boxes?.length ?? 0) > LIMITS.boxesPerTile) return `it has more than ${LIMITS.boxesPerTile} solid boxes`;
  for (const [x0, y0, x1, y1] of object.boxes ?? []) {
    const isNear = [x0, y0, x1, y1].every((at) => within(at, LIMITS.objectUnits));
    if (!isNear || toSteps(x0) >= toSteps(x1) || toSteps(y0) >= toSteps(y1)) return "one of its solid boxes has no area or is too far away";
  }
  if (object.order !== undefined && !isCount(object.order, Number.MAX_SAFE_INTEGER)) return "its order is out of range";
  if (utf8Bytes(object.name ?? "") > LIMITS.nameBytes) return `its name is longer than ${LIMITS.nameBytes} bytes`;
  if (utf8Bytes(object.text ?? "") > LIMITS.textBytes) return `its text is longer than ${LIMITS.textBytes} bytes`;
  if (object.by !== undefined && !DID_KEY_PATTERN.test(object.by)) return "the traveller who placed it is no did:key";
  return object.properties === undefined ? undefined : wrongProperties(object.properties, "properties");
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

export function objectNode(object: StaticObject): NodeMap {
  const node: Record<string, NodeValue> = {
    id: object.id,
    kind: object.kind,
    x: toSteps(object.x),
    y: toSteps(object.y),
    layer: object.layer,
  };
  const width = Math.max(1, toSteps(object.width ?? 1));
  const height = Math.max(1, toSteps(object.height ?? 1));
  if (width !== STEPS_PER_UNIT || height !== STEPS_PER_UNIT) {
    node.w = width;
    node.h = height;
  }
  const rotation = ((Math.round((object.rotation ?? 0) * 1_000) % ROTATION_STEPS) + ROTATION_STEPS) % ROTATION_STEPS;
  if (rotation !== 0) node.rotation = rotation;
  if (object.gid !== undefined) node.gid = object.gid;
  if (object.order !== undefined) node.order = object.order;
  if (object.solid === true) node.solid = true;
  if (object.boxes !== undefined && object.boxes.length > 0) node.boxes = object.boxes.flatMap((box) => box.map(toSteps));
  if (object.hidden === true) node.hidden = true;
  const opacity = Math.round((object.opacity ?? 1) * OPACITY_STEPS) + 0;
  if (opacity !== OPACITY_STEPS) node.opacity = opacity;
  if (object.name !== undefined && object.name !== "") node.name = object.name;
  if (object.text !== undefined && object.text !== "") node.text = object.text;
  if (object.by !== undefined) node.by = object.by;
  if (object.properties !== undefined && Object.keys(object.properties).length > 0) node.properties = propertiesNode(object.properties);
  return node;
}

/** Throws BadShape. */
export function readObject(value: NodeValue, path: string): StaticObject {
  const fields = new Fields(value, path);
  const coordinate = (key: string): number => fields.int(key, -COORDINATE_STEPS, COORDINATE_STEPS) / STEPS_PER_UNIT;
  const size = (key: string): number => fields.int(key, 1, SIZE_STEPS) / STEPS_PER_UNIT;
  const id = fields.text("id", LIMITS.idBytes);
  if (!ID_PATTERN.test(id)) return badShape(`${path}.id is no id`);
  const object: StaticObject = {
    id,
    kind: fields.text("kind", LIMITS.nameBytes),
    x: coordinate("x"),
    y: coordinate("y"),
    layer: fields.int("layer", 0, LIMITS.layers - 1),
    ...fields.optional("gid", (f, key) => f.int(key, 0, 0xffffffff)),
    ...(fields.has("w") ? { width: size("w"), height: size("h") } : {}),
    ...fields.optional("rotation", (f, key) => f.int(key, 1, ROTATION_STEPS - 1) / 1_000),
    ...fields.optional("solid", (f, key) => f.truth(key)),
    ...fields.optional("boxes", (f) => readOwnBoxes(f, path)),
    ...fields.optional("hidden", (f, key) => f.truth(key)),
    ...fields.optional("opacity", (f, key) => f.int(key, 0, OPACITY_STEPS - 1) / OPACITY_STEPS),
    ...fields.optional("name", (f, key) => f.text(key, LIMITS.nameBytes)),
    ...fields.optional("text", (f, key) => f.text(key, LIMITS.textBytes)),
    ...fields.optional("by", (f, key) => readTraveller(f.text(key, LIMITS.idBytes), path)),
    ...fields.optional("order", (f, key) => f.int(key, 0, Number.MAX_SAFE_INTEGER)),
    ...fields.optional("properties", (f, key) => readProperties(f.raw(key), `${path}.properties`)),
  };
  fields.end();
  return object;
}

function readOwnBoxes(fields: Fields, path: string): Box[] {
  const steps = fields.list("boxes", LIMITS.boxesPerTile * 4, (item, at) => intWithin(item, -SIZE_STEPS, SIZE_STEPS, at) / STEPS_PER_UNIT);
  const boxes = Array.from({ length: steps.length / 4 }, (_, i) => steps.slice(4 * i, 4 * i + 4) as unknown as Box);
  const areSound = steps.length % 4 === 0 && boxes.every(([x0, y0, x1, y1]) => x0 < x1 && y0 < y1);
  return areSound ? boxes : badShape(`${path}.boxes must be boxes with an area`);
}

function readTraveller(text: string, path: string): TravellerId {
  return DID_KEY_PATTERN.test(text) ? text : badShape(`${path}.by is no did:key`);
}
