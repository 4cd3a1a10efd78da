// The page of dressed figures: every look is painted once, by the GPU, by replacing the colours a figure is drawn in.
// It is always page 0. When it is full, the look that was not seen for the longest time gives way.
import {
  GLSL3,
  NearestFilter,
  NoBlending,
  NoColorSpace,
  RawShaderMaterial,
  Texture,
  Vector2,
  Vector3,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";
import { SCENE } from "../limits.ts";
import type { Region } from "./quads.ts";
import { NO_CAMERA, wholeView } from "./whole-view.ts";

export const WARDROBE_PAGE = 0;

/** A figure's block of frames on its sheet, texels, and which colours (#rrggbb) become which. */
export interface Dress {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

const COLOURS = 11;

const VERTEX = `
in vec2 position;
void main() { gl_Position = vec4(position, 0.0, 1.0); }`;

const FRAGMENT = `
precision highp float;
uniform sampler2D sheet;
uniform vec2 offset;
uniform vec3 before[${COLOURS}];
uniform vec3 after[${COLOURS}];
out vec4 colour;
void main() {
  vec4 c = texelFetch(sheet, ivec2(gl_FragCoord.xy + offset), 0);
  vec3 painted = c.rgb;
  for (int i = 0; i < ${COLOURS}; i++) if (all(lessThan(abs(c.rgb - before[i]), vec3(0.5 / 255.0)))) painted = after[i];
  colour = vec4(painted, c.a);
}`;

export class Wardrobe {
  readonly texture: Texture;
  private readonly renderer: WebGLRenderer;
  private readonly side: number;
  private readonly target: WebGLRenderTarget;
  private readonly sheet: Texture;
  private readonly material: RawShaderMaterial;
  private readonly mesh: ReturnType<typeof wholeView>;
  private readonly offset = new Vector2();
  private readonly before = noColours();
  private readonly after = noColours();
  /** Look → slot, the longest unseen first. */
  private readonly slots = new Map<string, number>();

  /** @param side texels of a figure's square block of frames */
  constructor(renderer: WebGLRenderer, sheet: ImageBitmap, side: number) {
    this.renderer = renderer;
    this.side = side;
    const size = side * SCENE.wardrobeSide;
    this.target = new WebGLRenderTarget(size, size, { minFilter: NearestFilter, magFilter: NearestFilter, depthBuffer: false });
    this.texture = this.target.texture;
    this.texture.colorSpace = NoColorSpace;
    this.sheet = new Texture(sheet);
    this.sheet.flipY = false;
    this.sheet.generateMipmaps = false;
    this.sheet.minFilter = this.sheet.magFilter = NearestFilter;
    this.sheet.colorSpace = NoColorSpace;
    this.sheet.needsUpdate = true;
    this.material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: {
        sheet: { value: this.sheet },
        offset: { value: this.offset },
        before: { value: this.before },
        after: { value: this.after },
      },
      blending: NoBlending,
      depthTest: false,
      depthWrite: false,
    });
    this.mesh = wholeView(this.material);
  }

  /** The block of a dressed figure; painted now if it was not there. */
  dressed(dress: Dress): Region {
    let slot = this.slots.get(dress.key);
    if (slot === undefined) {
      slot = this.freeSlot();
      this.paint(dress, slot);
    }
    this.slots.delete(dress.key);
    this.slots.set(dress.key, slot);
    const { x, y } = this.corner(slot);
    return { page: WARDROBE_PAGE, x, y, w: this.side, h: this.side };
  }

  /** The GPU forgot everything: paint again what is asked for. */
  forget(): void {
    this.slots.clear();
    this.sheet.needsUpdate = true;
  }

  dispose(): void {
    this.target.dispose();
    this.sheet.dispose();
    this.material.dispose();
    this.mesh.geometry.dispose();
  }

  private freeSlot(): number {
    if (this.slots.size < SCENE.wardrobeSide ** 2) return this.slots.size;
    const [oldest, slot] = this.slots.entries().next().value as [string, number];
    this.slots.delete(oldest);
    return slot;
  }

  private corner(slot: number): { x: number; y: number } {
    return { x: (slot % SCENE.wardrobeSide) * this.side, y: Math.floor(slot / SCENE.wardrobeSide) * this.side };
  }

  private paint(dress: Dress, slot: number): void {
    const { x, y } = this.corner(slot);
    this.offset.set(dress.x - x, dress.y - y);
    for (let i = 0; i < COLOURS; i++) {
      setColour(this.before[i], dress.from[i]);
      setColour(this.after[i], dress.to[i]);
    }
    this.target.viewport.set(x, y, this.side, this.side);
    this.renderer.autoClear = false;
    this.renderer.setRenderTarget(this.target);
    this.renderer.render(this.mesh, NO_CAMERA);
    this.renderer.setRenderTarget(null);
  }
}

function noColours(): Vector3[] {
  return Array.from({ length: COLOURS }, () => new Vector3(2, 2, 2));
}

/** Without a colour: one that no texel has. */
function setColour(into: Vector3 | undefined, hex: string | undefined): void {
  const n = hex === undefined ? Number.NaN : Number.parseInt(hex.slice(1), 16);
  if (Number.isNaN(n)) into?.set(2, 2, 2);
  else into?.set(((n >> 16) & 255) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255);
}
