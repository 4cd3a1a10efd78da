// Whom an operator took back although the destination had admitted them: these, and no others, may be in two places. Their number is
// bounded by the overrides, and nobody becomes nowhere by it.

export class Doubled {
  /** By traveller or item: how many places more than one are explained. */
  readonly #more = new Map<string, number>();
  readonly #transfers = new Set<string>();

  /** An override and an admission of the same transfer both stand. */
  add(transfer: string, keys: readonly string[]): void {
    if (this.#transfers.has(transfer)) return;
    this.#transfers.add(transfer);
    for (const key of keys) this.#more.set(key, this.moreOf(key) + 1);
  }

  /** Overridden departures that the destination had admitted. */
  get count(): number {
    return this.#transfers.size;
  }

  moreOf(key: string): number {
    return this.#more.get(key) ?? 0;
  }

  has(key: string): boolean {
    return this.#more.has(key);
  }
}
