// The inputs of one run: each a change, or a few, of one that is known, which are those of the corpus and those that had an
// outcome which none before had. The same seed and the same outcomes give the same inputs.
import { Random } from "../../sim/random.ts";
import { changedBytes, pick } from "./bytes.ts";
import { changedMessage } from "./messages.ts";
import type { Target } from "./target.ts";
import { changedText } from "./texts.ts";

const POOL_MAX = 512;
/** What is kept is changed again and again: long ones would take all the time. */
const KEPT_BYTES_MAX = 8192;
const CHANGES_MAX = 4;

export class Inputs {
  /** Inputs that had an outcome first, by outcome. */
  readonly found = new Map<string, Uint8Array>();
  readonly #target: Target;
  readonly #random: Random;
  readonly #pool: Uint8Array[];

  constructor(target: Target, { seed, corpus }: { seed: number; corpus: readonly Uint8Array[] }) {
    this.#target = target;
    this.#random = new Random(seed);
    this.#pool = [...target.seeds(this.#random), ...corpus];
  }

  /** What is known before anything is changed. */
  get known(): readonly Uint8Array[] {
    return this.#pool;
  }

  next(): Uint8Array {
    const random = this.#random;
    let input = pick(random, this.#pool);
    for (let left = 1 + Math.floor(CHANGES_MAX * random.unit() ** 2); left > 0; left--) {
      input = this.#changed(input, pick(random, this.#pool));
    }
    return input.length > this.#target.bytesMax ? input.subarray(0, this.#target.bytesMax) : input;
  }

  /** What came of an input. */
  learn(input: Uint8Array, outcome: string): void {
    if (this.found.has(outcome)) return;
    this.found.set(outcome, input.slice());
    if (this.#pool.length < POOL_MAX && input.length <= KEPT_BYTES_MAX) this.#pool.push(input.slice());
  }

  #changed(input: Uint8Array, other: Uint8Array): Uint8Array {
    const { format, words = [] } = this.#target;
    const random = this.#random;
    if (format === "protobuf" && !random.chance(0.2)) return changedMessage(input, random, other);
    if (format === "text") return changedText(input, random, { other, words });
    return changedBytes(input, random, other);
  }
}
