// deno task parity: the windows of the embedded pipeline beside those of the Flink job, of the same records, row for row. Exits with 1
// if any differs. Needs what tests/with/kafka.sh and flink.sh install.
import { number, whole } from "../../platform/kinds.ts";
import { flag, optionsOf } from "../../platform/options.ts";
import { hasKafka } from "../kafka/kafka_server.ts";
import type { Comparison, Difference } from "./compare.ts";
import { hasFlink } from "./flink_job.ts";
import { parity } from "./parity.ts";
import { regionsParity, type RegionsSettings } from "./regions_parity.ts";

const RECORDS_PER_DRONE_S = 35;
/** As an edge that loses its aggregator may be, and longer than records are late otherwise. */
const CUT_S = 10;
const SHOWN_MAX = 5;
const NAMES_MAX = 20;

const { drones, seconds, records, lateness, kill, regions, json } = optionsOf({
  name: "deno task parity",
  about: "Windows of the embedded pipeline beside those of Flink, row for row. Exits with 1 if any differs.",
  options: {
    drones: whole({ fallback: 400, min: 8, max: 32_768, about: "that fly, by two edges" }),
    seconds: number({ fallback: 30, min: 5, max: 1e5, about: "for so long" }),
    records: whole({ fallback: null, max: 1e9, shown: "--seconds", about: "or until they have measured so many" }),
    lateness: whole({ fallback: 15, max: 900, about: "seconds in which late records revise a window" }),
    kill: flag("the aggregator three times, the broker and a TaskManager once each"),
    regions: flag("two regions instead, added up by the merger and by Flink, beside one pipeline that hears both"),
    json: flag("one object at the end, nothing else"),
  },
  rules: ({ kill, regions }) => kill && regions ? ["--kill goes without --regions"] : [],
});
if (!hasKafka || !hasFlink()) {
  console.error("Cannot compare: Kafka and Flink are not installed; tests/with/kafka.sh and tests/with/flink.sh do");
  Deno.exit(2);
}

const flightS = records === null ? seconds : Math.ceil(records / (drones * RECORDS_PER_DRONE_S));
if (regions) Deno.exit(await tellRegions({ drones, seconds: flightS, latenessS: lateness }, { json }));
const { differences, ...result } = await parity({ drones, seconds: flightS, latenessS: lateness, cutS: CUT_S, kill });
const { flown, flink, equal, values, cellsBeyond, revisions, open, doubled } = result;
if (json) console.log(JSON.stringify({ drones, seconds: flightS, ...result, differ: differences.length }));
else {
  const told = (counts: Record<string, number>) => Object.entries(counts).map(([name, n]) => `${n} ${name}`).join(", ");
  console.log(`records: ${told(flown.records)}`);
  console.log(`zones changed ${flown.zoneChanges} times, an edge was cut for ${flown.cutS} s`);
  console.log(`killed: ${told(flown.kills)}; the Flink job took ${flink.seconds} s, with ${flink.restarts} restarts`);
  console.log(
    `late, and so in no window of either: ${flown.records.late} records; revised: ${revisions} windows; not final: ${open}`,
  );
  console.log(`cells beyond those that a window of ours names: ${cellsBeyond}; told twice by Flink: ${doubled}`);
  console.log(`${equal} windows are equal, in ${values} values; ${differences.length} differ`);
}
tellDifferences(differences, "Flink");
if (kill && flink.restarts === 0) console.error("Cannot tell what a kill does to Flink: the job had ended before it");
Deno.exit(differences.length > 0 || open > 0 || doubled > 0 || equal === 0 || (kill && flink.restarts === 0) ? 1 : 0);

/** @returns the exit code */
async function tellRegions(settings: RegionsSettings, { json }: { json: boolean }): Promise<number> {
  const { bytes, records, late, merger, flink } = await regionsParity(settings);
  const perRecord = { records: bytes.records / records, partials: bytes.partials / records };
  const counts = ({ equal, values, differences }: Comparison) => ({ equal, values, differ: differences.length });
  if (json) {
    console.log(
      JSON.stringify({ ...settings, records, late, bytes, perRecord, merger: counts(merger), flink: counts(flink) }),
    );
  } else {
    console.log(`${records} records in windows, of two regions`);
    console.log(`too late for any: ${late.regions} in the regions, ${late.whole} in the whole`);
    console.log(
      `in the brokers' topics, after zstd: ${bytes.records} bytes of records, ${bytes.partials} of partial windows`,
    );
  }
  for (const [who, comparison] of Object.entries({ "the merger": merger, Flink: flink })) {
    const { equal, values, differ } = counts(comparison);
    if (!json) console.log(`${who}: ${equal} windows are equal, in ${values} values; ${differ} differ`);
    tellDifferences(comparison.differences, who);
  }
  return [merger, flink].every(({ equal, differences }) => equal > 0 && differences.length === 0) ? 0 : 1;
}

function tellDifferences(differences: readonly Difference[], who: string): void {
  for (const { key, own, flink } of differences.slice(0, SHOWN_MAX)) {
    const names = Object.keys({ ...own, ...flink }).filter((name) => own?.[name] !== flink?.[name]).slice(0, NAMES_MAX);
    console.error(`${key}: ${names.map((name) => `${name}: ${own?.[name]}, by ${who} ${flink?.[name]}`).join("; ")}`);
  }
}
