// What travellers build: a record at once, an entity until the next substrate version holds it, a static object for good.
// Every build that is accepted can be exported: its size, its place and its chunk's share are checked when it is placed.
import {
  type Build,
  CUSTODY,
  FIELD,
  type Item,
  LIMITS,
  overlaps,
  type Point,
  type Scalar,
  snap,
  type TravellerId,
} from "@sojourn/protocol";
import { chunkAt, type StaticObject, LIMITS as SUBSTRATE_LIMITS, type SubstrateVersion } from "@sojourn/substrate";
import { BUILD_LIMITS } from "../limits.ts";
import { unseen } from "./belongings.ts";
import { placeOf } from "./kinds.ts";
import type { Avatar, Stage } from "./stage.ts";
import { cutBytes, shownWords } from "./words.ts";

/** A build as its record keeps it: plain facts, apart from any version's tiles. */
export interface BuildFacts {
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly by: TravellerId;
  readonly byName: string;
  readonly text: string;
  readonly sprite: string;
  readonly width: number;
  readonly height: number;
  readonly solid: boolean;
}

/** Why this cannot be placed there; undefined when it can. */
export function whyNotPlace(stage: Stage, avatar: Avatar, item: Item, at: Point): string | undefined {
  const place = placeOf(stage.options.kinds.items.get(item.kind));
  if (place === undefined) return "This cannot be placed here.";
  if (item.contents.length > 0) return "Empty it first.";
  const { ground } = stage.options;
  if (!ground.isInside(at)) return "That is outside of the world.";
  const width = place.width ?? 1;
  const height = place.height ?? 1;
  const box = { ...stage.options.physics, bodyWidth: Math.min(8, width * 0.8), bodyHeight: Math.min(8, height * 0.8) };
  if (overlaps(at, box, stage.solids)) return "Something stands there.";
  if (place.solid === true && isSomebodyThere(stage, at, width, height)) return "Somebody stands there.";
  if (ground.zones.some((zone) => zone.class.toLowerCase() === "portal" && ground.holds(zone, at))) return "Keep the portal clear.";
  if (stage.custody.builds.size >= CUSTODY.builds) return "Nothing more can be built in this world.";
  const mine = countWhere(stage, (facts) => facts.by === avatar.traveller);
  if (mine >= BUILD_LIMITS.perTraveller) return `One traveller may place ${BUILD_LIMITS.perTraveller} things in this world.`;
  const { version } = ground.view;
  const here = chunkAt(version.bounds, at.x, at.y);
  const near = countWhere(stage, (facts) => sameChunk(version, facts, here));
  const standing = ground.view.loaded(here.cx, here.cy)?.objects.length ?? 0;
  if (near >= BUILD_LIMITS.perChunk || standing + near >= SUBSTRATE_LIMITS.objectsPerChunk) return "There is too much built here already.";
  const crowded = countWhere(stage, (facts) => apart(facts, at) < BUILD_LIMITS.spacing) > 0;
  return crowded ? "Something is built there already." : undefined;
}

/** Of what stands. */
function countWhere(stage: Stage, is: (facts: BuildFacts) => boolean): number {
  let count = 0;
  for (const build of stage.custody.builds.values()) if (build.isGone !== true && is(factsOf(build))) count += 1;
  return count;
}

function sameChunk(version: SubstrateVersion, at: Point, chunk: { cx: number; cy: number }): boolean {
  const there = chunkAt(version.bounds, at.x, at.y);
  return there.cx === chunk.cx && there.cy === chunk.cy;
}

function apart(a: Point, b: Point): number {
  return Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
}

function isSomebodyThere(stage: Stage, at: Point, width: number, height: number): boolean {
  const { bodyWidth, bodyHeight } = stage.options.physics;
  for (const avatar of stage.avatars.values()) {
    const body = stage.entities.at(avatar.entity);
    if (Math.abs(body.x - at.x) < (width + bodyWidth) / 2 && Math.abs(body.y - at.y) < (height + bodyHeight) / 2) return true;
  }
  return false;
}

/** Builds: the item ends, the build is recorded and seen at once. Ask {@link whyNotPlace} first. */
export function placeBuild(stage: Stage, avatar: Avatar, item: Item, at: Point, words: string | undefined): void {
  const place = placeOf(stage.options.kinds.items.get(item.kind)) ?? {};
  const definition = stage.options.kinds.items.get(item.kind);
  const text = place.text === true && words !== undefined ? shownWords(words, LIMITS.placedTextBytes) : "";
  const facts: BuildFacts = {
    kind: item.kind,
    x: snap(at.x),
    y: snap(at.y),
    by: avatar.traveller,
    byName: avatar.name,
    text,
    sprite: place.sprite ?? definition?.sprite ?? item.kind,
    width: place.width ?? 1,
    height: place.height ?? 1,
    solid: place.solid ?? false,
  };
  // The item's own name is unique for ever, and so is the build's.
  const id = `b${item.id}`;
  stage.options.ledger.write({ r: "build", id, object: { ...facts } as { [name: string]: Scalar }, item: item.id });
  unseen(stage, item.id, { in: "inventory", of: avatar.traveller });
  showBuild(stage, stage.custody.builds.get(id) as Build);
}

/** The entity of a build that the served version does not hold. */
export function showBuild(stage: Stage, build: Build): void {
  const facts = factsOf(build);
  const kind = `build.${facts.kind}`;
  if (!stage.options.kinds.entityKinds.some((known) => known.kind === kind)) return;
  const info = stage.entities.spawn({ is: "build", build: build.id }, kind, facts);
  if (info === undefined) return;
  stage.entities.write(info, FIELD.name, cutBytes(facts.text, LIMITS.nameBytes));
  stage.built.set(build.id, info.id);
}

export function hideBuild(stage: Stage, id: string): void {
  const entity = stage.built.get(id);
  if (entity !== undefined) stage.entities.remove(entity);
  stage.built.delete(id);
}

export function factsOf(build: Build): BuildFacts {
  return build.object as unknown as BuildFacts;
}

/** A build as the static object of a version: its picture is the version's first tile of that class, if there is one. */
export function staticObjectOf(build: Build, version: SubstrateVersion): StaticObject {
  const { kind, x, y, by, text, sprite, width, height, solid } = factsOf(build);
  const gid = gidOfClass(version, sprite);
  return {
    id: build.id,
    kind,
    x,
    y,
    layer: version.placedLayer,
    width,
    height,
    by,
    ...(gid === undefined ? {} : { gid }),
    ...(solid ? { solid } : {}),
    ...(text === "" ? {} : { text }),
  };
}

function gidOfClass(version: SubstrateVersion, sprite: string): number | undefined {
  for (const tileset of version.tilesets) {
    const tile = tileset.tiles.find((one) => one.class === sprite);
    if (tile !== undefined) return tileset.firstGid + tile.id;
  }
  return undefined;
}
