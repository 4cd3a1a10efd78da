// The live world of the targets that are no worlds: the same walkers and idle things as rows of plain numbers, walked by the same moves.
// No collision, no items, no hooks: what is left out here is left out in the peers' favour.
import { SPEED, spread, TICK_HZ, Walker, type Workload } from "../workloads.ts";

/** Positions are kept in 256ths of a unit, as a world keeps them. */
export const GRID = 256;
const BUCKET = 32;

export class PlainStage {
  readonly players: number;
  readonly count: number;
  /** By entity, players first; 256ths of a unit. */
  readonly xs: Int32Array;
  readonly ys: Int32Array;
  /** 256ths of a turn. */
  readonly facing: Uint8Array;
  /** By player: the last move's direction and number, and whether it is walked yet. */
  readonly lastSeq: Uint32Array;
  readonly #dx: Int8Array;
  readonly #dy: Int8Array;
  readonly #side: number;
  readonly #across: number;
  readonly #buckets: number[][];
  readonly #bucketOf: Int32Array;

  constructor(workload: Workload) {
    this.players = workload.players;
    this.count = workload.players + workload.idle;
    this.xs = new Int32Array(this.count);
    this.ys = new Int32Array(this.count);
    this.facing = new Uint8Array(this.count);
    this.lastSeq = new Uint32Array(this.players);
    this.#dx = new Int8Array(this.players);
    this.#dy = new Int8Array(this.players);
    this.#side = workload.side;
    this.#across = Math.ceil(workload.side / BUCKET);
    this.#buckets = Array.from({ length: this.#across * this.#across }, () => []);
    this.#bucketOf = new Int32Array(this.count).fill(-1);
    for (let index = 0; index < this.players; index++) this.#put(index, new Walker(workload, index));
    for (const [n, place] of spread(workload, workload.idle, 12).entries()) this.#put(this.players + n, place);
  }

  /** Takes a move; it is walked with the next tick. */
  move(index: number, seq: number, dx: number, dy: number): void {
    this.lastSeq[index] = seq;
    this.#dx[index] = dx;
    this.#dy[index] = dy;
  }

  /** One tick of walking for everybody. */
  walk(): void {
    const reach = (SPEED / TICK_HZ) * GRID;
    const edge = this.#side * GRID - 1;
    for (let index = 0; index < this.players; index++) {
      const dx = this.#dx[index] as number;
      const dy = this.#dy[index] as number;
      if (dx === 0 && dy === 0) continue;
      const length = Math.max(127, Math.hypot(dx, dy));
      this.xs[index] = Math.max(0, Math.min(edge, (this.xs[index] as number) + Math.trunc((dx * reach) / length)));
      this.ys[index] = Math.max(0, Math.min(edge, (this.ys[index] as number) + Math.trunc((dy * reach) / length)));
      this.facing[index] = Math.round((Math.atan2(dy, dx) / (2 * Math.PI)) * 256) & 255;
      this.#file(index);
    }
  }

  /** Shows every entity within `radius` units of an entity, itself among them. */
  near(of: number, radius: number, see: (entity: number) => void): void {
    const x = this.xs[of] as number;
    const y = this.ys[of] as number;
    const far = radius * GRID;
    const bucket = (at: number): number => Math.max(0, Math.min(this.#across - 1, Math.floor(at / (BUCKET * GRID))));
    for (let by = bucket(y - far); by <= bucket(y + far); by++) {
      for (let bx = bucket(x - far); bx <= bucket(x + far); bx++) {
        const filed = this.#buckets[by * this.#across + bx] as number[];
        for (let i = 0; i < filed.length; i++) {
          const entity = filed[i] as number;
          const gapX = (this.xs[entity] as number) - x;
          const gapY = (this.ys[entity] as number) - y;
          if (gapX * gapX + gapY * gapY <= far * far) see(entity);
        }
      }
    }
  }

  #put(entity: number, place: { readonly x: number; readonly y: number }): void {
    this.xs[entity] = Math.round(place.x * GRID);
    this.ys[entity] = Math.round(place.y * GRID);
    this.#file(entity);
  }

  #file(entity: number): void {
    const bucket =
      Math.floor((this.ys[entity] as number) / (BUCKET * GRID)) * this.#across + Math.floor((this.xs[entity] as number) / (BUCKET * GRID));
    const before = this.#bucketOf[entity] as number;
    if (bucket === before) return;
    if (before >= 0) {
      const filed = this.#buckets[before] as number[];
      const last = filed.pop() as number;
      if (last !== entity) filed[filed.indexOf(entity)] = last;
    }
    (this.#buckets[bucket] as number[]).push(entity);
    this.#bucketOf[entity] = bucket;
  }
}
