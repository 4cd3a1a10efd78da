// Where others have been lately, and from that where to draw them at a moment between two ticks.
// Law: a drawn position lies on the way between known positions, or at most a bounded stretch beyond the newest. Pure; flat arrays.
import type { EntityId } from "@sojourn/protocol";
import { INTERPOLATION } from "../limits.ts";

const DEPTH = INTERPOLATION.samples;
const FIRST_SLOTS = 64;

export class Tracks {
  /** The entity each slot tells of; another one in it begins anew. */
  private ids = new Uint32Array(FIRST_SLOTS);
  private ticks = new Float64Array(DEPTH * FIRST_SLOTS);
  private xs = new Float64Array(DEPTH * FIRST_SLOTS);
  private ys = new Float64Array(DEPTH * FIRST_SLOTS);
  /** Samples known, and the index of the newest, by slot. */
  private known = new Uint8Array(FIRST_SLOTS);
  private newest = new Uint8Array(FIRST_SLOTS);

  /**
   * The entity in this slot was at x, y at this tick. Saying again where it already was changes nothing; between two different
   * places it counts as standing unless only few ticks lie between.
   */
  note(slot: number, id: EntityId, tick: number, x: number, y: number): void {
    if (slot >= this.ids.length) this.grow(slot);
    if (this.ids[slot] !== id || this.known[slot] === 0) {
      this.ids[slot] = id;
      this.known[slot] = 0;
      this.push(slot, tick, x, y);
      return;
    }
    const last = slot * DEPTH + (this.newest[slot] as number);
    const lastTick = this.ticks[last] as number;
    const lastX = this.xs[last] as number;
    const lastY = this.ys[last] as number;
    if (lastX === x && lastY === y) return;
    if (tick <= lastTick) {
      this.xs[last] = x;
      this.ys[last] = y;
      return;
    }
    // It stood until now: without this the step would be stretched over the whole pause.
    if (tick - lastTick > INTERPOLATION.gapTicks) this.push(slot, tick - 1, lastX, lastY);
    this.push(slot, tick, x, y);
  }

  private grow(slot: number): void {
    const count = Math.max(slot + 1, this.ids.length * 2);
    this.ids = widened(this.ids, new Uint32Array(count));
    this.known = widened(this.known, new Uint8Array(count));
    this.newest = widened(this.newest, new Uint8Array(count));
    this.ticks = widened(this.ticks, new Float64Array(count * DEPTH));
    this.xs = widened(this.xs, new Float64Array(count * DEPTH));
    this.ys = widened(this.ys, new Float64Array(count * DEPTH));
  }

  private push(slot: number, tick: number, x: number, y: number): void {
    const index = this.known[slot] === 0 ? 0 : ((this.newest[slot] as number) + 1) % DEPTH;
    const at = slot * DEPTH + index;
    this.ticks[at] = tick;
    this.xs[at] = x;
    this.ys[at] = y;
    this.newest[slot] = index;
    this.known[slot] = Math.min(DEPTH, (this.known[slot] as number) + 1);
  }

  /**
   * Where to draw the entity at `tick`; writes into `out` and says whether it moves just then. Beyond the newest known place it
   * goes on for a bounded stretch if it is known to be walking (`isWalking`) and nothing newer than that place was heard (`latest`). False and nothing written when the entity is not known.
   */
  at(
    slot: number,
    id: EntityId,
    tick: number,
    latest: number,
    isWalking: boolean,
    out: { x: number; y: number; moving: boolean },
  ): boolean {
    if (this.ids[slot] !== id || this.known[slot] === 0) return false;
    const first = slot * DEPTH;
    let after = first + (this.newest[slot] as number);
    if (tick >= (this.ticks[after] as number)) {
      this.beyond(slot, after, tick, isWalking && latest <= (this.ticks[after] as number), out);
      return true;
    }
    for (let back = 1; back < (this.known[slot] as number); back++) {
      const before = first + (((this.newest[slot] as number) + DEPTH - back) % DEPTH);
      if (tick >= (this.ticks[before] as number)) {
        this.between(before, after, tick, out);
        return true;
      }
      after = before;
    }
    this.put(out, this.xs[after] as number, this.ys[after] as number, false);
    return true;
  }

  private between(before: number, after: number, tick: number, out: { x: number; y: number; moving: boolean }): void {
    const span = (this.ticks[after] as number) - (this.ticks[before] as number);
    const dx = (this.xs[after] as number) - (this.xs[before] as number);
    const dy = (this.ys[after] as number) - (this.ys[before] as number);
    const part = (tick - (this.ticks[before] as number)) / span;
    // Nobody walks that fast: it was put there.
    const jump = Math.abs(dx) + Math.abs(dy) > INTERPOLATION.jumpUnits * span;
    const way = jump ? (part < 1 ? 0 : 1) : part;
    this.put(out, (this.xs[before] as number) + dx * way, (this.ys[before] as number) + dy * way, !jump && (dx !== 0 || dy !== 0));
  }

  private beyond(slot: number, newest: number, tick: number, goesOn: boolean, out: { x: number; y: number; moving: boolean }): void {
    const x = this.xs[newest] as number;
    const y = this.ys[newest] as number;
    const at = this.ticks[newest] as number;
    const carried = Math.min(tick - at, INTERPOLATION.extrapolateTicks);
    let dx = 0;
    let dy = 0;
    if ((this.known[slot] as number) >= 2 && goesOn && carried > 0) {
      const before = slot * DEPTH + (((this.newest[slot] as number) + DEPTH - 1) % DEPTH);
      const span = at - (this.ticks[before] as number);
      dx = (x - (this.xs[before] as number)) / span;
      dy = (y - (this.ys[before] as number)) / span;
    }
    const stands = Math.abs(dx) + Math.abs(dy) > INTERPOLATION.jumpUnits || (dx === 0 && dy === 0);
    if (stands) this.put(out, x, y, false);
    else this.put(out, x + dx * carried, y + dy * carried, carried < INTERPOLATION.extrapolateTicks);
  }

  private put(out: { x: number; y: number; moving: boolean }, x: number, y: number, moving: boolean): void {
    out.x = x;
    out.y = y;
    out.moving = moving;
  }
}

function widened<A extends Float64Array | Uint32Array | Uint8Array>(old: A, wide: A): A {
  wide.set(old);
  return wide;
}
