// The one way into the pipeline: gives each arrival its ingestion time, lets it into the pipeline at once, and has it
// journalled. Drones are warned of what comes of it without waiting for a disk; senders and sinks hear of it when it is
// safe, in order. What a crash forgets, the sender still has: it comes again, and so does what came of it.
import { type Applied, apply, type Arrival, encodeArrival, type PipelineInput } from "./journal/entries.ts";
import type { Journal } from "./journal/journal.ts";
import { BODY_BYTES_MAX } from "./journal/format.ts";
import type { EdgeChange, Entry, StepVerdict } from "./pipeline/entry.ts";
import type { Output } from "./pipeline/outputs.ts";

/** What stands before and behind the inlet. None of its functions may throw. */
export interface InletParts {
  /** Unix µs; jumps when the host's clock is set. */
  nowUs: () => number;
  /** Monotonic ms. */
  clock: () => number;
  journal: Journal;
  pipeline: PipelineInput;
  /** The journal's last entry that the pipeline has seen; without it the first. */
  applied?: Place;
  /** What came of an arrival, before it is safe: for warnings, which do not wait. */
  warn: (outputs: Output[]) => void;
  /** The same when it is safe, in order. */
  deliver: (outputs: Output[], place: Place) => void;
  /** The host's clock was set, by so much: the pipeline has heard of it. */
  onClockStep: (stepUs: number) => void;
  /** Losses that an edge reported are safe. */
  onLosses: (losses: Extract<Arrival, { type: "losses" }>) => void;
}

/** An entry of the journal. Its number grows from one to the next; its time does so too, until the host's clock is set. */
export interface Place {
  index: number;
  timeUs: number;
}

/** A smaller jump is waited out, with times that grow by 1 µs: the clock was slewed, or the host was busy. */
const STEP_US_MIN = 500_000;

/** A batch as it arrived. */
export interface ArrivedBatch extends Omit<Entry, "ingestionTimeUs"> {
  /** The EdgeUplink message that held it. */
  uplink: Uint8Array;
}

/** What became of a batch. */
export interface Taken {
  verdict: StepVerdict;
  /** With `unknown-slot`: those. */
  unknownSlots: number[];
}

/** Orders everything that enters the pipeline. */
export class Inlet {
  readonly #parts: InletParts;
  #lastUs: number;
  /** When that was; null before the first arrival of this process. */
  #lastClockMs: number | null = null;
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

  /** Resolves when the batch is safe. Rejects when the journal does. */
  async take({ uplink, ...batch }: ArrivedBatch): Promise<Taken> {
    const { verdict, unknownSlots = [] } = await this.#enter({ type: "batch", batch, uplink });
    if (!verdict) throw new Error("Cannot answer a batch: the pipeline gave no verdict");
    return { verdict, unknownSlots };
  }

  /** Resolves when it is safe that an edge came, was lost or left, or hears its drones later than before. */
  async edgeChanged(change: EdgeChange): Promise<void> {
    await this.#enter({ type: "edge", ...change });
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
    const nowUs = Math.round(this.#parts.nowUs());
    const stepUs = this.#clockStep(nowUs);
    if (Math.abs(stepUs) >= STEP_US_MIN) {
      this.#lastUs = nowUs - 1;
      // Whoever is behind it hears of a journal that does not keep it.
      this.#let({ type: "clock-step", stepUs }, nowUs).catch(() => undefined);
      this.#parts.onClockStep(stepUs);
    }
    return this.#let(arrival, nowUs);
  }

  /** By how many whole µs the wall clock has moved against the time that really passed since the last arrival. */
  #clockStep(nowUs: number): number {
    const clockMs = this.#parts.clock();
    const passedUs = this.#lastClockMs === null ? null : Math.round((clockMs - this.#lastClockMs) * 1000);
    this.#lastClockMs = clockMs;
    // Of an earlier process it is only known that time does not go back.
    return passedUs === null ? Math.min(0, nowUs - this.#lastUs) : nowUs - (this.#lastUs + passedUs);
  }

  #let(arrival: Arrival, nowUs: number): Promise<Applied> {
    const { pipeline, warn } = this.#parts;
    const body = encodeArrival(arrival);
    if (body.length > BODY_BYTES_MAX) {
      return Promise.reject(new RangeError(`Cannot journal an entry: it has ${body.length} bytes`));
    }
    const timeUs = this.#lastUs = Math.max(nowUs, this.#lastUs + 1);
    const applied = apply(pipeline, arrival, timeUs);
    const place = this.#seen = { index: this.#seen.index + 1, timeUs };
    warn(applied.outputs);
    return this.#last = this.#keep(arrival, { applied, place, body });
  }

  #keep(
    arrival: Arrival,
    { applied, place, body }: { applied: Applied; place: Place; body: Uint8Array<ArrayBuffer> },
  ): Promise<Applied> {
    const { journal, deliver, onLosses } = this.#parts;
    this.#waiting++;
    const kept = Promise.all([journal.append(place.timeUs, body), this.#tail]).then(([index]) => {
      if (index !== place.index) throw new Error(`Cannot go on: entry ${place.index} was journalled as ${index}`);
      this.#applied = place;
      deliver(applied.outputs, place);
      if (arrival.type === "losses") onLosses(arrival);
      return applied;
    }).finally(() => this.#waiting--);
    // The caller of this one hears of its failure; those after it go on.
    this.#tail = kept.then(() => undefined, () => undefined);
    return kept;
  }
}
