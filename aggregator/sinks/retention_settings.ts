// What is set about the database, and how long it keeps what; alike for every process that has one.
import { type Values, whole } from "../../platform/kinds.ts";
import type { RetentionSettings } from "./retention.ts";

/** By variable. */
export const RETENTION_SETTINGS = {
  SLIPSTREAM_SQLITE_QUEUE_ROWS: whole({
    fallback: 50_000,
    about: "rows that may wait for it; more are dropped and counted",
  }),
  SLIPSTREAM_RETENTION_DAYS: whole({ fallback: 30, max: 3650, about: "nothing that names a drone is kept for longer" }),
  SLIPSTREAM_RETENTION_HOURS: whole({ fallback: 168, max: 87_600, about: "older rows are deleted" }),
  SLIPSTREAM_RETENTION_ROWS: whole({ fallback: 1_000_000, about: "further rows of a table are deleted" }),
};

export function retentionConfig(read: Values<typeof RETENTION_SETTINGS>): RetentionSettings {
  return {
    keptUs: read.SLIPSTREAM_RETENTION_DAYS * 86_400_000_000,
    retentionUs: read.SLIPSTREAM_RETENTION_HOURS * 3_600_000_000,
    retentionRowsMax: read.SLIPSTREAM_RETENTION_ROWS,
  };
}
