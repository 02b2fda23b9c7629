// The one way into the pipeline: gives each arrival its ingestion time, lets it into the pipeline at once, and has it
// journalled. Drones are warned of what comes of it without waiting for a disk; senders and sinks hear of it when it is
// safe, in order. What a crash forgets, the sender still has: it comes again, and so does what came of it. While the journal
// fails nothing waits for it: what it has no room for is judged all the same, and asked for again when it goes on.
import {
  type Applied,
  apply,
  type Arrival,
  encodeArrival,
  type GapReport,
  type PipelineInput,
} from "../journal/entries.ts";
import type { Journal } from "../journal/journal.ts";
import { IngestionTimes } from "./ingestion_times.ts";
import type { EnvironmentValues } from "../audit/environment.ts";
import { bounded, type Deed } from "../audit/record.ts";
import type { Entry, StepVerdict } from "../batch/entry.ts";
import type { Output } from "../outputs.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { SettingValues } from "../pipeline/tuning.ts";
import { Unaware } from "./unaware.ts";
import { Unjournalled } from "./unjournalled.ts";

/** What stands before and behind the sequencer. None of its functions may throw. */
export interface SequencerParts {
  /** Unix µs; jumps when the host's clock is set. */
  nowUs: () => number;
  /** Monotonic ms. */
  clock: () => number;
  journal: Journal;
  pipeline: PipelineInput & Pick<Pipeline, "knowsBatch">;
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
  /** The journal has no room: from now on it lacks what is judged. */
  onFull: () => void;
  /** The journal goes on, and has on disk how much it lacks; so many results no sink will have. */
  onGap: (gap: GapReport, dropped: number) => void;
  /** What was judged and not journalled can be journalled now. */
  onMissed: () => void;
}

/** An entry of the journal. Its number grows from one to the next; its time does so too, until the host's clock is set. */
export interface Place {
  index: number;
  timeUs: number;
}

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
  /** False: it was judged, and the journal does not have it. */
  isSafe: boolean;
}

/** What became of what a person does. `held`: it is done, and not yet safe. `refused`: nothing was done. */
export type Done = "safe" | "held" | "refused";

/** Deeds that wait to be recorded. */
const UNRECORDED_MAX = 1024;

/** What has entered the pipeline. */
interface Entered {
  applied: Applied;
  /** Resolves when it is safe, and delivered. Null: it never will be. */
  safe: Promise<unknown> | null;
}

/** Orders everything that enters the pipeline. */
export class Sequencer {
  readonly #parts: SequencerParts;
  readonly #times: IngestionTimes;
  #seen: Place;
  #applied: Place;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();
  #last: Promise<unknown> = Promise.resolve();
  readonly #unaware = new Unaware();
  /** What is to be recorded when the journal goes on. */
  readonly #unrecorded: Deed[] = [];
  #gap: Unjournalled | null = null;
  #hasMissed = false;

  constructor(parts: SequencerParts) {
    this.#parts = parts;
    this.#seen = this.#applied = parts.applied ?? { index: 0, timeUs: 0 };
    this.#times = new IngestionTimes({ ...parts, lastUs: this.#applied.timeUs });
  }

  /** The last entry that the pipeline has seen, journalled or not yet; null: it has seen what will be in no entry. */
  get seen(): Place | null {
    return this.#gap ? null : this.#seen;
  }

  /** The last entry that is journalled, and whose results are delivered. */
  get applied(): Place {
    return this.#applied;
  }

  /** Arrivals that are not yet through. */
  get waiting(): number {
    return this.#waiting;
  }

  /** What enters now will be safe in moments. */
  get isKeeping(): boolean {
    const { journal } = this.#parts;
    return !this.#gap && !journal.failing && !journal.full;
  }

  /**
   * Resolves when the batch is safe, or, with `isSafe` false, when it is clear that it must come again for that. Rejects when
   * the journal does.
   * @param onHeld hears once, with `isSafe` false, that it is judged and waits for a journal that fails
   */
  async take({ uplink, ...batch }: ArrivedBatch, onHeld: (taken: Taken) => void = () => {}): Promise<Taken> {
    // Nothing new: it need not wait for the journal twice.
    if (!this.isKeeping && this.#parts.pipeline.knowsBatch(batch.sealed.batchId)) {
      this.#hasMissed = true;
      return { verdict: "duplicate", unknownSlots: [], isSafe: false };
    }
    const { applied: { verdict, unknownSlots = [] }, safe } = this.#enter({ type: "batch", batch, uplink });
    if (!verdict) throw new Error("Cannot answer a batch: the pipeline gave no verdict");
    if (safe) await this.#aware(safe, () => onHeld({ verdict, unknownSlots, isSafe: false }));
    else this.#hasMissed = true;
    return { verdict, unknownSlots, isSafe: safe !== null };
  }

  /** Resolves when it is safe what became of an edge, or what it has heard that is no batch; or will not be. */
  async told(arrival: Extract<Arrival, { type: "edge" | "link-losses" | "traffic" }>): Promise<void> {
    await this.#enter(arrival).safe;
  }

  /** Resolves when the losses are safe, or with false: the journal has no room for them. */
  async takeLosses(losses: Omit<Extract<Arrival, { type: "losses" }>, "type">): Promise<boolean> {
    if (this.#gap || this.#parts.journal.full) return false;
    await this.#enter({ type: "losses", ...losses }).safe;
    return true;
  }

  /** Lets the pipeline see that time has passed; some ten times a second, whatever the journal does. Resolves when that is safe. */
  async tick(): Promise<void> {
    this.check();
    await this.#enter({ type: "tick" }).safe;
  }

  /** `unknown`: no such alert is open. */
  async acknowledgeAlert({ alertId, by }: { alertId: number; by: string }): Promise<Done | "unknown"> {
    const { done, applied } = await this.#act({ type: "acknowledgement", alertId, by });
    return applied?.found === false ? "unknown" : done;
  }

  /** Settings of the pipeline have these values from now on. */
  async configure({ by, values }: { by: string; values: SettingValues }): Promise<Done> {
    return (await this.#act({ type: "configuration", by, values })).done;
  }

  /** Records with which settings of its environment the aggregator was started. */
  async started(values: EnvironmentValues): Promise<Done> {
    return (await this.#act({ type: "start", values })).done;
  }

  /** Records what was done elsewhere: when the journal can be written again, if it cannot now; `refused`: too much waits. */
  async audit(deed: Deed): Promise<Done> {
    const { done } = await this.#act({ type: "audit", deed: bounded(deed) });
    if (done !== "refused" || this.#unrecorded.length >= UNRECORDED_MAX) return done;
    this.#unrecorded.push(bounded(deed));
    return "held";
  }

  /** Has the pipeline forget a drone. Resolves when it is safe that it does, or with false: the journal cannot keep that. */
  async erase(drone: { droneId: string; name: string }): Promise<boolean> {
    if (!this.isKeeping) return false;
    await this.#enter({ type: "erasure", ...drone }).safe;
    return true;
  }

  /** When the journal may have begun to fail, or to go on, and some ten times a second. */
  check(): void {
    if (this.#parts.journal.failing) {
      this.#unaware.tellAll();
    } else if (this.#waiting === 0 || !this.#gap) this.#goOn();
    // A journal that is closed before is heard of elsewhere.
    while (this.isKeeping && this.#unrecorded.length > 0) this.audit(this.#unrecorded.shift()!).catch(() => undefined);
  }

  /** Resolves when everything handed in so far is through, or has failed. */
  settled(): Promise<void> {
    return this.#tail;
  }

  /** Resolves when all entries that the pipeline has seen so far are safe. Rejects when they never will be. */
  async safe(): Promise<void> {
    await this.#last;
  }

  // Nobody waits for a journal that fails: it is refused then, or done and not yet safe if it begins to fail. What is done is
  // in the journal, or will be: it has room for it, also behind a step of the clock.
  async #act(arrival: Arrival): Promise<{ done: Done; applied?: Applied }> {
    this.#stepClock();
    if (!this.isKeeping) return { done: "refused" };
    const { applied, safe } = this.#let(arrival);
    if (!safe) throw new Error("Cannot keep what was done: the journal began to lack it");
    const held = Promise.withResolvers<Done>();
    const kept = this.#aware(safe, () => held.resolve("held")).then((): Done => "safe");
    return { done: await Promise.race([kept, held.promise]), applied };
  }

  // Not async: what two callers hand in one after the other must be applied, and journalled, in this order.
  #enter(arrival: Arrival): Entered {
    this.#stepClock();
    return this.#let(arrival);
  }

  #stepClock(): void {
    const stepUs = this.#times.arrive();
    if (stepUs !== 0) {
      // Whoever is behind it hears of a journal that does not keep it.
      this.#let({ type: "clock-step", stepUs }).safe?.catch(() => undefined);
      this.#parts.onClockStep(stepUs);
    }
  }

  #let(arrival: Arrival): Entered {
    const { pipeline, warn } = this.#parts;
    const gap = this.#gap ?? this.#beginGap();
    const body = gap ? null : encodeArrival(arrival);
    const timeUs = this.#times.next();
    const applied = apply(pipeline, { arrival, timeUs });
    const { outputs } = applied;
    gap?.add(arrival, { outputs, timeUs });
    const place = body && this.#nextPlace(timeUs);
    warn(outputs);
    return { applied, safe: place && body && this.#keep(arrival, { outputs, place, body }) };
  }

  #nextPlace(timeUs: number): Place {
    return this.#seen = { index: this.#seen.index + 1, timeUs };
  }

  #beginGap(): Unjournalled | null {
    if (!this.#parts.journal.full) return null;
    this.#parts.onFull();
    return this.#gap = new Unjournalled();
  }

  // Everything that waited is on disk: what the journal lacks stands behind it, and before all that comes now.
  #goOn(): void {
    const [gap, { onGap, onMissed }] = [this.#gap, this.#parts];
    this.#gap = null;
    if (gap) {
      const { report, outputs, dropped } = gap;
      const place = this.#nextPlace(this.#times.next());
      const arrival = { type: "gap", gap: report } as const;
      const kept = this.#keep(arrival, { outputs, place, body: encodeArrival(arrival) });
      kept.then(() => onGap(report, dropped), () => undefined);
    }
    if (!this.#hasMissed) return;
    this.#hasMissed = false;
    // A journal that is closed before is heard of elsewhere.
    this.safe().then(onMissed, () => undefined);
  }

  async #aware(safe: Promise<unknown>, tell: () => void): Promise<void> {
    await this.#unaware.wait(safe, { tell, isFailing: this.#parts.journal.failing });
  }

  #keep(
    arrival: Arrival,
    { outputs, place, body }: { outputs: Output[]; place: Place; body: Uint8Array<ArrayBuffer> },
  ): Promise<void> {
    const { journal, deliver, onLosses } = this.#parts;
    this.#waiting++;
    const kept = Promise.all([journal.append(place.timeUs, body), this.#tail]).then(([index]) => {
      if (index !== place.index) throw new Error(`Cannot go on: entry ${place.index} was journalled as ${index}`);
      this.#applied = place;
      deliver(outputs, place);
      if (arrival.type === "losses") onLosses(arrival);
    }).finally(() => this.#waiting--);
    // The caller of this one hears of its failure; those after it go on.
    this.#tail = kept.then(() => undefined, () => undefined);
    return this.#last = kept;
  }
}
