// The embedded pipeline's windows beside those that Flink computes of the same records: all of them, row for row.
import { KafkaServer } from "../kafka/kafka_server.ts";
import { compare, type Comparison } from "./compare.ts";
import { type FlinkRun, runFlink } from "./flink_job.ts";
import { type FlightSettings, type Flown, fly } from "./flight.ts";
import { type FlinkRow, flinkWindows, type OwnRow, ownWindows } from "./windows.ts";

export interface Parity extends Comparison {
  flown: Flown;
  flink: FlinkRun;
  /** Rows of late records' making, beyond the first of each window. */
  revisions: number;
  /** Windows of the aggregator's that were not final. */
  open: number;
  /** Rows that Flink told twice. */
  doubled: number;
}

export async function parity(settings: FlightSettings): Promise<Parity> {
  await using kafka = await KafkaServer.start();
  const flown = await fly(kafka, settings);
  await kafka.createTopic("fleet-metrics-flink");
  // A partition that is not read for a while, on a slow machine, is not one without records.
  const flink = await runFlink(kafka.address, { kill: settings.kill, settings: { IDLE: "1 h" } });
  const own = ownWindows(await kafka.rows("fleet-metrics") as OwnRow[]);
  const theirs = flinkWindows(await kafka.rows("fleet-metrics-flink") as FlinkRow[]);
  const { revisions, open } = own;
  return { flown, flink, revisions, open, doubled: theirs.doubled, ...compare(own.windows, theirs.windows) };
}
