// What mends a block and what takes a damaged one away come one after another: a reader that found damage must not take out what a writer
// has mended since.

/** One turn at a time for each key; different keys do not wait for each other. */
export class Turns {
  readonly #busy = new Map<string, Promise<unknown>>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(key) ?? Promise.resolve();
    const mine = before.then(work);
    const settled = mine.catch(() => undefined);
    this.#busy.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#busy.get(key) === settled) this.#busy.delete(key);
    }
  }
}
