// A table by cell that lasts one tick. Keys of cells are past what an engine keeps as small integers, and a Map of them makes each a number
// on the heap; here they lie flat. Law: what was in an emptied table is let go at once, for a frame holds the memory of many others.
import type { CellKey } from "./cells.ts";

export class KeyTable<T> {
  private keys: Float64Array<ArrayBuffer> = new Float64Array(256);
  /** The filling an entry is of; those of earlier ones are free. */
  private filling: Int32Array<ArrayBuffer> = new Int32Array(256);
  private values: (T | undefined)[] = new Array(256);
  /** Places that are filled, `count` of them. */
  private used: Int32Array<ArrayBuffer> = new Int32Array(128);
  private now = 1;
  private count = 0;

  clear(): void {
    for (let i = 0; i < this.count; i++) this.values[this.used[i] as number] = undefined;
    this.now += 1;
    this.count = 0;
  }

  get(key: CellKey): T | undefined {
    const at = this.find(key);
    return this.filling[at] === this.now ? this.values[at] : undefined;
  }

  set(key: CellKey, value: T): void {
    if (this.count * 2 >= this.keys.length) this.grow();
    const at = this.find(key);
    if (this.filling[at] !== this.now) this.used[this.count++] = at;
    this.keys[at] = key;
    this.filling[at] = this.now;
    this.values[at] = value;
  }

  private find(key: CellKey): number {
    const { keys, filling, now } = this;
    const mask = keys.length - 1;
    let at = (Math.imul(key | 0, 0x9e37_79b1) >>> 8) & mask;
    while (filling[at] === now && keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { keys, filling, values, now } = this;
    const size = keys.length * 2;
    this.keys = new Float64Array(size);
    this.filling = new Int32Array(size);
    this.values = new Array(size);
    this.used = new Int32Array(size / 2);
    this.count = 0;
    for (let i = 0; i < keys.length; i++) if (filling[i] === now) this.set(keys[i] as number, values[i] as T);
  }
}
