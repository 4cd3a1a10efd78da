// Where others have been lately, and from that where to draw them at a moment between two ticks.
// Law: a drawn position lies on the way between known positions, or at most a bounded stretch beyond the newest, or on the glide from
// where that stretch was wrong. Nothing drawn jumps that did not jump in the world. Pure; flat arrays.
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
  /** Ticks between two words about it while it walks, and between the two before: what is far is told of more rarely. */
  private period = new Uint8Array(FIRST_SLOTS);
  private gap = new Uint8Array(FIRST_SLOTS);
  /** How far behind the shown tick it is drawn, so that the next word about it is there in time. */
  private lag = new Float64Array(FIRST_SLOTS);
  // How it was drawn last: at which tick, where without the glide, knowing of which tick, and whether beyond the newest sample.
  private drawnTick = new Float64Array(FIRST_SLOTS);
  private drawnX = new Float64Array(FIRST_SLOTS);
  private drawnY = new Float64Array(FIRST_SLOTS);
  private drawnLatest = new Float64Array(FIRST_SLOTS);
  private isBeyond = new Uint8Array(FIRST_SLOTS);
  // What is added to where it is while what was drawn wrongly is made good.
  private glideX = new Float64Array(FIRST_SLOTS);
  private glideY = new Float64Array(FIRST_SLOTS);
  private readonly place = { x: 0, y: 0, moving: false };

  /**
   * The entity in this slot was at x, y at this tick. Saying again where it already was changes nothing; between two different
   * places it counts as standing unless only few ticks lie between.
   */
  note(slot: number, id: EntityId, tick: number, x: number, y: number): void {
    if (slot >= this.ids.length) this.grow(slot);
    if (this.ids[slot] !== id || this.known[slot] === 0) {
      this.begin(slot, id);
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
    const gap = tick - lastTick;
    // It stood until now: without this the step would be stretched over the whole pause.
    if (gap > INTERPOLATION.gapTicks) this.push(slot, tick - (this.period[slot] as number), lastX, lastY);
    else this.keepTime(slot, gap);
    this.push(slot, tick, x, y);
  }

  /** Ticks between two words about the entity while it walks: 1, or more for one far away. */
  periodOf(slot: number): number {
    return this.period[slot] ?? 1;
  }

  private begin(slot: number, id: EntityId): void {
    this.ids[slot] = id;
    this.known[slot] = 0;
    this.period[slot] = 1;
    this.gap[slot] = 1;
    this.lag[slot] = 0;
    this.drawnTick[slot] = Number.NEGATIVE_INFINITY;
    this.isBeyond[slot] = 0;
    this.glideX[slot] = 0;
    this.glideY[slot] = 0;
  }

  /** One word that came late is the walker's own jitter; two in a row are a lower rate. */
  private keepTime(slot: number, gap: number): void {
    this.period[slot] = Math.min(gap, this.gap[slot] as number);
    this.gap[slot] = gap;
  }

  private grow(slot: number): void {
    const count = Math.max(slot + 1, this.ids.length * 2);
    this.ids = widened(this.ids, new Uint32Array(count));
    this.known = widened(this.known, new Uint8Array(count));
    this.newest = widened(this.newest, new Uint8Array(count));
    this.period = widened(this.period, new Uint8Array(count));
    this.gap = widened(this.gap, new Uint8Array(count));
    this.isBeyond = widened(this.isBeyond, new Uint8Array(count));
    this.ticks = widened(this.ticks, new Float64Array(count * DEPTH));
    this.xs = widened(this.xs, new Float64Array(count * DEPTH));
    this.ys = widened(this.ys, new Float64Array(count * DEPTH));
    this.lag = widened(this.lag, new Float64Array(count));
    this.drawnTick = widened(this.drawnTick, new Float64Array(count));
    this.drawnX = widened(this.drawnX, new Float64Array(count));
    this.drawnY = widened(this.drawnY, new Float64Array(count));
    this.drawnLatest = widened(this.drawnLatest, new Float64Array(count));
    this.glideX = widened(this.glideX, new Float64Array(count));
    this.glideY = widened(this.glideY, new Float64Array(count));
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
   * Where to draw the entity at `tick`; writes into `out` and says whether it moves just then. Beyond the newest known place it goes
   * on for a bounded stretch if it is known to be walking (`isWalking`) and hardly anything newer was heard (`latest`). When that
   * turns out wrong, it glides to where it should be. False and nothing written when the entity is not known.
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
    const before = this.drawnTick[slot] as number;
    const passed = before === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, tick - before);
    if (this.isBeyond[slot] === 1 && latest !== this.drawnLatest[slot]) this.makeGood(slot, before, latest, isWalking);
    this.keepBehind(slot, passed);
    this.trace(slot, tick - (this.lag[slot] as number), latest, isWalking, out);
    this.drawnTick[slot] = tick;
    this.drawnX[slot] = out.x;
    this.drawnY[slot] = out.y;
    this.drawnLatest[slot] = latest;
    if (this.glideX[slot] !== 0 || this.glideY[slot] !== 0) this.glide(slot, passed, out);
    return true;
  }

  /** What was drawn beyond the newest word was a guess. Where it would be drawn knowing better, and the way from there to the guess. */
  private makeGood(slot: number, tick: number, latest: number, isWalking: boolean): void {
    this.trace(slot, tick - (this.lag[slot] as number), latest, isWalking, this.place);
    const x = (this.glideX[slot] as number) + (this.drawnX[slot] as number) - this.place.x;
    const y = (this.glideY[slot] as number) + (this.drawnY[slot] as number) - this.place.y;
    const unheard = Math.max(1, latest - (this.drawnLatest[slot] as number));
    const isFar = Math.abs(x) + Math.abs(y) > INTERPOLATION.glideUnits * unheard;
    this.glideX[slot] = isFar ? 0 : x;
    this.glideY[slot] = isFar ? 0 : y;
  }

  private glide(slot: number, passed: number, out: { x: number; y: number }): void {
    const fade = 0.5 ** (passed / INTERPOLATION.glideTicks);
    const x = (this.glideX[slot] as number) * fade;
    const y = (this.glideY[slot] as number) * fade;
    const isOver = Math.abs(x) + Math.abs(y) < INTERPOLATION.glideLeast;
    this.glideX[slot] = isOver ? 0 : x;
    this.glideY[slot] = isOver ? 0 : y;
    out.x += isOver ? 0 : x;
    out.y += isOver ? 0 : y;
  }

  /** Falls behind, or makes up, evenly. */
  private keepBehind(slot: number, passed: number): void {
    const lag = this.lag[slot] as number;
    const way = (this.period[slot] as number) - 1 - lag;
    const most = passed * INTERPOLATION.lagPerTick;
    this.lag[slot] = lag + Math.min(most, Math.max(-most, way));
  }

  private trace(slot: number, tick: number, latest: number, isWalking: boolean, out: { x: number; y: number; moving: boolean }): void {
    const first = slot * DEPTH;
    let after = first + (this.newest[slot] as number);
    const isBeyond = tick >= (this.ticks[after] as number);
    this.isBeyond[slot] = isBeyond ? 1 : 0;
    if (isBeyond) {
      const unheard = latest - (this.ticks[after] as number);
      this.beyond(slot, after, tick, isWalking && unheard < INTERPOLATION.extrapolateTicks + (this.period[slot] as number), out);
      return;
    }
    for (let back = 1; back < (this.known[slot] as number); back++) {
      const before = first + (((this.newest[slot] as number) + DEPTH - back) % DEPTH);
      if (tick >= (this.ticks[before] as number)) {
        this.between(before, after, tick, out);
        return;
      }
      after = before;
    }
    this.put(out, this.xs[after] as number, this.ys[after] as number, false);
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
