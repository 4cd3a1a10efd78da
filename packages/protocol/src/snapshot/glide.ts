// What every reader knows of how entities move: where each was when the last tick closed, and the step it took then. One who goes on like
// that costs no byte: readers walk it on by themselves. Whole 1/256 units, so that both sides come to the very same place.
import { GRID, WORLD_EDGE } from "../motion/step.ts";

/**
 * How a record says where its entity went, the two lowest bits of its mask. none: on as before · step, stride: this far in this tick, and on
 * like that · place: here, and it stands.
 */
export const MOTION = { none: 0, step: 1, stride: 2, place: 3 } as const;
export const MOTION_BITS = 3;

/** A longer way in one tick, 1/256 unit along an axis, is no walking: it was put there. */
export const LONGEST_STRIDE = 1_024;
const SHORT = 127;
const EDGE = WORLD_EDGE * GRID;
const FIRST_SLOTS = 64;

export class Glide {
  /** By slot: the place as readers have it at the end of the last tick, and the step they go on with. 1/256 unit. */
  atX: Int32Array<ArrayBuffer> = new Int32Array(FIRST_SLOTS);
  atY: Int32Array<ArrayBuffer> = new Int32Array(FIRST_SLOTS);
  stepX: Int16Array<ArrayBuffer> = new Int16Array(FIRST_SLOTS);
  stepY: Int16Array<ArrayBuffer> = new Int16Array(FIRST_SLOTS);
  /** Slots with a step, in no order. */
  readonly gliding: number[] = [];
  private place: Int32Array<ArrayBuffer> = new Int32Array(FIRST_SLOTS).fill(-1);

  /** A new entity, standing where it will be put. */
  begin(slot: number): void {
    if (slot >= this.atX.length) this.grow(slot);
    this.rest(slot);
  }

  isGliding(slot: number): boolean {
    return (this.place[slot] as number) >= 0;
  }

  /** Where it stands or was put, 1/256 unit. */
  put(slot: number, x: number, y: number): void {
    this.atX[slot] = x;
    this.atY[slot] = y;
    this.rest(slot);
  }

  /**
   * Takes an entity from where it was to x, y within one tick. Gives back what a reader has to be told of it, as MOTION says.
   */
  go(slot: number, x: number, y: number): number {
    const wayX = x - (this.atX[slot] as number);
    const wayY = y - (this.atY[slot] as number);
    const isOn = wayX === this.stepX[slot] && wayY === this.stepY[slot];
    const far = Math.max(Math.abs(wayX), Math.abs(wayY));
    // One more of these steps must not lead out of the world.
    if (far > LONGEST_STRIDE || Math.abs(x + wayX) > EDGE || Math.abs(y + wayY) > EDGE) {
      this.put(slot, x, y);
      return MOTION.place;
    }
    this.atX[slot] = x;
    this.atY[slot] = y;
    if (isOn) return MOTION.none;
    this.stride(slot, wayX, wayY);
    return far <= SHORT ? MOTION.step : MOTION.stride;
  }

  /** The step it goes on with. */
  stride(slot: number, wayX: number, wayY: number): void {
    if (wayX === 0 && wayY === 0) {
      this.rest(slot);
      return;
    }
    this.stepX[slot] = wayX;
    this.stepY[slot] = wayY;
    if (!this.isGliding(slot)) this.place[slot] = this.gliding.push(slot) - 1;
  }

  rest(slot: number): void {
    this.stepX[slot] = 0;
    this.stepY[slot] = 0;
    const at = this.place[slot] as number;
    if (at < 0) return;
    const last = this.gliding.pop() as number;
    if (last !== slot) {
      this.gliding[at] = last;
      this.place[last] = at;
    }
    this.place[slot] = -1;
  }

  private grow(slot: number): void {
    const size = Math.max(slot + 1, this.atX.length * 2);
    const wider = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const wide = new Int32Array(size);
      wide.set(old);
      return wide;
    };
    const widerStep = (old: Int16Array): Int16Array<ArrayBuffer> => {
      const wide = new Int16Array(size);
      wide.set(old);
      return wide;
    };
    const known = this.place.length;
    this.atX = wider(this.atX);
    this.atY = wider(this.atY);
    this.stepX = widerStep(this.stepX);
    this.stepY = widerStep(this.stepY);
    this.place = wider(this.place).fill(-1, known);
  }
}
