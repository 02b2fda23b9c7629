// Seeded randomness: the same seed gives the same fleet. Each drone has a generator of its own, so that neither the
// number of drones nor the order of work changes what one of them does.

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spare: number | null = null;

  /** @param stream tells generators of one seed apart. */
  constructor(seed: number, stream = 0) {
    this.#a = seed | 0;
    this.#b = Math.imul(stream, 0x9e37_79b9) ^ 0x5bd1_e995;
    this.#c = 0x2545_f491;
    for (let i = 0; i < 16; i++) this.#next();
  }

  /** From 0 up to, not including, 1. */
  unit(): number {
    return this.#next() / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.unit());
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Normal, mean 0. Marsaglia's polar method. */
  gaussian(sigma: number): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return sigma * spare;
    }
    for (;;) {
      const x = 2 * this.unit() - 1;
      const y = 2 * this.unit() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt(-2 * Math.log(square) / square);
      this.#spare = y * scale;
      return sigma * x * scale;
    }
  }

  // sfc32, from PractRand by Chris Doty-Humphrey.
  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}
