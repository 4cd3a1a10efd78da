// What waits, lowest rank first and among equals the one that came first. Ranks may all be changed at once, when one has moved. Pure.

interface Ranked<T> {
  readonly item: T;
  rank: number;
  readonly turn: number;
}

export class RankedQueue<T> {
  #heap: Ranked<T>[] = [];
  #turn = 0;

  get size(): number {
    return this.#heap.length;
  }

  push(item: T, rank: number): void {
    this.#heap.push({ item, rank, turn: this.#turn++ });
    this.#rise(this.#heap.length - 1);
  }

  first(): T | undefined {
    return this.#heap[0]?.item;
  }

  pop(): T | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top === undefined || last === undefined || top === last) return top?.item;
    this.#heap[0] = last;
    this.#sink(0);
    return top.item;
  }

  /** Gives everything that waits a new rank. */
  rerank(rankOf: (item: T) => number): void {
    for (const entry of this.#heap) entry.rank = rankOf(entry.item);
    // Sorted is a heap, too.
    this.#heap.sort(byRank);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (byRank(this.#heap[at] as Ranked<T>, this.#heap[above] as Ranked<T>) >= 0) return;
      this.#swap(at, above);
      at = above;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        const entry = this.#heap[below];
        if (entry !== undefined && byRank(entry, this.#heap[least] as Ranked<T>) < 0) least = below;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const entry = this.#heap[a] as Ranked<T>;
    this.#heap[a] = this.#heap[b] as Ranked<T>;
    this.#heap[b] = entry;
  }
}

function byRank<T>(a: Ranked<T>, b: Ranked<T>): number {
  return a.rank - b.rank || a.turn - b.turn;
}
