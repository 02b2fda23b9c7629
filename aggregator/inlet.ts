// The one way into the pipeline: gives each entry its ingestion time, has it journalled, and lets entries, ticks and
// acknowledgements of people into the pipeline one at a time in the order of their times, whatever the journal's pace.
import type { Journal } from "./journal.ts";
import type { Entry, StepVerdict } from "./pipeline/entry.ts";
import type { Output } from "./pipeline/outputs.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";

/** What stands before and behind the inlet. */
export interface InletParts {
  /** Unix µs; may jump. */
  nowUs: () => number;
  journal: Journal;
  pipeline: Pick<Pipeline, "step" | "tick" | "acknowledgeAlert">;
  /** `atUs`: time of the entry or tick that made them; no two calls have the same. */
  deliver: (outputs: Output[], atUs: number) => void;
}

/** Orders everything that enters the pipeline. */
export class Inlet {
  readonly #parts: InletParts;
  #lastUs = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(parts: InletParts) {
    this.#parts = parts;
  }

  /** Journals the batch, then lets it into the pipeline. Rejects when the journal does: then nothing has happened. */
  take(batch: Omit<Entry, "ingestionTimeUs">): Promise<StepVerdict> {
    const entry = { ...batch, ingestionTimeUs: this.#advance() };
    return this.#inOrder(this.#parts.journal(entry), () => {
      const { verdict, outputs } = this.#parts.pipeline.step(entry);
      this.#parts.deliver(outputs, entry.ingestionTimeUs);
      return verdict;
    });
  }

  /** Lets the pipeline see that time has passed. */
  tick(): Promise<void> {
    const atUs = this.#advance();
    return this.#inOrder(Promise.resolve(), () => this.#parts.deliver(this.#parts.pipeline.tick(atUs), atUs));
  }

  /** False: no such open alert. */
  acknowledgeAlert({ alertId, by }: { alertId: number; by: string }): Promise<boolean> {
    const nowUs = this.#advance();
    return this.#inOrder(Promise.resolve(), () => {
      const { found, outputs } = this.#parts.pipeline.acknowledgeAlert({ alertId, by, nowUs });
      this.#parts.deliver(outputs, nowUs);
      return found;
    });
  }

  /** Resolves when everything handed in so far is through. */
  settled(): Promise<void> {
    return this.#tail;
  }

  // Strictly growing, so that a time names one entry or tick.
  #advance(): number {
    return this.#lastUs = Math.max(Math.round(this.#parts.nowUs()), this.#lastUs + 1);
  }

  #inOrder<T>(ready: Promise<void>, run: () => T): Promise<T> {
    const result = Promise.all([this.#tail, ready]).then(run);
    // The caller of this one hears of its failure; those after it go on.
    this.#tail = result.then(() => undefined, () => undefined);
    return result;
  }
}
