// Which moment of the world is shown: a little in the past, just far enough that the next snapshot is nearly always there already.
// Law: the shown tick never runs backwards within a session, follows the world's own pace, and adapts to jitter by itself. A stall
// holds it; what was missed is then played faster, never skipped. Pure.
import { INTERPOLATION } from "../limits.ts";

export class Playback {
  private readonly tickMs: number;
  /** Newest tick heard. */
  latest = 0;
  // When a tick is due: the anchor's time and so many periods. A new pace begins at the tick that told of it.
  private anchorTick = 0;
  private anchorMs: number = Number.NEGATIVE_INFINITY;
  private periodMs: number;
  private paced = 1;
  // How late a tick arrives against that; the least of this window and of the one before is "on time".
  private windowEndMs: number = Number.NEGATIVE_INFINITY;
  private least: number = Number.POSITIVE_INFINITY;
  private leastBefore: number = Number.POSITIVE_INFINITY;
  private lateMs = 0;
  private heardMs = 0;
  private shown = 0;
  private shownMs: number = Number.NEGATIVE_INFINITY;

  constructor(tickHz: number) {
    this.tickMs = 1000 / tickHz;
    this.periodMs = this.tickMs;
  }

  /** Ticks between the world's present and what is shown. */
  get delayTicks(): number {
    const wanted = INTERPOLATION.minTicks + this.lateMs / this.periodMs;
    return Math.min(INTERPOLATION.maxTicks, Math.max(INTERPOLATION.minTicks, wanted));
  }
  get delayMs(): number {
    return this.delayTicks * this.periodMs;
  }
  /** How late frames come of late, ms. */
  get jitterMs(): number {
    return this.lateMs;
  }
  /** How fast the world's time goes, as the world said last. */
  get pace(): number {
    return this.paced;
  }

  /** A frame of this tick arrived. `pace`: how fast ticks follow this one, where the frame says so. */
  heard(tick: number, nowMs: number, pace: number = this.paced): void {
    if (this.anchorMs === Number.NEGATIVE_INFINITY) {
      this.anchorTick = tick;
      this.anchorMs = nowMs;
    }
    if (pace !== this.paced) this.follow(pace, tick);
    const offset = nowMs - this.dueMs(tick);
    if (nowMs >= this.windowEndMs) {
      this.leastBefore = this.least;
      this.least = offset;
      this.windowEndMs = nowMs + INTERPOLATION.windowMs;
    }
    this.least = Math.min(this.least, offset);
    this.measure(offset, nowMs);
    if (tick > this.latest) this.latest = tick;
  }

  /** Remembers how late frames come. Those behind a late one, in the same burst, are not late by themselves; a stall is not jitter. */
  private measure(offset: number, nowMs: number): void {
    const passed = Math.max(0, nowMs - this.heardMs);
    const late = Math.min(offset - this.onTime(), passed);
    this.lateMs *= 0.5 ** (passed / INTERPOLATION.forgetMs);
    if (late <= INTERPOLATION.maxTicks * this.periodMs) this.lateMs = Math.max(this.lateMs, late);
    this.heardMs = nowMs;
  }

  private follow(pace: number, tick: number): void {
    this.anchorMs = this.dueMs(tick);
    this.anchorTick = tick;
    this.paced = pace;
    this.periodMs = this.tickMs / pace;
  }

  private dueMs(tick: number): number {
    return this.anchorMs + (tick - this.anchorTick) * this.periodMs;
  }

  private onTime(): number {
    return Math.min(this.least, this.leastBefore);
  }

  /**
   * The tick to show at this moment, with its fraction. `isAwaited`: something walks, so that a frame is due every tick, and silence
   * means that the link is held up: then the shown moment waits at the end of what is known.
   */
  at(nowMs: number, isAwaited = false): number {
    if (this.least === Number.POSITIVE_INFINITY) return this.latest;
    const end = isAwaited ? this.latest + INTERPOLATION.extrapolateTicks : Number.POSITIVE_INFINITY;
    const present = this.anchorTick + (nowMs - this.anchorMs - this.onTime()) / this.periodMs;
    const target = Math.min(end, present - this.delayTicks);
    const passed = (nowMs - this.shownMs) / this.periodMs;
    const behind = target - (this.shown + passed);
    if (!(passed >= 0 && passed < INTERPOLATION.lostTicks) || Math.abs(behind) > INTERPOLATION.lostTicks) {
      // First frame of a session, or a pause so long that gliding there would show the past for seconds.
      this.shown = this.shownMs === Number.NEGATIVE_INFINITY ? target : Math.max(this.shown, target);
    } else {
      const bend = Math.min(INTERPOLATION.fasterMost, Math.max(-INTERPOLATION.slowerMost, behind * INTERPOLATION.bendPerTick));
      this.shown = Math.max(this.shown, Math.min(end, this.shown + passed * (1 + bend)));
    }
    this.shownMs = nowMs;
    return this.shown;
  }
}
