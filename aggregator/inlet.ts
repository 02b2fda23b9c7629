// The one way into the pipeline: gives each arrival its ingestion time, has it journalled, and lets arrivals into the
// pipeline one at a time in the order of their times, whatever the journal's pace.
import { type Applied, apply, type Arrival, encodeArrival, type PipelineInput } from "./journal/entries.ts";
import type { Journal } from "./journal/journal.ts";
import type { Entry, StepVerdict } from "./pipeline/entry.ts";
import type { Output } from "./pipeline/outputs.ts";

/** What stands before and behind the inlet. */
export interface InletParts {
  /** Unix µs; may jump. */
  nowUs: () => number;
  journal: Journal;
  pipeline: PipelineInput;
  /** The journal's last entry that the pipeline has seen; without it the first. */
  applied?: Place;
  /** What came of an arrival, in order; `atUs`: its time, which no two arrivals share. */
  deliver: (outputs: Output[], atUs: number) => void;
  /** Losses that an edge reported are safe. */
  onLosses: (losses: Extract<Arrival, { type: "losses" }>) => void;
}

/** An entry of the journal. */
export interface Place {
  index: number;
  timeUs: number;
}

/** A batch as it arrived. */
export interface ArrivedBatch extends Omit<Entry, "ingestionTimeUs"> {
  /** The EdgeUplink message that held it. */
  uplink: Uint8Array;
}

/** Orders everything that enters the pipeline. */
export class Inlet {
  readonly #parts: InletParts;
  #lastUs: number;
  #applied: Place;
  #waiting = 0;
  #ticking = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(parts: InletParts) {
    this.#parts = parts;
    this.#applied = parts.applied ?? { index: 0, timeUs: 0 };
    this.#lastUs = this.#applied.timeUs;
  }

  /** The last entry that the pipeline has seen. */
  get applied(): Place {
    return this.#applied;
  }

  /** Arrivals that are not yet through. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Journals the batch, then lets it into the pipeline. Rejects when the journal does: then nothing has happened. */
  async take({ uplink, ...batch }: ArrivedBatch): Promise<StepVerdict> {
    const { verdict } = await this.#enter({ type: "batch", batch, uplink });
    if (!verdict) throw new Error("Cannot answer a batch: the pipeline gave no verdict");
    return verdict;
  }

  /** Resolves when the losses are safe. */
  async takeLosses(losses: Omit<Extract<Arrival, { type: "losses" }>, "type">): Promise<void> {
    await this.#enter({ type: "losses", ...losses });
  }

  /** Lets the pipeline see that time has passed; not again before that is through. */
  async tick(): Promise<void> {
    if (this.#ticking) return;
    this.#ticking = true;
    try {
      await this.#enter({ type: "tick" });
    } finally {
      this.#ticking = false;
    }
  }

  /** False: no such open alert. */
  async acknowledgeAlert({ alertId, by }: { alertId: number; by: string }): Promise<boolean> {
    return (await this.#enter({ type: "acknowledgement", alertId, by })).found ?? false;
  }

  /** Resolves when everything handed in so far is through. */
  settled(): Promise<void> {
    return this.#tail;
  }

  #enter(arrival: Arrival): Promise<Applied> {
    const { nowUs, journal, pipeline, deliver, onLosses } = this.#parts;
    // Strictly growing, so that a time names one arrival.
    const timeUs = this.#lastUs = Math.max(Math.round(nowUs()), this.#lastUs + 1);
    this.#waiting++;
    const result = Promise.all([journal.append(timeUs, encodeArrival(arrival)), this.#tail]).then(([index]) => {
      const applied = apply(pipeline, arrival, timeUs);
      this.#applied = { index, timeUs };
      deliver(applied.outputs, timeUs);
      if (arrival.type === "losses") onLosses(arrival);
      return applied;
    }).finally(() => this.#waiting--);
    // The caller of this one hears of its failure; those after it go on.
    this.#tail = result.then(() => undefined, () => undefined);
    return result;
  }
}
