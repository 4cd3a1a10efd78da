// How many bytes the world wrote to each client in each tick, for the floors to write as many: recorded from a run, kept in a file.
import { readFileSync, writeFileSync } from "node:fs";

/** Ticks remembered for each client. */
export const TRACE_TICKS = 400;

export class Trace {
  readonly players: number;
  readonly #bytes: Uint32Array<ArrayBuffer>;
  readonly #heard: Uint32Array;

  constructor(players: number, bytes: Uint32Array<ArrayBuffer> = new Uint32Array(players * TRACE_TICKS)) {
    this.players = players;
    this.#bytes = bytes;
    this.#heard = new Uint32Array(players);
  }

  note(index: number, wireBytes: number): void {
    const heard = this.#heard[index] as number;
    this.#bytes[index * TRACE_TICKS + (heard % TRACE_TICKS)] = wireBytes;
    this.#heard[index] = heard + 1;
  }

  forget(): void {
    this.#heard.fill(0);
  }

  /** Bytes on the wire for this client in this tick, counted round. */
  at(index: number, tick: number): number {
    return this.#bytes[index * TRACE_TICKS + (tick % TRACE_TICKS)] as number;
  }

  /** What was not heard for long enough is repeated. */
  write(path: string): void {
    for (let index = 0; index < this.players; index++) {
      const heard = this.#heard[index] as number;
      for (let tick = heard; heard > 0 && tick < TRACE_TICKS; tick++) {
        this.#bytes[index * TRACE_TICKS + tick] = this.at(index, tick % heard);
      }
    }
    writeFileSync(path, new Uint8Array(this.#bytes.buffer));
  }

  static read(path: string, players: number): Trace {
    const bytes = readFileSync(path);
    return new Trace(players, new Uint32Array(new Uint8Array(bytes).buffer));
  }
}
