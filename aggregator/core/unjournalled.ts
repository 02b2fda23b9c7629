// What the pipeline judges while the journal can have no more: drones are warned of it, nobody is acknowledged, and when
// the journal goes on one entry says how much it lacks. Of the results only the latest are kept for the sinks, bounded.
import type { Arrival, GapReport } from "../journal/entries.ts";
import type { Output } from "../outputs.ts";

/** Results that wait for the sinks: alerts and what was lost of records, and windows, which are larger. */
const RESULTS_MAX = 16_384;
const WINDOWS_MAX = 4096;

/** Latest of each key; beyond `max` the oldest is dropped, and counted. */
class Latest {
  readonly #max: number;
  readonly #byKey = new Map<string, Output>();
  dropped = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): Output | undefined {
    return this.#byKey.get(key);
  }

  put(key: string, output: Output): void {
    this.#byKey.delete(key);
    this.#byKey.set(key, output);
    if (this.#byKey.size <= this.#max) return;
    this.#byKey.delete(this.#byKey.keys().next().value!);
    this.dropped++;
  }

  values(): Iterable<Output> {
    return this.#byKey.values();
  }
}

export class Unjournalled {
  readonly #report: GapReport = {
    ...{ fromUs: 0, toUs: 0, batches: 0, records: 0, ticks: 0 },
    ...{ lastAlertId: 0, clockStepUs: 0 },
  };
  readonly #results = new Latest(RESULTS_MAX);
  readonly #windows = new Latest(WINDOWS_MAX);

  /** What the journal is told. */
  get report(): GapReport {
    return { ...this.#report };
  }

  /** Results in the order in which they last changed. */
  get outputs(): Output[] {
    return [...this.#results.values(), ...this.#windows.values()];
  }

  /** Results that no sink will have. */
  get dropped(): number {
    return this.#results.dropped + this.#windows.dropped;
  }

  /** Something was judged, at this ingestion time. */
  add(arrival: Arrival, { outputs, timeUs }: { outputs: Output[]; timeUs: number }): void {
    const report = this.#report;
    report.fromUs ||= timeUs;
    report.toUs = timeUs;
    if (arrival.type === "batch") {
      report.batches++;
      report.records += arrival.batch.sealed.records;
    } else if (arrival.type === "tick") report.ticks++;
    else if (arrival.type === "clock-step") report.clockStepUs += arrival.stepUs;
    for (const output of outputs) this.#keep(output);
  }

  #keep(output: Output): void {
    switch (output.type) {
      case "alert": {
        const { alertId } = output.alert;
        this.#report.lastAlertId = Math.max(this.#report.lastAlertId, alertId);
        return this.#results.put(`alert ${alertId}`, output);
      }
      case "alert-open":
        // Edges were told at once.
        return;
      case "configuration":
        // The sequencer refuses it while the journal lacks anything.
        return;
      case "late":
        return this.#addLate(output);
      case "quarantine":
        return this.#results.put(`quarantine ${output.quarantine.batchId} ${output.quarantine.error}`, output);
      case "tumbling":
      case "sliding": {
        const { fleet, zone, startUs } = output.window;
        return this.#windows.put(JSON.stringify([output.type, fleet, zone, startUs]), output);
      }
    }
  }

  // Each counts: they are added up.
  #addLate(output: Extract<Output, { type: "late" }>): void {
    const { late } = output;
    const key = JSON.stringify([late.edgeId, late.droneId]);
    const before = this.#results.get(key);
    if (before?.type !== "late") return this.#results.put(key, output);
    const records = before.late.records + late.records;
    const firstEventTimeUs = Math.min(before.late.firstEventTimeUs, late.firstEventTimeUs);
    const lastEventTimeUs = Math.max(before.late.lastEventTimeUs, late.lastEventTimeUs);
    this.#results.put(key, { type: "late", late: { ...late, records, firstEventTimeUs, lastEventTimeUs } });
  }
}
