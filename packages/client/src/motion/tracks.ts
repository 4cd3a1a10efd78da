// Where others have been lately, and from that where to draw them at a moment between two ticks.
// Law: a drawn position lies on the way between known positions, or at most a bounded stretch beyond the newest, or on the glide from
// where that stretch was wrong. Nothing drawn jumps that did not jump in the world. Pure; flat arrays, and numbers with a fraction are
// handed on in them too: as arguments each would be an object of its own, for every entity in every frame.
import type { EntityId } from "@sojourn/protocol";
import { INTERPOLATION } from "../limits.ts";

const DEPTH = INTERPOLATION.samples;
const FIRST_SLOTS = 64;

/** Entities by slot, as a snapshot reader holds them: 0 is nobody. Units. */
export interface Placed {
  readonly slotCount: number;
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  idAt(slot: number): EntityId;
}

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
  // What is being said of an entity, at which tick everything is drawn, at which one it is traced, and what came of that.
  private saidX: Float64Array = new Float64Array(1);
  private saidY: Float64Array = new Float64Array(1);
  private readonly shown = new Float64Array(1);
  private readonly traced = new Float64Array(1);
  private readonly out = new Float64Array(2);
  private latest = 0;
  private isMoving = false;

  /** Where everybody is at this tick. */
  noteAll(entities: Placed, tick: number): void {
    this.saidX = entities.xs;
    this.saidY = entities.ys;
    for (let slot = 0; slot < entities.slotCount; slot++) {
      const id = entities.idAt(slot);
      if (id !== 0) this.note(slot, id, tick, slot);
    }
  }

  /**
   * The entity in this slot was at this place of `saidX` and `saidY` at this tick. Saying again where it already was changes nothing;
   * between two different places it counts as standing unless only few ticks lie between.
   */
  private note(slot: number, id: EntityId, tick: number, said: number): void {
    if (slot >= this.ids.length) this.grow(slot);
    if (this.ids[slot] !== id || this.known[slot] === 0) {
      this.begin(slot, id);
      this.push(slot, tick, this.saidX, this.saidY, said);
      return;
    }
    const last = slot * DEPTH + (this.newest[slot] as number);
    const lastTick = this.ticks[last] as number;
    if (this.xs[last] === this.saidX[said] && this.ys[last] === this.saidY[said]) return;
    if (tick <= lastTick) {
      this.xs[last] = this.saidX[said] as number;
      this.ys[last] = this.saidY[said] as number;
      return;
    }
    const gap = tick - lastTick;
    // It stood until now: without this the step would be stretched over the whole pause.
    if (gap > INTERPOLATION.gapTicks) this.push(slot, tick - (this.period[slot] as number), this.xs, this.ys, last);
    else this.keepTime(slot, gap);
    this.push(slot, tick, this.saidX, this.saidY, said);
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

  private push(slot: number, tick: number, xs: Float64Array, ys: Float64Array, from: number): void {
    const index = this.known[slot] === 0 ? 0 : ((this.newest[slot] as number) + 1) % DEPTH;
    const at = slot * DEPTH + index;
    this.ticks[at] = tick;
    this.xs[at] = xs[from] as number;
    this.ys[at] = ys[from] as number;
    this.newest[slot] = index;
    this.known[slot] = Math.min(DEPTH, (this.known[slot] as number) + 1);
  }

  /** What follows is drawn at `tick`, knowing the world up to `latest`. */
  show(tick: number, latest: number): void {
    this.shown[0] = tick;
    this.latest = latest;
  }

  /** Where the entity is drawn that {@link draw} was asked for last, units; and whether it moves just then. */
  get x(): number {
    return this.out[0] as number;
  }
  get y(): number {
    return this.out[1] as number;
  }
  get moving(): boolean {
    return this.isMoving;
  }

  /**
   * Where to draw the entity: leaves it in `x`, `y` and `moving`. Beyond the newest known place it goes on for a bounded stretch if it
   * is known to be walking (`isWalking`) and hardly anything newer was heard. When that turns out wrong, it glides to where it should
   * be. False when the entity is not known.
   */
  draw(slot: number, id: EntityId, isWalking: boolean): boolean {
    if (this.ids[slot] !== id || this.known[slot] === 0) return false;
    const { out, shown, latest } = this;
    const before = this.drawnTick[slot] as number;
    const passed = before === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, (shown[0] as number) - before);
    if (this.isBeyond[slot] === 1 && latest !== this.drawnLatest[slot]) this.makeGood(slot, isWalking);
    // It falls behind, or makes up, evenly.
    const lag = this.lag[slot] as number;
    const most = passed * INTERPOLATION.lagPerTick;
    this.lag[slot] = lag + Math.min(most, Math.max(-most, (this.period[slot] as number) - 1 - lag));
    this.traced[0] = (shown[0] as number) - (this.lag[slot] as number);
    this.trace(slot, isWalking);
    this.drawnTick[slot] = shown[0] as number;
    this.drawnX[slot] = out[0] as number;
    this.drawnY[slot] = out[1] as number;
    this.drawnLatest[slot] = latest;
    if (this.glideX[slot] !== 0 || this.glideY[slot] !== 0) {
      const fade = 0.5 ** (passed / INTERPOLATION.glideTicks);
      const x = (this.glideX[slot] as number) * fade;
      const y = (this.glideY[slot] as number) * fade;
      const isOver = Math.abs(x) + Math.abs(y) < INTERPOLATION.glideLeast;
      this.glideX[slot] = isOver ? 0 : x;
      this.glideY[slot] = isOver ? 0 : y;
      out[0] = (out[0] as number) + (this.glideX[slot] as number);
      out[1] = (out[1] as number) + (this.glideY[slot] as number);
    }
    return true;
  }

  /** What was drawn beyond the newest word was a guess. Where it would be drawn knowing better, and the way from there to the guess. */
  private makeGood(slot: number, isWalking: boolean): void {
    this.traced[0] = (this.drawnTick[slot] as number) - (this.lag[slot] as number);
    this.trace(slot, isWalking);
    const x = (this.glideX[slot] as number) + (this.drawnX[slot] as number) - (this.out[0] as number);
    const y = (this.glideY[slot] as number) + (this.drawnY[slot] as number) - (this.out[1] as number);
    const unheard = Math.max(1, this.latest - (this.drawnLatest[slot] as number));
    const isFar = Math.abs(x) + Math.abs(y) > INTERPOLATION.glideUnits * unheard;
    this.glideX[slot] = isFar ? 0 : x;
    this.glideY[slot] = isFar ? 0 : y;
  }

  /** Where it is at the tick in `traced`, between two known places or a bounded stretch beyond the newest. */
  private trace(slot: number, isWalking: boolean): void {
    const first = slot * DEPTH;
    const tick = this.traced[0] as number;
    let after = first + (this.newest[slot] as number);
    const isBeyond = tick >= (this.ticks[after] as number);
    this.isBeyond[slot] = isBeyond ? 1 : 0;
    if (isBeyond) {
      const unheard = this.latest - (this.ticks[after] as number);
      this.beyond(slot, after, isWalking && unheard < INTERPOLATION.extrapolateTicks + (this.period[slot] as number));
      return;
    }
    for (let back = 1; back < (this.known[slot] as number); back++) {
      const before = first + (((this.newest[slot] as number) + DEPTH - back) % DEPTH);
      if (tick >= (this.ticks[before] as number)) {
        this.between(before, after);
        return;
      }
      after = before;
    }
    this.stand(after);
  }

  private between(before: number, after: number): void {
    const tick = this.traced[0] as number;
    const span = (this.ticks[after] as number) - (this.ticks[before] as number);
    const dx = (this.xs[after] as number) - (this.xs[before] as number);
    const dy = (this.ys[after] as number) - (this.ys[before] as number);
    const part = (tick - (this.ticks[before] as number)) / span;
    // Nobody walks that fast: it was put there.
    const jump = Math.abs(dx) + Math.abs(dy) > INTERPOLATION.jumpUnits * span;
    const way = jump ? (part < 1 ? 0 : 1) : part;
    this.out[0] = (this.xs[before] as number) + dx * way;
    this.out[1] = (this.ys[before] as number) + dy * way;
    this.isMoving = !jump && (dx !== 0 || dy !== 0);
  }

  private beyond(slot: number, newest: number, goesOn: boolean): void {
    this.stand(newest);
    const at = this.ticks[newest] as number;
    const carried = Math.min((this.traced[0] as number) - at, INTERPOLATION.extrapolateTicks);
    if ((this.known[slot] as number) < 2 || !goesOn || carried <= 0) return;
    const before = slot * DEPTH + (((this.newest[slot] as number) + DEPTH - 1) % DEPTH);
    const span = at - (this.ticks[before] as number);
    const dx = ((this.xs[newest] as number) - (this.xs[before] as number)) / span;
    const dy = ((this.ys[newest] as number) - (this.ys[before] as number)) / span;
    if (Math.abs(dx) + Math.abs(dy) > INTERPOLATION.jumpUnits || (dx === 0 && dy === 0)) return;
    this.out[0] = (this.xs[newest] as number) + dx * carried;
    this.out[1] = (this.ys[newest] as number) + dy * carried;
    this.isMoving = carried < INTERPOLATION.extrapolateTicks;
  }

  private stand(at: number): void {
    this.out[0] = this.xs[at] as number;
    this.out[1] = this.ys[at] as number;
    this.isMoving = false;
  }
}

function widened<A extends Float64Array | Uint32Array | Uint8Array>(old: A, wide: A): A {
  wide.set(old);
  return wide;
}
