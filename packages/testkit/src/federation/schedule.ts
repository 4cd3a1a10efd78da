// Simulated time: what is to happen, earliest first, ties in the order they were planned. Time moves only from one event to the next.

interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class Schedule {
  nowMs = 0;
  #order = 0;
  readonly #heap: Planned[] = [];

  get size(): number {
    return this.#heap.length;
  }

  after(delayMs: number, run: () => void): void {
    const planned = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(planned);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(planned, heap[parent] as Planned)) break;
      heap[at] = heap[parent] as Planned;
      at = parent;
    }
    heap[at] = planned;
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    const heap = this.#heap;
    const next = heap[0];
    const last = heap.pop();
    if (next === undefined || last === undefined) return false;
    if (heap.length > 0) this.#sink(last);
    this.nowMs = next.atMs;
    next.run();
    return true;
  }

  #sink(planned: Planned): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Planned, heap[child] as Planned)) child += 1;
      if (!isBefore(heap[child] as Planned, planned)) break;
      heap[at] = heap[child] as Planned;
      at = child;
    }
    heap[at] = planned;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
