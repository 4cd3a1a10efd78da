// Small life: embers, a portal's motes, dust under feet, the flash of an effect. Texels and milliseconds. Nothing depends on it.
import { SCENE } from "../limits.ts";
import { faded } from "../scene/colour.ts";
import type { Region } from "../scene/quads.ts";
import type { Sprite } from "../scene/sprites.ts";

interface Particle {
  x: number;
  y: number;
  vx: number;
  vy: number;
  /** Pull per second². */
  gravity: number;
  leftMs: number;
  readonly lifeMs: number;
  readonly colour: number;
  readonly size: number;
  readonly glows: boolean;
}

export type Burst = "spark" | "poof" | "heal" | "cheer" | "arrive";

const BURSTS: {
  readonly [burst in Burst]: { count: number; colours: readonly number[]; up: number; spread: number; gravity: number; glows: boolean };
} = {
  spark: { count: 16, colours: [0xfff2c4ff, 0xffc95cff, 0xff9a3cff], up: 40, spread: 34, gravity: 90, glows: true },
  poof: { count: 12, colours: [0xd8cfe0c0, 0xb3a6c0a0], up: 14, spread: 22, gravity: -8, glows: false },
  heal: { count: 12, colours: [0xff9a8aff, 0xffd0c8ff, 0xe8483fff], up: 26, spread: 16, gravity: -14, glows: true },
  cheer: { count: 14, colours: [0xffe08aff, 0x9bdc7cff, 0x9fd6eeff], up: 48, spread: 30, gravity: 80, glows: true },
  arrive: { count: 34, colours: [0xb79cffff, 0xf1eaffff, 0x6b4fd0ff], up: 30, spread: 60, gravity: -10, glows: true },
};

export function isBurst(name: string): name is Burst {
  return name in BURSTS;
}

export class Particles {
  private live: Particle[] = [];
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  burst(name: Burst, x: number, y: number): void {
    const { count, colours, up, spread, gravity, glows } = BURSTS[name];
    for (let i = 0; i < count; i++) {
      const angle = this.random() * Math.PI * 2;
      const speed = spread * (0.3 + this.random() * 0.7);
      const colour = colours[i % colours.length] as number;
      this.add(
        x,
        y,
        Math.cos(angle) * speed,
        Math.sin(angle) * speed * 0.6 - up,
        gravity,
        500 + this.random() * 500,
        colour,
        this.random() > 0.6 ? 2 : 1,
        glows,
      );
    }
  }

  ember(x: number, y: number): void {
    this.add(
      x + (this.random() - 0.5) * 8,
      y - 4,
      (this.random() - 0.5) * 8,
      -14 - this.random() * 14,
      -6,
      900 + this.random() * 700,
      this.random() > 0.5 ? 0xffb347ff : 0xffe08aff,
      1,
      true,
    );
  }

  /** A mote that spirals into a portal's middle. */
  mote(x: number, y: number, w: number, h: number, colour: number): void {
    const angle = this.random() * Math.PI * 2;
    const px = x + (Math.cos(angle) * w) / 2;
    const py = y + (Math.sin(angle) * h) / 2;
    this.add(
      px,
      py,
      (x - px) * 0.7 - (py - y) * 0.6,
      (y - py) * 0.7 + (px - x) * 0.4 - 6,
      -6,
      700 + this.random() * 700,
      colour,
      this.random() > 0.7 ? 2 : 1,
      true,
    );
  }

  dust(x: number, y: number): void {
    this.add(
      x + (this.random() - 0.5) * 4,
      y,
      (this.random() - 0.5) * 10,
      -4 - this.random() * 5,
      -4,
      380,
      0xe6dcc878,
      this.random() > 0.5 ? 2 : 1,
      false,
    );
  }

  step(dtMs: number): void {
    const dt = dtMs / 1_000;
    this.live = this.live.filter((p) => {
      p.leftMs -= dtMs;
      p.vy += p.gravity * dt;
      p.x += p.vx * dt;
      p.y += p.vy * dt;
      return p.leftMs > 0;
    });
  }

  clear(): void {
    this.live = [];
  }

  /** Lit by the world's light, or shining through it. */
  sprites(dot: Region, glows: boolean): Sprite[] {
    return this.live
      .filter((p) => p.glows === glows)
      .map((p) => ({
        region: dot,
        x: p.x - p.size / 2,
        y: p.y - p.size / 2,
        w: p.size,
        h: p.size,
        flips: 0,
        tint: faded(p.colour, Math.min(1, (p.leftMs / p.lifeMs) * 2)),
        angle: 0,
        foot: p.y + 6,
        lift: 3,
      }));
  }

  private add(
    x: number,
    y: number,
    vx: number,
    vy: number,
    gravity: number,
    lifeMs: number,
    colour: number,
    size: number,
    glows: boolean,
  ): void {
    if (this.live.length >= SCENE.particles) this.live.shift();
    this.live.push({ x, y, vx, vy, gravity, leftMs: lifeMs, lifeMs, colour, size, glows });
  }
}
