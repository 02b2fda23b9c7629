// What is due next: a binary heap by time; what is due at the same time comes in the order in which it was added.

interface Item<T> {
  atUs: number;
  order: number;
  what: T;
}

export class Schedule<T> {
  readonly #heap: Item<T>[] = [];
  #added = 0;

  /** Unix µs of what is due next; Infinity when nothing is. */
  get nextUs(): number {
    return this.#heap[0]?.atUs ?? Infinity;
  }

  add(atUs: number, what: T): void {
    const heap = this.#heap;
    const item = { atUs, order: this.#added++, what };
    let i = heap.length;
    heap.push(item);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (before(heap[parent]!, item)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = item;
  }

  /** Removes what is due next. */
  take(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.what;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (before(last, heap[child]!)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first.what;
  }
}

function before(a: Item<unknown>, b: Item<unknown>): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
