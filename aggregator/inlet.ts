// The one way into the pipeline: gives each arrival its ingestion time, lets it into the pipeline at once, and has it
// journalled. Drones are warned of what comes of it without waiting for a disk; senders and sinks hear of it when it is
// safe, in order. What a crash forgets, the sender still has: it comes again, and so does what came of it.
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
  /** What came of an arrival, before it is safe: for warnings, which do not wait. */
  warn: (outputs: Output[]) => void;
  /** The same when it is safe, in order; `atUs`: its time, which no two arrivals share. */
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
  #seen: Place;
  #applied: Place;
  #waiting = 0;
  #ticking = false;
  #tail: Promise<void> = Promise.resolve();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: InletParts) {
    this.#parts = parts;
    this.#seen = this.#applied = parts.applied ?? { index: 0, timeUs: 0 };
    this.#lastUs = this.#applied.timeUs;
  }

  /** The last entry that the pipeline has seen, journalled or not yet. */
  get seen(): Place {
    return this.#seen;
  }

  /** The last entry that is journalled, and whose results are delivered. */
  get applied(): Place {
    return this.#applied;
  }

  /** Arrivals that are not yet through. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when the batch is safe. Rejects when the journal does, or when the pipeline cannot take it: not journalled. */
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

  /** Resolves when everything handed in so far is through, or has failed. */
  settled(): Promise<void> {
    return this.#tail;
  }

  /** Resolves when everything that the pipeline has seen so far is safe. Rejects when it never will be. */
  async safe(): Promise<void> {
    await this.#last;
  }

  // Not async: what two callers hand in one after the other must be applied, and journalled, in this order.
  #enter(arrival: Arrival): Promise<Applied> {
    const { nowUs, pipeline, warn } = this.#parts;
    // Strictly growing, so that a time names one arrival.
    const timeUs = this.#lastUs = Math.max(Math.round(nowUs()), this.#lastUs + 1);
    try {
      const applied = apply(pipeline, arrival, timeUs);
      const place = this.#seen = { index: this.#seen.index + 1, timeUs };
      warn(applied.outputs);
      return this.#last = this.#keep(arrival, { applied, place });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #keep(arrival: Arrival, { applied, place }: { applied: Applied; place: Place }): Promise<Applied> {
    const { journal, deliver, onLosses } = this.#parts;
    this.#waiting++;
    const kept = Promise.all([journal.append(place.timeUs, encodeArrival(arrival)), this.#tail]).then(([index]) => {
      if (index !== place.index) throw new Error(`Cannot go on: entry ${place.index} was journalled as ${index}`);
      this.#applied = place;
      deliver(applied.outputs, place.timeUs);
      if (arrival.type === "losses") onLosses(arrival);
      return applied;
    }).finally(() => this.#waiting--);
    // The caller of this one hears of its failure; those after it go on.
    this.#tail = kept.then(() => undefined, () => undefined);
    return kept;
  }
}
