// Windows of two regions, added up by the merger and by Flink, beside those of one pipeline that was given all that was journalled in both;
// and what crossed between regions, beside the records themselves.
import { KafkaServer } from "../kafka/kafka_server.ts";
import { Regions, TWO_REGIONS } from "../merge/regions.ts";
import { wholeWindows } from "../merge/whole.ts";
import { runToEnd } from "../e2e/process.ts";
import { compare, type Comparison } from "./compare.ts";
import { runFlink } from "./flink_job.ts";
import { type FlinkRow, flinkWindows, type OwnRow, ownWindows, type WindowTable } from "./windows.ts";

export interface RegionsSettings {
  drones: number;
  seconds: number;
  /** How long late records revise a window. */
  latenessS: number;
}

export interface RegionsParity {
  /** Of the records, and of partial windows, in the topics of both regions: as the brokers keep them, after zstd. */
  bytes: { records: number; partials: number };
  /** In windows of a zone; revisions count once. */
  records: number;
  /** Too late for any, in the regions together and in the whole: where they differ, so do windows. */
  late: { regions: number; whole: number };
  merger: Comparison;
  flink: Comparison;
}

/** Shares of the fleet: at home in one region, which each has its own trouble; the third of them flies in both, one after the other. */
const SHARES = [
  { region: 0, scenario: "out-of-order" },
  { region: 1, scenario: "duplicates" },
] as const;
const SINK = "fleet-metrics-global-flink";

export async function regionsParity({ drones, seconds, latenessS }: RegionsSettings): Promise<RegionsParity> {
  await using kafka = await KafkaServer.start();
  await using regions = await Regions.start(kafka, { latenessS });
  await regions.startMerger();
  const third = Math.floor(drones / 3);
  const fly = (region: number, { only, forS, scenario }: { only: string; forS: number; scenario: string }) =>
    flyBy(regions.systems[region]!.telemetryUrl, { drones, seconds: forS, only, scenario });
  await Promise.all([
    ...SHARES.map(({ region, scenario }, i) =>
      fly(region, { only: `${i * third + 1}-${(i + 1) * third}`, forS: seconds, scenario })
    ),
    (async () => {
      for (const region of TWO_REGIONS.keys()) {
        await fly(region, { only: `${2 * third + 1}-${drones}`, forS: seconds / 2, scenario: "calm" });
      }
    })(),
  ]);
  const endUs = await regions.untilFinal({ latenessS });
  await regions.untilMerged(endUs);
  const fleets = await Promise.all(regions.systems.map((system) => system.fleet()));
  const lateInRegions = fleets.reduce((sum, { records: { late } }) => sum + late, 0);
  for (const system of regions.systems) await system.stopAggregator();
  await kafka.createTopic(SINK);
  const topics = TWO_REGIONS.map((region) => `fleet-${region}-metrics-partial`);
  // A partition that is not read for a while, on a slow machine, is not one without records.
  const settings = { SCRIPT: "merge.sql", TOPICS: topics.join(";"), IDLE: "1 h" };
  await runFlink(kafka.address, { kill: false, settings });

  const until = <Row extends OwnRow>(rows: Row[]) => ownWindows(rows.filter(({ endUs: us }) => us <= endUs)).windows;
  const { rows, late } = wholeWindows(regions.systems.map(({ journalPath }) => journalPath), { latenessS });
  const whole = until(rows);
  const merged = until(await kafka.rows("fleet-metrics-global") as OwnRow[]);
  const flinkRows = (await kafka.rows(SINK) as FlinkRow[]).filter(({ end_us: us }) => us <= endUs);
  return {
    bytes: {
      records: await bytesOf(kafka, "telemetry"),
      partials: await bytesOf(kafka, "metrics-partial"),
    },
    records: recordsIn(whole),
    late: { regions: lateInRegions, whole: late },
    merger: compare(whole, merged),
    flink: compare(whole, flinkWindows(flinkRows).windows),
  };
}

async function bytesOf(kafka: KafkaServer, kind: string): Promise<number> {
  const sizes = await Promise.all(TWO_REGIONS.map((region) => kafka.bytesOf(`fleet-${region}-${kind}`)));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function recordsIn(whole: WindowTable): number {
  return Array.from(whole, ([key, { positions, batteries, obstacles }]) => {
    const isOfZones = key.startsWith("tumbling ") && !key.includes('"*"]');
    return isOfZones ? (positions ?? 0) + (batteries ?? 0) + (obstacles ?? 0) : 0;
  }).reduce((sum, records) => sum + records, 0);
}

async function flyBy(
  url: string,
  of: { drones: number; seconds: number; only: string; scenario: string },
): Promise<void> {
  const flags = Object.entries({ url, ...of }).map(([name, value]) => `--${name}=${value}`);
  // Without everything acknowledged it ends with 1: what is not accepted counts on neither side.
  const { code, stderr } = await runToEnd(["run", "-A", "--quiet", "sim/main.ts", "--json", ...flags]);
  if (code > 1 || stderr !== "") throw new Error(`Cannot fly ${of.scenario}: exit code ${code}\n${stderr}`);
}
