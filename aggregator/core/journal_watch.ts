// Whether the journal can be written, as everybody is told: an error at once, a disk that does not even answer after a while.
import type { Operations } from "../alerts/operations.ts";
import type { Platform } from "../../platform/system.ts";

export interface JournalWatchParts {
  log: Platform["log"];
  operations: Pick<Operations, "degraded" | "restored">;
}

export const WATCH_INTERVAL_MS = 1000;
/** Failing at so many looks running, without an error, is no hiccup. */
const STALLED_LOOKS = 2;

export class JournalWatch {
  readonly #parts: JournalWatchParts;
  #stalledLooks = 0;
  #isTold = false;

  constructor(parts: JournalWatchParts) {
    this.#parts = parts;
  }

  /** A commit failed. */
  failed(error: unknown): void {
    this.#tell(error instanceof Error ? error.message : String(error));
  }

  /** A commit succeeded after one that failed. */
  recovered(): void {
    const { log, operations } = this.#parts;
    this.#stalledLooks = 0;
    if (this.#isTold) log("info", "The journal can be written again");
    this.#isTold = false;
    operations.restored("journal");
  }

  /** Each WATCH_INTERVAL_MS. */
  look(isFailing: boolean): void {
    if (!isFailing) {
      this.#stalledLooks = 0;
      if (this.#isTold) this.recovered();
    } else if (++this.#stalledLooks === STALLED_LOOKS && !this.#isTold) this.#tell("its disk does not answer");
  }

  #tell(why: string): void {
    const { log, operations } = this.#parts;
    const message = `Cannot write the journal: ${why}; nothing is acknowledged until it can`;
    if (!this.#isTold) log("warn", message);
    this.#isTold = true;
    operations.degraded("journal", { message, severity: "critical" });
  }
}
