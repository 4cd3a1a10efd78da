// Texture pages: all pictures of a world copied onto a few large textures, by the GPU, texel for texel.
// Nothing is read back through a 2D canvas: browsers that guard against fingerprinting would alter it.
import {
  GLSL3,
  NearestFilter,
  NoBlending,
  NoColorSpace,
  RawShaderMaterial,
  Texture,
  Vector2,
  Vector4,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";
import { SCENE } from "../limits.ts";
import { rgbOf } from "./colour.ts";
import type { Region } from "./quads.ts";
import { packShelves } from "./shelves.ts";
import { NO_CAMERA, wholeView } from "./whole-view.ts";

/** Page 0 is the wardrobe's. */
export const FIRST_PAGE = 1;

export interface PageImage {
  readonly key: string;
  readonly source: ImageBitmap | HTMLCanvasElement;
  /** 0xRRGGBBAA: texels of this colour become clear. */
  readonly transparent?: number;
}

const COPY_VERTEX = `
in vec2 position;
void main() { gl_Position = vec4(position, 0.0, 1.0); }`;

const COPY_FRAGMENT = `
precision highp float;
uniform sampler2D image;
uniform vec2 origin;
uniform vec4 clear;
out vec4 colour;
void main() {
  vec4 c = texelFetch(image, ivec2(gl_FragCoord.xy - origin), 0);
  bool keyed = clear.a > 0.0 && all(lessThan(abs(c.rgb - clear.rgb), vec3(0.5 / 255.0)));
  colour = keyed ? vec4(0.0) : c;
}`;

export class Pages {
  readonly textures: readonly Texture[];
  private readonly targets: readonly WebGLRenderTarget[];
  private readonly places: ReadonlyMap<string, Region>;

  /** Textures in the order of `Region.page`, the first one being page `FIRST_PAGE`. */
  constructor(targets: readonly WebGLRenderTarget[], places: ReadonlyMap<string, Region>) {
    this.targets = targets;
    this.textures = targets.map((target) => target.texture);
    this.places = places;
  }

  place(key: string): Region | undefined {
    return this.places.get(key);
  }

  dispose(): void {
    for (const target of this.targets) target.dispose();
  }
}

/** Copies the images onto pages. Images larger than the GPU takes are left out (their tiles show nothing) and named in `tooLarge`. */
export function makePages(renderer: WebGLRenderer, images: readonly PageImage[]): { pages: Pages; tooLarge: string[] } {
  const most = Math.min(SCENE.imageSize, renderer.capabilities.maxTextureSize);
  const fitting = images.filter(({ source }) => source.width <= most && source.height <= most && source.width > 0 && source.height > 0);
  const packing = packShelves(
    fitting.map(({ source }) => ({ w: source.width, h: source.height })),
    Math.min(SCENE.pageSize, most),
  );
  const targets = packing.pages.slice(0, SCENE.pages).map(({ w, h }) => pageTarget(w, h));
  const places = new Map<string, Region>();
  fitting.forEach((image, i) => {
    const { page, x, y } = packing.placed[i] as { page: number; x: number; y: number };
    const target = targets[page];
    if (target === undefined) return;
    copyImage(renderer, image, target, x, y);
    places.set(image.key, { page: page + FIRST_PAGE, x, y, w: image.source.width, h: image.source.height });
  });
  renderer.setRenderTarget(null);
  return { pages: new Pages(targets, places), tooLarge: images.filter(({ key }) => !places.has(key)).map(({ key }) => key) };
}

function pageTarget(w: number, h: number): WebGLRenderTarget {
  const target = new WebGLRenderTarget(w, h, {
    minFilter: NearestFilter,
    magFilter: NearestFilter,
    generateMipmaps: false,
    depthBuffer: false,
    stencilBuffer: false,
  });
  target.texture.colorSpace = NoColorSpace;
  return target;
}

/** Draws one image into its rectangle of a page. Row 0 of the page is the image's first row. */
function copyImage(renderer: WebGLRenderer, image: PageImage, target: WebGLRenderTarget, x: number, y: number): void {
  const texture = new Texture(image.source);
  texture.flipY = false;
  texture.premultiplyAlpha = false;
  texture.generateMipmaps = false;
  texture.minFilter = texture.magFilter = NearestFilter;
  texture.colorSpace = NoColorSpace;
  texture.needsUpdate = true;
  const key = image.transparent === undefined ? new Vector4() : new Vector4(...rgbOf(image.transparent), 1);
  const material = new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: COPY_VERTEX,
    fragmentShader: COPY_FRAGMENT,
    uniforms: { image: { value: texture }, origin: { value: new Vector2(x, y) }, clear: { value: key } },
    blending: NoBlending,
    depthTest: false,
    depthWrite: false,
  });
  const mesh = wholeView(material);
  target.viewport.set(x, y, image.source.width, image.source.height);
  renderer.setRenderTarget(target);
  renderer.autoClear = false;
  renderer.render(mesh, NO_CAMERA);
  texture.dispose();
  material.dispose();
  mesh.geometry.dispose();
}
