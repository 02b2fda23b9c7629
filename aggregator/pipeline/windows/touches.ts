// When each second was last read or changed: those that nobody has touched for a while are frozen, longest ago first.

export class Touches {
  readonly #byNumber = new Map<number, { reachedS: number; order: number }>();
  #count = 0;

  /** A second is read or changed; `reachedS`: how far event time has come. */
  touch(number: number, reachedS: number): void {
    this.#byNumber.set(number, { reachedS, order: ++this.#count });
  }

  /** How far event time had come when it was. */
  reachedS(number: number): number {
    return this.#byNumber.get(number)?.reachedS ?? -Infinity;
  }

  /** Which of all touches that was. */
  orderOf(number: number): number {
    return this.#byNumber.get(number)?.order ?? 0;
  }

  forget(number: number): void {
    this.#byNumber.delete(number);
  }
}
