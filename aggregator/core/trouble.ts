// What is told when something is wrong that the data or the host caused, and that must stop nothing: an entry that made the
// pipeline throw, a part behind it that threw, a clock that was set, a journal that had no room.
import type { Platform } from "../../platform/system.ts";
import type { GapReport } from "../journal/entries.ts";
import type { Operations } from "../alerts/operations.ts";
import type { Quarantined } from "../outputs.ts";

export interface Trouble {
  /** The pipeline could not take all of an entry. */
  quarantined: (quarantined: Quarantined) => void;
  /** The host's clock was set, by so many µs. */
  clockStepped: (stepUs: number) => void;
  /** The journal has no room for what is judged. */
  journalFull: () => void;
  /** It has again, and lacks so much; so many results no sink will have. */
  unjournalled: (gap: GapReport, dropped: number) => void;
  /** Runs what must not stop its caller, whatever it throws; `what`: as in "Cannot …". */
  attempt: (what: string, fn: () => void) => void;
}

/** Tells the log, and everybody by an open alert. */
export function troubleOf({ log }: Pick<Platform, "log">, operations: Operations): Trouble {
  return {
    quarantined({ what, edgeId, batchId, error }) {
      const which = what === "batch" ? `Batch ${batchId} of ${edgeId}` : `A ${what}`;
      const message = `${which} is quarantined, not all of it was understood: ${error}; see /v1/losses`;
      log("warn", message);
      operations.degraded("quarantine", { message, severity: "critical" });
    },
    clockStepped(stepUs) {
      const by = `${(Math.abs(stepUs) / 1e6).toFixed(1)} s ${stepUs < 0 ? "back" : "ahead"}`;
      const message = `The host's clock was set ${by}: what the pipeline remembers moves along`;
      log("warn", message);
      operations.happened("clock", { message, severity: "warning" });
    },
    journalFull() {
      const message = "The journal has no room: batches are judged without being journalled; none is acknowledged";
      log("warn", message);
      operations.degraded("journal-full", { message, severity: "critical" });
    },
    unjournalled(gap, dropped) {
      const results = dropped > 0 ? `; ${dropped} of the results are in no sink` : "";
      const message = `${describeGap(gap)}${results}`;
      log("warn", message);
      operations.restored("journal-full");
      operations.happened("journal-lacks", { message, severity: "warning" });
    },
    attempt(what, fn) {
      try {
        fn();
      } catch (error) {
        const why = error instanceof Error ? error.stack : error;
        log("warn", `Cannot ${what}: ${why}`);
        operations.happened("internal", { message: `Cannot ${what}: see the log`, severity: "critical" });
      }
    },
  };
}

/** For people: what a journal lacks. */
export function describeGap({ fromUs, toUs, batches, records }: GapReport): string {
  const [from, to] = [fromUs, toUs].map((us) => new Date(us / 1000).toISOString());
  return `From ${from} to ${to} ${batches} batches (${records} records) were judged without being journalled`;
}
