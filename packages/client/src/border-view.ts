// A crossing as it is shown: the origin's words and the visit's own steps put together, readable for a while after it ended.
import { type CrossingStage, type Fault, fault, type Ruling, type VisitEffect, type WorldMessage } from "@sojourn/protocol";
import { BORDER } from "./limits.ts";
import type { Crossing } from "./visitor.ts";

type CrossingMessage = Extract<WorldMessage, { t: "crossing" }>;
type CrossingStep = Extract<VisitEffect, { e: "crossing" }>;

const ENDED: ReadonlySet<CrossingStage> = new Set(["arrived", "refused", "returned"]);

export class BorderView {
  private shown: Crossing | undefined;
  private endedMs = 0;
  private isQuestionLost = false;

  /** The crossing under way, or one that ended less than BORDER.shownMs ago. */
  at(nowMs: number): Crossing | undefined {
    const { shown } = this;
    if (shown !== undefined && ENDED.has(shown.stage) && nowMs - this.endedMs > BORDER.shownMs) this.shown = undefined;
    return this.shown;
  }

  get isUnderWay(): boolean {
    return this.shown !== undefined && !ENDED.has(this.shown.stage);
  }

  /** What the world one is in says of it. */
  heard({ stage, destination, rulings, fault }: CrossingMessage, nowMs: number): Crossing {
    return this.put(stage, destination, rulings.length > 0 ? rulings : this.rulingsOf(stage), 0, fault, nowMs);
  }

  /** What the visit itself does. */
  stepped({ stage, destination, attempts, fault }: CrossingStep, nowMs: number): Crossing {
    return this.put(stage, destination, this.rulingsOf(stage), attempts, fault, nowMs);
  }

  /** A question to a destination dies with the link it was asked on: nobody is told its answer any more. */
  linkOpens(): void {
    this.isQuestionLost = this.shown?.stage === "asking";
  }

  /** Live again: where a lost question left one here, this is its end. */
  live(nowMs: number): Crossing | undefined {
    if (!this.isQuestionLost || this.shown?.stage !== "asking") return undefined;
    this.isQuestionLost = false;
    const why = fault("too-slow", "link", "The link broke before the other world answered. You are still here, with everything.");
    return this.put("refused", this.shown.destination, this.shown.rulings, 0, why, nowMs);
  }

  /** A new question to a destination leaves the last answer behind. */
  private rulingsOf(stage: CrossingStage): readonly Ruling[] {
    return stage === "asking" ? [] : (this.shown?.rulings ?? []);
  }

  private put(
    stage: CrossingStage,
    destination: string,
    rulings: readonly Ruling[],
    attempts: number,
    fault: Fault | undefined,
    nowMs: number,
  ): Crossing {
    if (ENDED.has(stage)) this.endedMs = nowMs;
    // Once the passport is out of the origin's hands one may ask to be taken back, until it is decided.
    const canStay = stage === "holding" || stage === "presenting" || stage === "in-transit";
    this.shown = { stage, destination, rulings, attempts, canStay, ...(fault === undefined ? {} : { fault }) };
    return this.shown;
  }
}
