// The picture of a world: layers, objects, sprites, light, in one WebGL canvas. It draws what it is given and decides nothing.
import type { ImageInfo, SubstrateView } from "@sojourn/substrate";
import { ColorManagement, OrthographicCamera, type RawShaderMaterial, Scene, Texture, WebGLRenderer } from "three";
import { SCENE } from "../limits.ts";
import { type BatchMesh, batchMesh, refreshBatch } from "./batch.ts";
import { type Bounds, type Look, lookAt, type Spot, zoomFor } from "./camera.ts";
import { parseColour, rgbOf, WHITE } from "./colour.ts";
import { type Light, Lighting } from "./lights.ts";
import { pageMaterial, type SharedUniforms } from "./material.ts";
import { addImage, addObject, drawObject, type ObjectDraw, objectsOf } from "./objects.ts";
import { makePages, type PageImage, type Pages } from "./pages.ts";
import { type DrawPlan, type LayerPlan, planLayers } from "./plan.ts";
import { Quads, type Region } from "./quads.ts";
import { addSprite, byDepth, type Sprite } from "./sprites.ts";
import { Terrain } from "./terrain.ts";
import { TileBook } from "./tile-book.ts";
import { Wardrobe } from "./wardrobe.ts";

/** What one frame shows besides the world itself. */
export interface FrameInput {
  readonly timeMs: number;
  /** Texels. */
  readonly centre: Spot;
  readonly sprites: readonly Sprite[];
  /** Drawn over the light: sparks, portals' shimmer. */
  readonly glows: readonly Sprite[];
  readonly lights: readonly Light[];
  /** 0 full colour, 1 grey. */
  readonly ghost: number;
}

interface FreeLayer {
  readonly plan: LayerPlan;
  readonly quads: Quads;
  readonly mesh: BatchMesh;
}

interface World {
  readonly view: SubstrateView;
  readonly key: string;
  readonly book: TileBook;
  readonly plan: DrawPlan;
  readonly terrain: Terrain;
  readonly free: readonly FreeLayer[];
  readonly pages: Pages;
  readonly images: readonly PageImage[];
  readonly materials: RawShaderMaterial[];
  readonly ambient: number;
  readonly objectReach: number;
}

const TOP = 1_000;

// Colours go to the screen as they stand in the pictures; three would otherwise convert those it is told.
ColorManagement.enabled = false;

export class Stage {
  readonly renderer: WebGLRenderer;
  /** A fixed zoom for tests and screenshots; otherwise it follows the size of the view. */
  fixedZoom: number | undefined;
  private readonly scene = new Scene();
  private readonly camera = new OrthographicCamera(0, 1, 0, 1, -1, 1);
  private readonly shared: SharedUniforms = { ghost: { value: 0 } };
  private readonly lighting: Lighting;
  private readonly sprites = new Quads(512);
  private readonly glows = new Quads(128);
  private spritesMesh: BatchMesh | undefined;
  private glowsMesh: BatchMesh | undefined;
  private world: World | undefined;
  private fresh = false;
  private readonly extra: PageImage[] = [];
  private figures: Wardrobe | undefined;
  private last: Look = { x: 0, y: 0, zoom: 1, widthPx: 1, heightPx: 1 };

  constructor(canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({
      canvas,
      antialias: false,
      alpha: false,
      depth: false,
      stencil: false,
      powerPreference: "low-power",
    });
    this.renderer.autoClear = false;
    this.renderer.setPixelRatio(1);
    this.lighting = new Lighting(this.shared, TOP);
    this.scene.add(...this.lighting.meshes);
  }

  /** Before the first world is shown: pictures that every world has, and the sheet of figures (side: texels of one figure's block). */
  equip(extra: readonly PageImage[], figures: ImageBitmap | undefined, side: number): void {
    this.extra.push(...extra);
    if (figures !== undefined) this.figures = new Wardrobe(this.renderer, figures, side);
  }

  get wardrobe(): Wardrobe | undefined {
    return this.figures;
  }

  get look(): Look {
    return this.last;
  }

  get book(): TileBook | undefined {
    return this.world?.book;
  }

  get view(): SubstrateView | undefined {
    return this.world?.view;
  }

  /** Where a picture that every world has lies on this world's pages. */
  place(key: string): Region | undefined {
    return this.world?.pages.place(key);
  }

  /** A decoded image of the world shown, as it came. */
  image(asset: string, transparent: string | undefined): PageImage["source"] | undefined {
    const key = imageKey(asset, transparent);
    return this.world?.images.find((image) => image.key === key)?.source;
  }

  /** Device pixels. */
  resize(widthPx: number, heightPx: number): void {
    this.renderer.setSize(Math.max(1, widthPx), Math.max(1, heightPx), false);
  }

  /** Loads the pictures of a world and shows it from the next frame on. Returns pictures that could not be shown, for a notice. */
  async show(view: SubstrateView, again = false): Promise<string[]> {
    const key = JSON.stringify([view.version.tilesets, view.version.layers]);
    if (!again && this.world !== undefined && this.world.key === key) {
      this.replace(view, key, this.world.pages, this.world.images, this.world.materials);
      return [];
    }
    const { images, failed } = await loadImages(view);
    const { pages, tooLarge } = makePages(this.renderer, [...this.extra, ...images]);
    if (again) this.figures?.forget();
    const wardrobe = this.figures?.texture ?? pages.textures[0] ?? new Texture();
    const materials = [wardrobe, ...pages.textures].map((texture) => pageMaterial(texture, this.shared));
    const old = this.world;
    this.replace(view, key, pages, images, materials);
    old?.pages.dispose();
    for (const material of old?.materials ?? []) material.dispose();
    return [...failed, ...tooLarge];
  }

  render(input: FrameInput): Look {
    const world = this.world;
    const canvas = this.renderer.domElement;
    if (world === undefined) return this.last;
    const { tileSize } = world.view.version;
    const zoom = this.fixedZoom ?? zoomFor(canvas.width, canvas.height, Math.max(tileSize.w, tileSize.h));
    const look = lookAt(input.centre, boundsOf(world.view), zoom, canvas.width, canvas.height);
    this.last = look;
    this.shared.ghost.value = input.ghost;
    world.terrain.update(look, input.timeMs, this.fresh);
    this.fresh = false;
    for (const layer of world.free) this.fillFree(world, layer, look, input.timeMs);
    this.fillSprites(world, input, look);
    this.lighting.update(this.renderer, look, world.ambient, input.lights);
    this.aim(look);
    this.clear(world, input.ghost);
    this.renderer.render(this.scene, this.camera);
    return look;
  }

  dispose(): void {
    this.world?.pages.dispose();
    this.world?.terrain.dispose();
    this.lighting.dispose();
    this.figures?.dispose();
    this.renderer.dispose();
  }

  private replace(view: SubstrateView, key: string, pages: Pages, images: readonly PageImage[], materials: RawShaderMaterial[]): void {
    this.world?.terrain.dispose();
    for (const { mesh } of this.world?.free ?? []) drop(mesh);
    if (this.spritesMesh !== undefined) drop(this.spritesMesh);
    if (this.glowsMesh !== undefined) drop(this.glowsMesh);
    const book = new TileBook(view.version, (asset, transparent) => pages.place(imageKey(asset, transparent)));
    const plan = planLayers(view.version.layers);
    const terrain = new Terrain(view, plan, book, materials);
    this.scene.add(terrain.root);
    const free = plan.layers
      .filter(({ info }) => info.kind !== "tile" && info.order !== plan.sortedLayer)
      .map((layer) => this.freeLayer(layer, materials));
    this.sprites.clear();
    this.glows.clear();
    this.spritesMesh = this.addBatch(this.sprites, materials, plan.spritesOrder);
    this.glowsMesh = this.addBatch(this.glows, materials, TOP + 1);
    const ambient = ambientOf(view);
    this.world = {
      view,
      key,
      book,
      plan,
      terrain,
      free,
      pages,
      images,
      materials,
      ambient,
      objectReach: 2 * Math.max(view.version.tileSize.w, view.version.tileSize.h),
    };
    this.fresh = true;
  }

  private freeLayer(plan: LayerPlan, materials: RawShaderMaterial[]): FreeLayer {
    const quads = new Quads(64);
    return { plan, quads, mesh: this.addBatch(quads, materials, plan.renderOrder) };
  }

  private addBatch(quads: Quads, materials: RawShaderMaterial[], renderOrder: number): BatchMesh {
    const mesh = batchMesh(quads, materials, true);
    mesh.renderOrder = renderOrder;
    this.scene.add(mesh);
    return mesh;
  }

  private fillFree(world: World, layer: FreeLayer, look: Look, timeMs: number): void {
    const { plan, quads, mesh } = layer;
    const { shift } = world.terrain.rangeOf(plan, look);
    mesh.position.set(shift.x, shift.y, 0);
    quads.clear();
    const { info } = plan;
    if (info.kind === "image" && info.image !== undefined) {
      const region = world.pages.place(imageKey(info.image.asset, info.image.transparent));
      const area = { x: look.x - shift.x, y: look.y - shift.y, w: look.widthPx / look.zoom, h: look.heightPx / look.zoom };
      if (region !== undefined) addImage(quads, region, info.image, area, plan.tint);
    } else {
      for (const draw of this.objects(world, plan, look, timeMs)) addObject(quads, draw, plan.tint, look.zoom);
    }
    refreshBatch(mesh, quads);
  }

  private objects(world: World, plan: LayerPlan, look: Look, timeMs: number): ObjectDraw[] {
    const { w, h } = world.view.version.tileSize;
    const { range } = world.terrain.rangeOf(plan, look, world.objectReach);
    for (let cy = range.y0; cy <= range.y1; cy++) for (let cx = range.x0; cx <= range.x1; cx++) world.terrain.chunkAt(cx, cy);
    return objectsOf(world.view, plan.info, range).flatMap((object) => drawObject(object, world.book, w, h, timeMs) ?? []);
  }

  private fillSprites(world: World, input: FrameInput, look: Look): void {
    this.sprites.clear();
    this.glows.clear();
    const plan = world.plan.layers.find(({ info }) => info.order === world.plan.sortedLayer);
    const objects = plan === undefined ? [] : this.objects(world, plan, look, input.timeMs);
    const sprites = [...input.sprites].sort(byDepth);
    let next = 0;
    for (const sprite of sprites.slice(0, SCENE.sprites)) {
      while (next < objects.length && byDepth(objects[next] as ObjectDraw, sprite) <= 0)
        addObject(this.sprites, objects[next++] as ObjectDraw, plan?.tint ?? WHITE, look.zoom);
      addSprite(this.sprites, sprite, look.zoom);
    }
    while (next < objects.length) addObject(this.sprites, objects[next++] as ObjectDraw, plan?.tint ?? WHITE, look.zoom);
    for (const glow of input.glows.slice(0, SCENE.sprites)) addSprite(this.glows, glow, look.zoom);
    if (this.spritesMesh !== undefined) refreshBatch(this.spritesMesh, this.sprites);
    if (this.glowsMesh !== undefined) refreshBatch(this.glowsMesh, this.glows);
  }

  private aim(look: Look): void {
    this.camera.right = look.widthPx / look.zoom;
    this.camera.bottom = look.heightPx / look.zoom;
    this.camera.position.set(look.x, look.y, 0);
    this.camera.updateProjectionMatrix();
  }

  private clear(world: World, ghost: number): void {
    const colour = parseColour(world.view.version.backgroundColor ?? "") ?? 0x000000ff;
    const [r, g, b] = rgbOf(colour);
    const grey = r * 0.3 + g * 0.59 + b * 0.11;
    const part = (own: number, tinted: number): number => Math.round((own + (tinted - own) * ghost) * 255);
    this.renderer.setClearColor((part(r, grey * 0.8) << 16) | (part(g, grey * 0.87) << 8) | part(b, grey), 1);
    this.renderer.clear(true, false, false);
  }
}

function drop(mesh: BatchMesh): void {
  mesh.geometry.dispose();
  mesh.removeFromParent();
}

/** The world in texels. */
function boundsOf(view: SubstrateView): Bounds {
  const { bounds, tileSize } = view.version;
  return {
    x: bounds.x0 * tileSize.w,
    y: bounds.y0 * tileSize.h,
    w: (bounds.x1 - bounds.x0) * tileSize.w,
    h: (bounds.y1 - bounds.y0) * tileSize.h,
  };
}

/** Light where no lamp shines, for maps that only name a mood. */
const MOODS: { readonly [mood: string]: number } = { warm: 0x746a6eff, cold: 0x3c425aff, dark: 0x22263aff };

/** The map's property `ambient` (#rrggbb), else its `mood`; without either it is day. */
function ambientOf(view: SubstrateView): number {
  const { ambient, mood } = view.version.properties;
  const own = typeof ambient === "string" ? parseColour(ambient) : undefined;
  return own ?? (typeof mood === "string" ? MOODS[mood] : undefined) ?? WHITE;
}

function imageKey(asset: string, transparent: string | undefined): string {
  return `${asset} ${transparent ?? ""}`;
}

/** Decodes every picture of the version, off the main thread where the browser can. A picture that cannot be read is named in `failed`. */
async function loadImages(view: SubstrateView): Promise<{ images: PageImage[]; failed: string[] }> {
  const wanted = new Map<string, ImageInfo>();
  const infos = [...view.version.tilesets.map((set) => set.image), ...view.version.layers.flatMap((layer) => layer.image ?? [])];
  const failed: string[] = [];
  let pixels = 0;
  for (const info of infos) {
    const key = imageKey(info.asset, info.transparent);
    if (wanted.has(key)) continue;
    // One file with many clear colours is decoded for each of them.
    pixels += info.width * info.height;
    if (pixels <= SCENE.decodedPixels) wanted.set(key, info);
    else failed.push(key);
  }
  const images = await Promise.all(
    [...wanted].map(async ([key, info]): Promise<PageImage[]> => {
      const { asset, transparent } = info;
      const bytes = await view.asset(asset);
      const source = bytes.ok ? await decode(bytes.value, info) : undefined;
      if (source === undefined) {
        failed.push(key);
        return [];
      }
      const clear = transparent === undefined ? undefined : parseColour(transparent);
      return [clear === undefined ? { key, source } : { key, source, transparent: clear }];
    }),
  );
  return { images: images.flat(), failed };
}

/**
 * The only use that is made of an asset's bytes in this page: texels. They get no address, so nothing can be made to open them, and no kind
 * but that of the picture they were found to be.
 */
async function decode(bytes: Uint8Array, { mime, width, height }: ImageInfo): Promise<ImageBitmap | undefined> {
  try {
    const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mime });
    const picture = await createImageBitmap(blob, {
      premultiplyAlpha: "none",
      colorSpaceConversion: "none",
      imageOrientation: "from-image",
    });
    if (picture.width === width && picture.height === height) return picture;
    picture.close();
    return undefined;
  } catch {
    return undefined;
  }
}
