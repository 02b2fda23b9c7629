// How much of what came out of the pipeline: windows by kind, alerts by kind and what became of them.
import type { Output } from "../outputs.ts";
import type { Sink } from "./sink.ts";

/** Since the start. */
export interface TallyView {
  /** By kind: fired for the first time, and again for late records. */
  windows: Record<"tumbling" | "sliding", { first: number; revised: number }>;
  /** By kind and transition, as in `conflict` and `raise`; those that happened. */
  alerts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Records behind windows that have expired. */
  lateRecords: number;
}

/** Counts them. */
export class Tally implements Sink {
  readonly guarantee = "counts since the start, with what recovery delivers again";
  readonly #windows = { tumbling: { first: 0, revised: 0 }, sliding: { first: 0, revised: 0 } };
  readonly #alerts = new Map<string, Map<string, number>>();
  #lateRecords = 0;

  get view(): TallyView {
    return { windows: this.#windows, alerts: this.#alerts, lateRecords: this.#lateRecords };
  }

  deliver(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.type === "tumbling" || output.type === "sliding") {
        this.#windows[output.type][output.window.revision === 0 ? "first" : "revised"]++;
      } else if (output.type === "alert") {
        this.#changed(output.alert);
      } else if (output.type === "late") {
        this.#lateRecords += output.late.records;
      }
    }
  }

  #changed({ kind, transition }: Extract<Output, { type: "alert" }>["alert"]): void {
    const ofKind = this.#alerts.get(kind) ?? new Map<string, number>();
    this.#alerts.set(kind, ofKind.set(transition, (ofKind.get(transition) ?? 0) + 1));
  }
}
