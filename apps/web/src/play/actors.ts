// Entities as pictures: which frame of whom, where it stands, what it holds, what light it sheds. Remembers only how far each has walked.
import type { ViewEntity, ViewFrame } from "@sojourn/client";
import type { Manifest } from "@sojourn/protocol";
import { WHITE } from "../scene/colour.ts";
import { type Lamp, lampOf } from "../scene/lamps.ts";
import type { Region } from "../scene/quads.ts";
import type { Sprite } from "../scene/sprites.ts";
import type { TileBook } from "../scene/tile-book.ts";
import type { Wardrobe } from "../scene/wardrobe.ts";
import { figureRegion, isFigure } from "./avatars.ts";

interface Actor {
  x: number;
  y: number;
  walked: number;
  /** When a foot last touched the ground, in steps walked. */
  step: number;
  seenFrame: number;
}

/** Where pictures come from. */
export interface ActorPictures {
  readonly book: TileBook | undefined;
  readonly wardrobe: Wardrobe | undefined;
  place(key: string): Region | undefined;
}

export interface ActorFrame {
  readonly sprites: Sprite[];
  readonly lamps: Lamp[];
  /** Feet that touched the ground in this frame: texels. */
  readonly steps: { readonly x: number; readonly y: number }[];
}

const STEPS_PER_UNIT = 1.9;
/** One round of walking frames (500 ms of them) covers this much ground, so that feet do not slide. */
const STRIDE_UNITS = 2;
const STRIDE_MS = 500;
/** Where a hand is, texels of a 16-texel tile above the feet. */
const HAND_TEXELS = 7;
/** Held high, a light reaches further than on the ground. */
const CARRIED_REACH = 1.5;
/** Oneself while no authority sees one: half there. */
const GHOST_TINT = 0xffffffb0;
/** How high small figures are above their middle, units. */
const FIGURE_TOPS: { readonly [sprite: string]: number } = { cat: 0.45, rat: 0.2 };

/** Travellers always, and our art's figures where the world has no tile of that class. */
function isFigureHere(entity: ViewEntity, pictures: ActorPictures): boolean {
  const { sprite } = entity.kind;
  return sprite === "traveller" || (isFigure(sprite) && pictures.book?.byClass(sprite) === undefined);
}

export class Actors {
  private readonly known = new Map<number, Actor>();
  private frameNumber = 0;

  clear(): void {
    this.known.clear();
  }

  /** How far above its middle an entity's picture ends, units. */
  heightOf(entity: ViewEntity, pictures: ActorPictures, cellH: number): number {
    if (isFigureHere(entity, pictures)) return FIGURE_TOPS[entity.kind.sprite] ?? 1.2;
    const picture = pictures.book?.picture(spriteGid(entity, pictures.book) ?? 0);
    return picture === undefined ? Math.max(0.5, entity.kind.height / 2) : picture.region.h / cellH - 0.5;
  }

  draw(
    frame: ViewFrame,
    manifest: Manifest | undefined,
    pictures: ActorPictures,
    cell: { w: number; h: number },
    timeMs: number,
  ): ActorFrame {
    this.frameNumber++;
    const out: ActorFrame = { sprites: [], lamps: [], steps: [] };
    for (const entity of frame.entities) {
      if (entity.kind.sprite === "") continue;
      if (isFigureHere(entity, pictures)) this.drawFigure(out, entity, manifest, pictures, cell, timeMs, frame.ghost);
      else drawThing(out, entity, pictures, cell, timeMs);
    }
    for (const [id, actor] of this.known) if (actor.seenFrame !== this.frameNumber) this.known.delete(id);
    return out;
  }

  private drawFigure(
    out: ActorFrame,
    entity: ViewEntity,
    manifest: Manifest | undefined,
    pictures: ActorPictures,
    cell: { w: number; h: number },
    timeMs: number,
    ghost: boolean,
  ): void {
    const actor = this.track(entity);
    const foot = (entity.y + entity.kind.height / 2) * cell.h;
    const x = entity.x * cell.w;
    const steps = Math.floor(actor.walked * STEPS_PER_UNIT);
    if (steps !== actor.step && entity.moving) out.steps.push({ x, y: foot });
    actor.step = steps;
    const shadow = pictures.place("shadow");
    const scale = cell.w / 16;
    if (shadow !== undefined) out.sprites.push(standing(shadow, x, foot + 1.5 * scale, scale, foot, -2, WHITE));
    const direction = ((entity.facing + 32) & 255) >> 6;
    const walkedMs = (actor.walked / STRIDE_UNITS) * STRIDE_MS;
    const region = pictures.wardrobe === undefined ? pictures.place("unknown") : figureRegion(entity, pictures.wardrobe, walkedMs, timeMs);
    if (region === undefined) return;
    const held = heldItem(entity, manifest, pictures, timeMs);
    const hand = held === undefined ? undefined : handSprite(held, x, foot, direction, steps, entity.moving, scale);
    if (hand !== undefined && hand.lift < 0) out.sprites.push(hand);
    const tint = ghost && entity.isMe ? GHOST_TINT : WHITE;
    out.sprites.push(standing(region, x, foot + scale, scale, foot, 0, tint));
    if (hand !== undefined && hand.lift >= 0) out.sprites.push(hand);
    const lamp = held === undefined || entity.components.lit === false ? undefined : lampOf(held.info, x, foot - 12 * scale, cell.w);
    if (lamp !== undefined) out.lamps.push({ ...lamp, radius: lamp.radius * CARRIED_REACH, seed: entity.id, fire: true });
    else if (entity.isMe) out.lamps.push(ownGlow(x, foot - 10 * scale, cell.w));
  }

  private track(entity: ViewEntity): Actor {
    let actor = this.known.get(entity.id);
    if (actor === undefined) {
      actor = { x: entity.x, y: entity.y, walked: 0, step: 0, seenFrame: 0 };
      this.known.set(entity.id, actor);
    }
    const moved = Math.hypot(entity.x - actor.x, entity.y - actor.y);
    if (moved < 2) actor.walked += moved;
    actor.x = entity.x;
    actor.y = entity.y;
    actor.seenFrame = this.frameNumber;
    return actor;
  }
}

/** So that one always finds oneself in the dark. */
function ownGlow(x: number, y: number, cell: number): Lamp {
  return { x, y, radius: 2.6 * cell, colour: 0xb8b0d0ff, strength: 0.3, seed: 0, fire: false };
}

/** A picture whose lower edge's middle is at x, foot. */
function standing(region: Region, x: number, bottom: number, scale: number, foot: number, lift: number, tint: number): Sprite {
  const w = region.w * scale;
  const h = region.h * scale;
  return { region, x: x - w / 2, y: bottom - h, w, h, flips: 0, tint, angle: 0, foot, lift };
}

type Held = NonNullable<ReturnType<TileBook["picture"]>>;

function heldItem(entity: ViewEntity, manifest: Manifest | undefined, pictures: ActorPictures, timeMs: number): Held | undefined {
  if (entity.holding === undefined) return undefined;
  const sprite = manifest?.itemKinds.find(({ kind }) => kind === entity.holding)?.sprite ?? entity.holding;
  const gid = pictures.book?.byClass(sprite);
  const own = gid === undefined ? undefined : pictures.book?.pictureAt(gid, timeMs);
  const still = gid === undefined ? undefined : pictures.book?.picture(gid);
  return own === undefined || still === undefined ? undefined : { ...own, info: still.info };
}

/** The thing in hand: beside the body, behind it when one looks away; it swings with the steps. */
function handSprite(held: Held, x: number, foot: number, direction: number, steps: number, moving: boolean, scale: number): Sprite {
  const side = direction === 2 || direction === 1 ? -1 : 1;
  const away = direction === 3;
  const size = (11 * scale * held.region.w) / 16;
  const swing = moving && steps % 2 === 0 ? -scale : 0;
  const cx = x + (away ? 5 : side * (direction === 1 ? 6 : 5)) * scale;
  const cy = foot - HAND_TEXELS * scale + swing;
  return {
    region: held.region,
    x: cx - size / 2,
    y: cy - size * 0.62,
    w: size,
    h: size,
    flips: side < 0 ? 1 : 0,
    tint: WHITE,
    angle: 0,
    foot,
    lift: away ? -1 : 1,
  };
}

/** The tile of an entity's class; one for its present state where the author drew one (`lever-1`). */
function spriteGid(entity: ViewEntity, book: TileBook): number | undefined {
  const { sprite } = entity.kind;
  return (entity.state > 0 ? book.byClass(`${sprite}-${entity.state}`) : undefined) ?? book.byClass(sprite);
}

function drawThing(out: ActorFrame, entity: ViewEntity, pictures: ActorPictures, cell: { w: number; h: number }, timeMs: number): void {
  const { book } = pictures;
  const gid = book === undefined ? undefined : spriteGid(entity, book);
  const picture = gid === undefined ? undefined : book?.pictureAt(gid, timeMs);
  const region = picture?.region ?? pictures.place("unknown");
  if (region === undefined) return;
  const scale = picture === undefined ? cell.w / 16 : 1;
  const h = region.h * scale;
  const bottom = entity.y * cell.h + Math.min(h, cell.h) / 2;
  const flips = entity.facing > 64 && entity.facing < 192 && !entity.kind.solid ? 1 : 0;
  const lying = entity.kind.kind.startsWith("item.");
  const bob = lying ? Math.round(Math.sin(timeMs / 420 + entity.id * 1.7) * 1) * scale - 1 : 0;
  const foot = entity.y * cell.h + (entity.kind.height / 2) * cell.h;
  if (lying) {
    const shadow = pictures.place("shadow");
    if (shadow !== undefined) out.sprites.push(standing(shadow, entity.x * cell.w, bottom, (cell.w / 16) * 0.8, foot, -2, 0xffffffb0));
  }
  out.sprites.push({ ...standing(region, entity.x * cell.w, bottom + bob, scale, foot, 0, WHITE), flips });
  const lamp =
    entity.components.lit === false || gid === undefined
      ? undefined
      : lampOf(book?.picture(gid)?.info, entity.x * cell.w, bottom - h / 2, cell.w);
  if (lamp !== undefined) out.lamps.push({ ...lamp, seed: entity.id });
}
