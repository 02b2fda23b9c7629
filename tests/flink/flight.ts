// What an aggregator publishes of a flight, without the aggregator's process: the messages of its records, and the windows that its
// pipeline makes of them. Four zones of one fleet.
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import type { Output } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { KafkaBroker } from "../../aggregator/sinks/kafka/broker.ts";
import { type FleetMessage, fleetMessage } from "../../aggregator/sinks/publishing/fleet_records.ts";
import { eventually } from "../chaos/eventually.ts";
import type { Load } from "../bench/pipeline.ts";
import type { OwnRow } from "../parity/windows.ts";

const ZONES = ["north", "south", "east", "west"];
const TICK_US = 100_000;
/** Late records revise a window for so long: then it is final, in Flink as well. */
const LATENESS_US = 2e6;
/** By then the last sliding window is. */
const AFTER_US = 20e6;
/** To a broker at once. */
const MESSAGES = 2000;

export interface Flight {
  messages: FleetMessage[];
  windows: OwnRow[];
}

/** Puts the load's drones into zones. */
export function intoZones(load: Load): Load {
  for (const { batch: { slots } } of load.sealed) {
    for (const slot of slots) slot.zone = ZONES[slot.slot % ZONES.length]!;
  }
  return load;
}

export type Open = (batch: Load["sealed"][number]["batch"]) => Uint8Array;

export async function loadOpen(): Promise<Open> {
  const decompress = await loadDecompress();
  return (batch) => {
    const opened = decompress(batch);
    if ("malformed" in opened) throw new Error(`Cannot open a batch: ${opened.malformed}`);
    return opened.raw;
  };
}

/** The embedded pipeline over all of it. @throws {Error} when it does not take every record */
export function step(
  { sealed, records }: Load,
  { open, onMessage }: { open: Open; onMessage?: (message: FleetMessage) => void },
): OwnRow[] {
  const windows: OwnRow[] = [];
  const keep = (outputs: Output[]) => {
    for (const output of outputs) {
      if (output.type === "tumbling") windows.push({ kind: output.type, ...output.window });
      else if (output.type === "sliding") windows.push({ kind: output.type, ...output.window });
    }
  };
  const settings = { ...PIPELINE_DEFAULTS, allowedLatenessUs: LATENESS_US };
  const pipeline = new Pipeline(
    settings,
    onMessage && { onCounted: (counted) => onMessage(fleetMessage(counted, null)) },
  );
  let tickUs = 0;
  const tick = (nowUs: number) => {
    keep(pipeline.tick(nowUs));
    tickUs = nowUs + TICK_US;
  };
  for (const { batch, ingestionTimeUs } of sealed) {
    const columns = decodeBatch(open(batch));
    keep(pipeline.step({ edgeId: "edge-1", session: 1n, ingestionTimeUs, sealed: batch, columns }).outputs);
    if (ingestionTimeUs >= tickUs) tick(ingestionTimeUs);
  }
  for (const endUs = tickUs + AFTER_US; tickUs < endUs;) tick(tickUs);
  const { accepted } = pipeline.fleet().records;
  if (accepted !== records) throw new Error(`Cannot trust the flight: ${accepted} of ${records} records were accepted`);
  return windows;
}

export async function fly(load: Load): Promise<Flight> {
  const messages: FleetMessage[] = [];
  const windows = step(load, { open: await loadOpen(), onMessage: (message) => messages.push(message) });
  return { messages, windows };
}

const RETENTION_MS = 86_400_000;

/** By the aggregator's own client, in the journal's order, from an entry on. */
export async function publish(
  brokers: string,
  messages: readonly FleetMessage[],
  { entry = 1 } = {},
): Promise<void> {
  const broker = new KafkaBroker(
    {
      brokers: [brokers],
      prefix: "fleet",
      topics: ["telemetry"],
      partitions: 6,
      replicas: 1,
      retention: { telemetryMs: RETENTION_MS, othersMs: RETENTION_MS },
      caPath: null,
      login: null,
    },
    "flight",
  );
  // Topics that were made just now have no leader for a moment.
  const isOpen = () => broker.open().then(() => true, () => false);
  if (!await eventually(isOpen)) throw new Error("Cannot publish a flight: the broker does not open");
  for (let at = 0; at < messages.length; at += MESSAGES) {
    const position = { index: entry + at / MESSAGES, ordinal: 0 };
    await broker.send(
      messages.slice(at, at + MESSAGES).map(({ droneId: key, value }, ordinal) => ({
        ...{ topic: "telemetry" as const, key, path: [key], value, position: { ...position, ordinal } },
      })),
    );
  }
  await broker.close();
}
