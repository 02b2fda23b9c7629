// Virtual time: everything that happens in a simulated system is an event at an instant, and events of one instant
// happen in the order in which they were planned. The same seed, the same history.

/** A source of chance: numbers from 0 inclusive to 1 exclusive. */
export type Random = () => number;

interface Event {
  atMs: number;
  order: number;
  fn: () => void | Promise<void>;
  cancelled: boolean;
}

/** Turns of the microtask queue after an event: the longest chain of promises in the system is far shorter. */
const MICROTASK_TURNS = 60;

export class World {
  readonly random: Random;
  #nowMs = 0;
  #order = 0;
  /** By time, latest first. */
  readonly #events: Event[] = [];

  constructor(seed: number) {
    this.random = mulberry32(seed);
  }

  /** ms since the beginning. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** An integer from min to max, both inclusive. */
  between(min: number, max: number): number {
    return min + Math.floor(this.random() * (max - min + 1));
  }

  /** Runs `fn` after `ms`; the result cancels it. */
  after(ms: number, fn: () => void | Promise<void>): () => void {
    const event = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, fn, cancelled: false };
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.atMs > event.atMs) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
    return () => void (event.cancelled = true);
  }

  every(ms: number, fn: () => void | Promise<void>): () => void {
    let cancel = () => {};
    const again = () => {
      cancel = this.after(ms, again);
      return fn();
    };
    cancel = this.after(ms, again);
    return () => cancel();
  }

  /** Lets everything happen until `untilMs`, or until `done` says so. */
  async run(untilMs: number, done: () => boolean = () => false): Promise<void> {
    while (!done()) {
      const event = this.#events.at(-1);
      if (!event || event.atMs > untilMs) {
        this.#nowMs = Math.max(this.#nowMs, untilMs);
        return;
      }
      this.#events.pop();
      if (event.cancelled) continue;
      this.#nowMs = event.atMs;
      await event.fn();
      for (let i = 0; i < MICROTASK_TURNS; i++) await null;
    }
  }
}

/** A small generator with a 32-bit state: Tommy Ettinger's Mulberry32. */
export function mulberry32(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
