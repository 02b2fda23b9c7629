// Poison: input that makes a part of the pipeline throw. What threw is told, and everything else goes on.
import { batchKey } from "../../batch/batch_ids.ts";
import type { Entry } from "../../batch/entry.ts";
import type { Output, Quarantined } from "../../outputs.ts";

/** What is told of an entry that threw. */
export function quarantined(
  what: Quarantined["what"],
  error: unknown,
  batch: Pick<Entry, "edgeId" | "sealed"> | null,
): Quarantined {
  return {
    what,
    edgeId: batch?.edgeId ?? "",
    batchId: batch ? batchKey(batch.sealed.batchId) : "",
    records: batch?.sealed.records ?? 0,
    error: error instanceof Error ? error.message : String(error),
  };
}

/** Runs parts of one entry's step, each for itself: one that throws stops none behind it, and is told once. */
export class Attempts {
  readonly #outputs: Output[];
  readonly #describe: (error: unknown) => Quarantined;
  #failed = false;

  /** `outputs`: those of the entry, where it is told. */
  constructor(outputs: Output[], describe: (error: unknown) => Quarantined) {
    this.#outputs = outputs;
    this.#describe = describe;
  }

  run(part: () => void): void {
    try {
      part();
    } catch (error) {
      if (!this.#failed) this.#outputs.push({ type: "quarantine", quarantine: this.#describe(error) });
      this.#failed = true;
    }
  }
}
