// First in, first out, each step at the same cost however long it is: its items are linked, and are in one queue at a time.

/** What can stand in a queue. */
export interface Queued<T> {
  next: T | null;
}

/** A queue of linked items. */
export class Queue<T extends Queued<T>> {
  #first: T | null = null;
  #last: T | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The item that leaves next. */
  get first(): T | null {
    return this.#first;
  }

  push(item: T): void {
    item.next = null;
    if (this.#last) this.#last.next = item;
    else this.#first = item;
    this.#last = item;
    this.#length++;
  }

  shift(): T | null {
    const item = this.#first;
    if (!item) return null;
    this.#first = item.next;
    if (!this.#first) this.#last = null;
    item.next = null;
    this.#length--;
    return item;
  }

  /** Puts all of another queue behind its own items; the other is empty afterwards. */
  append(other: Queue<T>): void {
    if (!other.#first || other === this) return;
    if (this.#last) this.#last.next = other.#first;
    else this.#first = other.#first;
    this.#last = other.#last;
    this.#length += other.#length;
    other.#first = null;
    other.#last = null;
    other.#length = 0;
  }

  /** First to last. The item that was just yielded may be put into another queue. */
  *[Symbol.iterator](): Generator<T> {
    for (let item = this.#first; item;) {
      const { next } = item;
      yield item;
      item = next;
    }
  }
}
