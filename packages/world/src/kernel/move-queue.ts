// One traveller's moves between the link and the step. Each elapsed tick earns one step and a few may be saved up while the network
// stalls, so a client that sends faster than time passes gets nowhere sooner.
import type { Move } from "@sojourn/protocol";
import { MOVE_LIMITS } from "../limits.ts";

export class MoveQueue {
  #moves: Move[] = [];
  #credit: number = MOVE_LIMITS.creditMoves;
  #lastSeq = 0;
  /** The last move walked, or dropped unwalked: what the client is told is done. */
  ackSeq = 0;
  /** Moves dropped unwalked. */
  dropped = 0;

  /** Takes a move; one that is no newer than the last is ignored. */
  put(move: Move): void {
    if (move.seq <= this.#lastSeq) return;
    this.#lastSeq = move.seq;
    this.#moves.push(move);
    if (this.#moves.length <= MOVE_LIMITS.queuedMoves) return;
    const lost = this.#moves.shift() as Move;
    this.ackSeq = lost.seq;
    this.dropped += 1;
  }

  /** One tick has passed. */
  earn(): void {
    this.#credit = Math.min(MOVE_LIMITS.creditMoves, this.#credit + 1);
  }

  /** The next move to walk in this tick; undefined when none waits or the credit is used up. */
  next(): Move | undefined {
    const move = this.#credit >= 1 ? this.#moves.shift() : undefined;
    if (move === undefined) return undefined;
    // Standing costs nothing.
    if (move.dx !== 0 || move.dy !== 0) this.#credit -= 1;
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
}
