// Which moment of the world is shown: a little in the past, just far enough that the next snapshot is nearly always there already.
// Law: the shown tick never runs backwards within a session, follows the world's own pace, and adapts to jitter by itself. Pure.
import { INTERPOLATION } from "../limits.ts";

export class Playback {
  private readonly tickMs: number;
  /** Newest tick heard. */
  latest = 0;
  // How late a tick arrives against its own clock; the least of this window and of the one before is "on time".
  private windowEndMs: number = Number.NEGATIVE_INFINITY;
  private least: number = Number.POSITIVE_INFINITY;
  private leastBefore: number = Number.POSITIVE_INFINITY;
  private lateMs = 0;
  private heardMs = 0;
  private shown = 0;
  private shownMs: number = Number.NEGATIVE_INFINITY;

  constructor(tickHz: number) {
    this.tickMs = 1000 / tickHz;
  }

  /** Ticks between the world's present and what is shown. */
  get delayTicks(): number {
    const wanted = INTERPOLATION.minTicks + this.lateMs / this.tickMs;
    return Math.min(INTERPOLATION.maxTicks, Math.max(INTERPOLATION.minTicks, wanted));
  }
  get delayMs(): number {
    return this.delayTicks * this.tickMs;
  }

  /** A frame of this tick arrived. */
  heard(tick: number, nowMs: number): void {
    const offset = nowMs - tick * this.tickMs;
    if (nowMs >= this.windowEndMs) {
      this.leastBefore = this.least;
      this.least = offset;
      this.windowEndMs = nowMs + INTERPOLATION.windowMs;
    }
    this.least = Math.min(this.least, offset);
    const held = this.lateMs * 0.5 ** (Math.max(0, nowMs - this.heardMs) / INTERPOLATION.forgetMs);
    this.lateMs = Math.max(held, offset - this.onTime());
    this.heardMs = nowMs;
    if (tick > this.latest) this.latest = tick;
  }

  private onTime(): number {
    return Math.min(this.least, this.leastBefore);
  }

  /** The tick to show at this moment, with its fraction. */
  at(nowMs: number): number {
    if (this.least === Number.POSITIVE_INFINITY) return this.latest;
    const target = (nowMs - this.onTime()) / this.tickMs - this.delayTicks;
    const passed = (nowMs - this.shownMs) / this.tickMs;
    const behind = target - (this.shown + passed);
    if (!(passed >= 0 && passed < INTERPOLATION.lostTicks) || Math.abs(behind) > INTERPOLATION.lostTicks) {
      // First frame of a session, or a pause so long that gliding there would show the past for seconds.
      this.shown = this.shownMs === Number.NEGATIVE_INFINITY ? target : Math.max(this.shown, target);
    } else {
      const bend = Math.min(INTERPOLATION.bendMost, Math.max(-INTERPOLATION.bendMost, behind * INTERPOLATION.bendPerTick));
      this.shown += passed * (1 + bend);
    }
    this.shownMs = nowMs;
    return this.shown;
  }
}
