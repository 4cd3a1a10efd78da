// A visit as a picture: gathers what the visitor knows each frame (entities, lamps, portals, sparks) and hands it to the stage.
import type { ViewEntity, ViewFrame, Visitor } from "@sojourn/client";
import type { Chunk, SubstrateView } from "@sojourn/substrate";
import { SCENE, VIEW } from "../limits.ts";
import { prefersStillness } from "../page/element.ts";
import { BITS, drawBit } from "../scene/bits.ts";
import { follow, type Look, type Spot } from "../scene/camera.ts";
import { WHITE } from "../scene/colour.ts";
import { chunkLamps, type Lamp } from "../scene/lamps.ts";
import type { Light } from "../scene/lights.ts";
import type { Region } from "../scene/quads.ts";
import type { Sprite } from "../scene/sprites.ts";
import { Stage } from "../scene/stage.ts";
import { CHUNK_TILES } from "../scene/tile-chunk.ts";
import { type ActorPictures, Actors } from "./actors.ts";
import { FIGURE_SIDE, loadSheet, uiRegion } from "./avatars.ts";
import { type Burst, Particles } from "./particles.ts";

const PORTAL_COLOURS = [0xb79cffff, 0xf1eaffff, 0x8a6fd0ff];
const MIST_COLOUR = 0x3a3352ff;
const GHOST_FADE_MS = 900;
/** The camera looks at the body's middle, a little above the feet. */
const EYE_UNITS = 0.4;

export class SceneView {
  readonly stage: Stage;
  readonly particles: Particles = new Particles(Math.random);
  private readonly actors = new Actors();
  private readonly lampsOf = new WeakMap<Chunk, Lamp[]>();
  private readonly still = prefersStillness();
  private centre: Spot | undefined;
  private greyness = 0;
  private ratio = 1;
  private readonly equipped: Promise<void>;
  private ready: SubstrateView | undefined;
  private wanted: SubstrateView | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.stage = new Stage(canvas);
    this.equipped = this.equip();
    canvas.addEventListener("webglcontextrestored", () => {
      if (this.ready !== undefined) void this.stage.show(this.ready, true);
    });
  }

  /** True when this view's pictures are on the stage. */
  shows(view: SubstrateView | undefined): boolean {
    return view !== undefined && this.ready === view;
  }

  /** Puts a view on the stage; another one asked for meanwhile wins. Resolves with the number of pictures that could not be read. */
  async show(view: SubstrateView, sameWorld: boolean): Promise<number> {
    this.wanted = view;
    await this.equipped;
    const failed = await this.stage.show(view);
    if (this.wanted !== view) return 0;
    this.ready = view;
    if (!sameWorld) {
      this.centre = undefined;
      this.actors.clear();
      this.particles.clear();
    }
    return failed.length;
  }

  resize(widthCss: number, heightCss: number, ratio: number): void {
    this.ratio = ratio;
    this.stage.resize(Math.round(widthCss * ratio), Math.round(heightCss * ratio));
  }

  /** @param target what the hint speaks of: marked in the picture */
  draw(visitor: Visitor, frame: ViewFrame, target: ViewEntity | undefined, timeMs: number, dtMs: number): void {
    const view = this.ready;
    if (view === undefined) return;
    const cell = view.version.tileSize;
    const focus = focusOf(frame, view);
    this.centre = follow(this.centre, { x: focus.x * cell.w, y: (focus.y - EYE_UNITS) * cell.h }, dtMs, Math.max(cell.w, cell.h));
    this.greyness = approach(this.greyness, frame.ghost ? 1 : 0, dtMs / GHOST_FADE_MS);
    const drawn = this.actors.draw(frame, visitor.manifest, this.pictures(), cell, frame.ghost ? 0 : timeMs);
    const look = this.stage.look;
    const lamps = [...this.mapLamps(view, look), ...drawn.lamps];
    if (!this.still && !frame.ghost) this.liven(visitor, lamps, look, cell, dtMs);
    for (const step of drawn.steps) for (let i = 0; i < 2; i++) this.particles.dust(step.x, step.y);
    this.particles.step(Math.min(VIEW.maxStepMs, dtMs));
    const dot = this.stage.place("dot");
    this.stage.render({
      timeMs: frame.ghost ? 0 : timeMs,
      centre: this.centre,
      sprites: dot === undefined ? drawn.sprites : [...drawn.sprites, ...this.particles.sprites(dot, false)],
      glows: [
        ...(dot === undefined ? [] : [...this.mist(view, look, dot), ...this.particles.sprites(dot, true)]),
        ...this.marks(target, timeMs),
      ],
      lights: this.lit(lamps, look, timeMs),
      ghost: this.greyness,
    });
  }

  /** World units → CSS pixels of the canvas, at the last drawn look. */
  toPage(x: number, y: number): Spot {
    const { look, view } = this.stage;
    const cell = view?.version.tileSize ?? { w: 16, h: 16 };
    return { x: ((x * cell.w - look.x) * look.zoom) / this.ratio, y: ((y * cell.h - look.y) * look.zoom) / this.ratio };
  }

  /** CSS pixels of the canvas → world units. */
  toUnits(x: number, y: number): Spot {
    const { look, view } = this.stage;
    const cell = view?.version.tileSize ?? { w: 16, h: 16 };
    return { x: (look.x + (x * this.ratio) / look.zoom) / cell.w, y: (look.y + (y * this.ratio) / look.zoom) / cell.h };
  }

  heightOf(entity: ViewEntity): number {
    return this.actors.heightOf(entity, this.pictures(), this.stage.view?.version.tileSize.h ?? 16);
  }

  burst(name: Burst, x: number, y: number): void {
    const cell = this.stage.view?.version.tileSize ?? { w: 16, h: 16 };
    if (!this.still) this.particles.burst(name, x * cell.w, (y - 0.5) * cell.h);
  }

  private async equip(): Promise<void> {
    const [figures, ui] = await Promise.all([loadSheet("avatars.png"), loadSheet("ui.png")]);
    const bits = BITS.map((name) => ({ key: name as string, source: drawBit(name) }));
    this.stage.equip([...bits, ...(ui === undefined ? [] : [{ key: "ui", source: ui }])], figures, FIGURE_SIDE);
  }

  private pictures(): ActorPictures {
    return { book: this.stage.book, wardrobe: this.stage.wardrobe, place: (key) => this.stage.place(key) };
  }

  /** The small arrow over what E would act on. */
  private marks(target: ViewEntity | undefined, timeMs: number): Sprite[] {
    const sheet = this.stage.place("ui");
    const cell = this.stage.view?.version.tileSize;
    if (sheet === undefined || cell === undefined || target === undefined) return [];
    const region = uiRegion(sheet, "pointer");
    const scale = cell.w / 16;
    const lift = this.still ? 0 : Math.round(Math.sin(timeMs / 160) * 1.4) * scale;
    const w = region.w * scale;
    const h = region.h * scale;
    const y = (target.y - this.heightOf(target)) * cell.h - h - 3 * scale + lift;
    return [{ region, x: target.x * cell.w - w / 2, y, w, h, flips: 0, tint: WHITE, angle: 0, foot: 0, lift: 0 }];
  }

  /** What of the map has not come yet lies under a plain veil: nobody takes it for a hole in the world. */
  private mist(view: SubstrateView, look: Look, dot: Region): Sprite[] {
    const w = view.version.tileSize.w * CHUNK_TILES;
    const h = view.version.tileSize.h * CHUNK_TILES;
    const out: Sprite[] = [];
    for (let cy = Math.floor(look.y / h); cy * h < look.y + look.heightPx / look.zoom; cy++) {
      for (let cx = Math.floor(look.x / w); cx * w < look.x + look.widthPx / look.zoom; cx++) {
        if (view.loaded(cx, cy) !== undefined) continue;
        out.push({ region: dot, x: cx * w, y: cy * h, w, h, flips: 0, tint: MIST_COLOUR, angle: 0, foot: 0, lift: 0 });
      }
    }
    return out;
  }

  private mapLamps(view: SubstrateView, look: Look): Lamp[] {
    const { book } = this.stage;
    const { w, h } = view.version.tileSize;
    if (book === undefined) return [];
    const out: Lamp[] = [];
    const first = { x: Math.floor(look.x / w / CHUNK_TILES) - 1, y: Math.floor(look.y / h / CHUNK_TILES) - 1 };
    const last = {
      x: Math.floor((look.x + look.widthPx / look.zoom) / w / CHUNK_TILES) + 1,
      y: Math.floor((look.y + look.heightPx / look.zoom) / h / CHUNK_TILES) + 1,
    };
    for (let cy = first.y; cy <= last.y; cy++) {
      for (let cx = first.x; cx <= last.x; cx++) {
        const chunk = view.loaded(cx, cy);
        if (chunk === undefined || chunk === null) continue;
        let lamps = this.lampsOf.get(chunk);
        if (lamps === undefined) {
          lamps = chunkLamps(chunk, book, w, h);
          this.lampsOf.set(chunk, lamps);
        }
        out.push(...lamps);
      }
    }
    return out;
  }

  /** The lamps in view, flickering. */
  private lit(lamps: readonly Lamp[], look: Look, timeMs: number): Light[] {
    const right = look.x + look.widthPx / look.zoom;
    const bottom = look.y + look.heightPx / look.zoom;
    const near = lamps.filter(({ x, y, radius: r }) => x + r > look.x && x - r < right && y + r > look.y && y - r < bottom);
    return near.slice(0, SCENE.lights).map((lamp) => {
      const t = timeMs / 1_000 + lamp.seed;
      const flicker = this.still ? 0 : 0.035 * Math.sin(t * 9.3) + 0.025 * Math.sin(t * 23.7 + 1) + 0.03 * Math.sin(t * 2.1);
      return { ...lamp, radius: lamp.radius * (1 + flicker), strength: lamp.strength * (1 + flicker) };
    });
  }

  private liven(visitor: Visitor, lamps: readonly Lamp[], look: Look, cell: { w: number; h: number }, dtMs: number): void {
    for (const lamp of lamps) {
      const inView =
        lamp.x > look.x && lamp.x < look.x + look.widthPx / look.zoom && lamp.y > look.y && lamp.y < look.y + look.heightPx / look.zoom;
      if (lamp.fire && inView && Math.random() < dtMs / 240) this.particles.ember(lamp.x, lamp.y);
    }
    for (const { x, y, w, h } of visitor.manifest?.portals ?? []) {
      if (Math.random() >= dtMs / 55) continue;
      const colour = PORTAL_COLOURS[Math.floor(Math.random() * PORTAL_COLOURS.length)] as number;
      this.particles.mote((x + w / 2) * cell.w, (y + h / 2) * cell.h, w * cell.w * 1.2, h * cell.h * 1.2, colour);
    }
  }
}

/** Where to look: at oneself, or at the middle of the world until one is there. */
function focusOf(frame: ViewFrame, view: SubstrateView): Spot {
  if (frame.me !== undefined) return frame.me;
  const { bounds } = view.version;
  return { x: (bounds.x0 + bounds.x1) / 2, y: (bounds.y0 + bounds.y1) / 2 };
}

function approach(value: number, goal: number, step: number): number {
  return value < goal ? Math.min(goal, value + step) : Math.max(goal, value - step);
}
