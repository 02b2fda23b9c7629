// What a start tells of what it found: in the log, and to everybody where something is gone.
import type { Platform } from "../../platform/system.ts";
import type { Operations } from "../alerts/operations.ts";
import type { Recovered } from "./recovery.ts";
import { describeGap } from "./trouble.ts";

export interface ReportParts {
  operations: Pick<Operations, "degraded">;
  log: Platform["log"];
}

export function reportRecovery(recovered: Recovered, { operations, log }: ReportParts): void {
  const { tornBytes, gaps, unjournalled, unreadable, entries, applied, isNamedAnew, checkpointIndex } = recovered;
  if (applied.index > 0) {
    log("info", `recovered up to journal entry ${applied.index}, ${entries} of them from the tail`);
  }
  if (tornBytes > 0) log("warn", `cut ${tornBytes} bytes of an unfinished, unacknowledged entry off the journal's end`);
  for (const { index, version } of unreadable) {
    const why = version === null ? "it is damaged" : `it is of version ${version} of the state`;
    log(
      "warn",
      `Cannot read checkpoint ${index}: ${why}; the journal is read from ${checkpointIndex ?? "its beginning"} on`,
    );
  }
  for (const gap of unjournalled) log("warn", describeGap(gap));
  const missing = gaps.map(({ firstIndex, lastIndex }) => `${firstIndex} to ${lastIndex}`).join(", ");
  if (isNamedAnew) {
    const why = missing === ""
      ? "What the journal says is not what was told before"
      : `The journal lacks entries ${missing}, and no checkpoint of them can be read`;
    const message =
      `${why}: counts and windows begin anew, under another name of the journal, and alerts get new numbers`;
    log("warn", message);
    operations.degraded("journal-anew", { message, severity: "critical" });
  } else if (missing !== "") {
    const message = `The journal lacks entries ${missing}: acknowledged batches that its disk lost`;
    log("warn", message);
    operations.degraded("journal-gap", { message, severity: "critical" });
  }
}
