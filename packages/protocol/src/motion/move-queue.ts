// One traveller's moves between the link and the step: every move of an honest client is walked, also when its network stalled, and
// nobody gets further than time allows. Law: in n ticks at most n steps, a fiftieth more, and what was saved up while nothing came.
import { MOVES } from "../limits.ts";
import type { Move } from "../snapshot/move.ts";

export class MoveQueue {
  #moves: Move[] = [];
  /** Steps that may be walked now, beyond those of coming ticks. */
  #saved: number = MOVES.beginSteps;
  readonly #mostSaved: number;
  #stepsThisTick = 0;
  #lastSeq = 0;
  /** The last move walked, or dropped unwalked: what the client is told is done. */
  ackSeq = 0;
  /** Moves dropped unwalked. */
  dropped = 0;

  constructor(tickHz: number) {
    this.#mostSaved = Math.ceil((MOVES.savedMs * tickHz) / 1_000);
  }

  /** Moves that wait. */
  get waiting(): number {
    return this.#moves.length;
  }

  /** Takes a move; one that is no newer than the last is ignored. */
  put(move: Move): void {
    if (move.seq <= this.#lastSeq) return;
    this.#lastSeq = move.seq;
    this.#moves.push(move);
    this.#keep(this.#mostSaved + MOVES.waitingSteps);
  }

  /** One tick has passed. */
  earn(): void {
    // A clock that runs a little fast must not pile up moves for ever.
    const more = this.#moves.length > 1 + MOVES.keptSteps ? 1 + 1 / MOVES.extraEvery : 1;
    this.#saved = Math.min(this.#mostSaved, this.#saved + more);
    this.#stepsThisTick = 0;
    // What could only be walked long after it was meant is worse than a correction now.
    this.#keep(Math.floor(this.#saved) + MOVES.waitingSteps);
  }

  /** The next move to walk in this tick; undefined when none waits, the tick has had its steps or what was saved is used up. */
  next(): Move | undefined {
    const move = this.#moves[0];
    if (move === undefined) return undefined;
    // Standing costs nothing.
    if (move.dx !== 0 || move.dy !== 0) {
      if (this.#saved < 1 || this.#stepsThisTick >= MOVES.stepsPerTick) return undefined;
      // What came too late for its tick comes in the next one beside that one's own. Walked at once it would be a halt and a leap in
      // everybody's eyes, over and over where a link's delay falls on a tick's edge; kept back, it makes every later step even.
      if (this.#stepsThisTick > 0 && this.#moves.length <= MOVES.keptSteps) return undefined;
      this.#saved -= 1;
      this.#stepsThisTick += 1;
    }
    this.#moves.shift();
    this.ackSeq = move.seq;
    return move;
  }

  /** Forgets what waits, as done: the body was moved by other means, or does not walk now. */
  clear(): void {
    this.#moves = [];
    this.ackSeq = this.#lastSeq;
  }

  /** A new link numbers its moves anew. */
  restart(): void {
    this.#moves = [];
    this.#lastSeq = 0;
    this.ackSeq = 0;
  }

  #keep(most: number): void {
    while (this.#moves.length > most) {
      this.ackSeq = (this.#moves.shift() as Move).seq;
      this.dropped += 1;
    }
  }
}
