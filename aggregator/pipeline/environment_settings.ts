// What of the environment decides about results. It holds from the journal's entry on that says with what the aggregator was started,
// for whoever runs the journal: a restart with another value does not change what came of entries before it.
import type { EnvironmentValues } from "../audit/environment.ts";

/** Of numbers among the pipeline's settings. */
type Named = [name: string, value: number];

const US_BY_NAME = new Map([
  ["SLIPSTREAM_LATENESS_S", { name: "allowedLatenessUs", us: 1e6 }],
  ["SLIPSTREAM_RETENTION_DAYS", { name: "droneKeptUs", us: 86_400_000_000 }],
]);

/** The pipeline's settings that follow from it; what is not said, or is no number, is not among them. */
export function settingsFrom(values: EnvironmentValues): Named[] {
  return values.flatMap(([variable, text]): Named[] => {
    const setting = US_BY_NAME.get(variable);
    const value = Number(text) * (setting?.us ?? NaN);
    return setting && text !== "" && Number.isFinite(value) ? [[setting.name, value]] : [];
  });
}
