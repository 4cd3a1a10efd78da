// Own movement before the world has spoken: one input a tick goes out and is walked here at once by the same code as there.
// Law: the position is the world's last word plus every input it has not yet answered, and nothing else. Pure: time comes in.
import { FULL_DEFLECTION, type Move, type PhysicsConfig, type Point, type Solids, stepBody } from "@sojourn/protocol";
import { PREDICTION } from "../limits.ts";

/** Sums of fractions of a millisecond are this exact. */
const ROUNDING_MS = 1e-6;
const NO_SOLIDS: Solids = { visit: () => {} };

/** What the predictor asks of the outside: solids as they are now, and a way to say a move. Without `say` one walks alone (ghost). */
export interface Ground {
  readonly solids: Solids;
  readonly say?: (move: Move) => void;
}

export interface Corrections {
  /** Units by which the last word of the world moved the prediction. */
  last: number;
  /** How many were visible, and the largest, units. */
  visible: number;
  largest: number;
}

export class Predictor {
  readonly corrections: Corrections = { last: 0, visible: 0, largest: 0 };
  private readonly physics: PhysicsConfig;
  private readonly tickMs: number;
  /** Between two steps, ms, and from the next step on. */
  private periodMs: number;
  private nextPeriodMs: number;
  private body: Point = { x: 0, y: 0 };
  private before: Point = { x: 0, y: 0 };
  private placed = false;
  private frozen = false;
  private seq = 0;
  private acked = 0;
  private wantX = 0;
  private wantY = 0;
  /** The last input was a step, so that stopping must still be said. */
  private stepping = false;
  private steppedMs: number = Number.NEGATIVE_INFINITY;
  // Inputs not yet answered, by seq modulo the ring.
  private readonly sentX = new Int8Array(PREDICTION.inputs);
  private readonly sentY = new Int8Array(PREDICTION.inputs);
  // What is shown beside the prediction while a correction fades.
  private fadeX = 0;
  private fadeY = 0;
  private fadedMs = 0;

  constructor(physics: PhysicsConfig) {
    this.physics = physics;
    this.tickMs = 1000 / physics.tickHz;
    this.periodMs = this.tickMs;
    this.nextPeriodMs = this.tickMs;
  }

  /** Steps are taken as fast as the world's ticks pass: a share of their nominal rate, 1 as a rule. */
  set pace(pace: number) {
    this.nextPeriodMs = this.tickMs / pace;
  }

  get x(): number {
    return this.body.x;
  }
  get y(): number {
    return this.body.y;
  }
  get isPlaced(): boolean {
    return this.placed;
  }
  get isFrozen(): boolean {
    return this.frozen;
  }
  get isMoving(): boolean {
    return !this.frozen && (this.wantX !== 0 || this.wantY !== 0);
  }
  /** The direction walked in, -127 to 127 each. */
  get directionX(): number {
    return this.wantX;
  }
  get directionY(): number {
    return this.wantY;
  }
  /** True while a step is due some time: the driver must wake for it. */
  get isDue(): boolean {
    return this.placed && !this.frozen && (this.isMoving || this.stepping);
  }
  /** When the next step is due, ms of the clock handed to {@link advance}. */
  get dueMs(): number {
    return this.steppedMs + this.periodMs;
  }
  /** Inputs the world has not answered yet. */
  get unanswered(): number {
    return Math.min(this.seq - this.acked, PREDICTION.inputs);
  }

  /** The direction from now on, components −1 to 1; what is not a number counts as 0. */
  walk(dx: number, dy: number): void {
    this.wantX = toStep(dx);
    this.wantY = toStep(dy);
  }

  /** Walks the steps that are due. The first step of a walk is taken at once, so that a key is felt in the same frame. */
  advance(nowMs: number, ground: Ground): void {
    if (!this.placed || this.frozen) return;
    // Out of a stand one step is due now; in a walk that was held up (a tab in the background) only a few are made up for.
    this.steppedMs = Math.max(this.steppedMs, nowMs - this.periodMs * (this.stepping ? PREDICTION.catchUpTicks : 1));
    if (!this.isDue) this.before = this.body;
    while (this.isDue && nowMs >= this.dueMs - ROUNDING_MS) {
      this.steppedMs += this.periodMs;
      this.periodMs = this.nextPeriodMs;
      this.step(ground);
    }
  }

  private step(ground: Ground): void {
    this.before = this.body;
    this.stepping = this.isMoving;
    if (ground.say !== undefined) {
      this.seq += 1;
      this.sentX[this.seq % PREDICTION.inputs] = this.wantX;
      this.sentY[this.seq % PREDICTION.inputs] = this.wantY;
      ground.say({ t: "move", seq: this.seq, dx: this.wantX, dy: this.wantY });
    }
    this.body = stepBody(this.body, this.wantX, this.wantY, this.physics, ground.solids);
  }

  /** The world's word: where the body was once every input up to `ackSeq` had been walked. Replays the others on top. */
  settle(
    own: { readonly ackSeq: number; readonly x: number; readonly y: number; readonly frozen: boolean },
    solids: Solids = NO_SOLIDS,
  ): void {
    const expected = this.body;
    this.acked = Math.min(own.ackSeq, this.seq);
    let body: Point = { x: own.x, y: own.y };
    for (let seq = Math.max(this.acked, this.seq - PREDICTION.inputs) + 1; seq <= this.seq && !own.frozen; seq++) {
      const ring = seq % PREDICTION.inputs;
      body = stepBody(body, this.sentX[ring] as number, this.sentY[ring] as number, this.physics, solids);
    }
    this.frozen = own.frozen;
    this.correct(expected, body);
  }

  private correct(expected: Point, body: Point): void {
    const dx = expected.x - body.x;
    const dy = expected.y - body.y;
    const size = Math.hypot(dx, dy);
    const jump = !this.placed || size > PREDICTION.smoothUnits;
    this.before = jump ? body : { x: this.before.x - dx, y: this.before.y - dy };
    this.fadeX = jump ? 0 : this.fadeX + dx;
    this.fadeY = jump ? 0 : this.fadeY + dy;
    if (this.placed) this.count(size);
    this.body = body;
    this.placed = true;
  }

  private count(size: number): void {
    this.corrections.last = size;
    if (size >= PREDICTION.visibleUnits) this.corrections.visible += 1;
    if (size > this.corrections.largest) this.corrections.largest = size;
  }

  /** Where to draw the body at this moment: between the last two steps, with the rest of a fading correction. Writes into `out`. */
  shown(nowMs: number, out: { x: number; y: number }): void {
    const fade = 10 ** (-Math.max(0, nowMs - this.fadedMs) / PREDICTION.smoothMs);
    this.fadeX *= fade;
    this.fadeY *= fade;
    this.fadedMs = nowMs;
    const part = Math.min(1, Math.max(0, (nowMs - this.steppedMs) / this.periodMs));
    out.x = this.before.x + (this.body.x - this.before.x) * part + this.fadeX;
    out.y = this.before.y + (this.body.y - this.before.y) * part + this.fadeY;
  }
}

function toStep(component: number): number {
  return Number.isFinite(component) ? Math.round(Math.min(1, Math.max(-1, component)) * FULL_DEFLECTION) : 0;
}
