// What is journalled of each thing that enters the pipeline, and how it enters it again. Live running, recovery and
// replay all go through `apply`, so they cannot differ.
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { JournalEntrySchema } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { EdgeUplinkSchema, type LossReport } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { decodeBatch } from "../batch/columns.ts";
import type { Decompress } from "../batch/decompress.ts";
import type { EnvironmentValues } from "../audit/environment.ts";
import type { Deed } from "../audit/record.ts";
import type { EdgeChange, Entry, LinkLosses, StepVerdict, TrafficHeard } from "../batch/entry.ts";
import type { Output } from "../outputs.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { quarantined } from "../pipeline/records/quarantine.ts";
import type { SettingValues } from "../pipeline/tuning.ts";
import { BODY_BYTES_MAX, type StoredEntry } from "./format.ts";

/** What enters the pipeline, without its time. */
export type Arrival =
  | { type: "batch"; batch: Omit<Entry, "ingestionTimeUs">; /** The message as received. */ uplink: Uint8Array }
  | { type: "tick" }
  | { type: "acknowledgement"; alertId: number; by: string }
  /** Somebody changed settings; all that may be changed, as they are then. */
  | { type: "configuration"; by: string; values: SettingValues }
  /** The aggregator was started with these settings of its environment. */
  | { type: "start"; values: EnvironmentValues }
  /** Something was done that is to be recorded. */
  | { type: "audit"; deed: Deed }
  | { type: "losses"; edgeId: string; session: bigint; report: LossReport }
  /** The host's clock was set; the arrival's own time is after it. */
  | { type: "clock-step"; stepUs: number }
  | { type: "edge" } & EdgeChange
  | { type: "link-losses" } & LinkLosses
  | { type: "traffic" } & TrafficHeard
  /** The journal lacks what came between the entry before and this one; live, the pipeline has seen that already. */
  | { type: "gap"; gap: GapReport }
  /** A drone is to be forgotten; `name` stands in its place. */
  | { type: "erasure"; droneId: string; name: string };

/** What was judged and is in no journal; times of ingestion. */
export interface GapReport {
  fromUs: number;
  toUs: number;
  batches: number;
  /** In those batches. */
  records: number;
  ticks: number;
  /** The highest number of an alert that was raised; 0: none was. */
  lastAlertId: number;
  /** By how much the host's clock was set, in sum. */
  clockStepUs: number;
}

/** What came of it. */
export interface Applied {
  outputs: Output[];
  /** Of a batch. */
  verdict?: StepVerdict;
  /** Of a batch with slots that nobody has defined. */
  unknownSlots?: number[];
  /** Of an acknowledgement: such an alert was open. */
  found?: boolean;
}

export type PipelineInput = Pick<
  Pipeline,
  | "step"
  | "tick"
  | "acknowledgeAlert"
  | "configure"
  | "started"
  | "record"
  | "clockStepped"
  | "edgeChanged"
  | "linksLost"
  | "trafficHeard"
  | "skipAlertIds"
  | "erase"
>;

/**
 * Lets an arrival into the pipeline. Never throws: what makes the pipeline throw is quarantined, as it will be each time the
 * journal is run again; for its sender it is accepted, as the journal has it.
 */
export function apply(pipeline: PipelineInput, { arrival, timeUs }: { arrival: Arrival; timeUs: number }): Applied {
  try {
    return enter(pipeline, { arrival, timeUs });
  } catch (error) {
    const batch = arrival.type === "batch" ? arrival.batch : null;
    const quarantine = quarantined(arrival.type, error, batch);
    return { outputs: [{ type: "quarantine", quarantine }], ...batch && { verdict: "accepted" } };
  }
}

function enter(pipeline: PipelineInput, { arrival, timeUs }: { arrival: Arrival; timeUs: number }): Applied {
  switch (arrival.type) {
    case "batch":
      return pipeline.step({ ...arrival.batch, ingestionTimeUs: timeUs });
    case "tick":
      return { outputs: pipeline.tick(timeUs) };
    case "acknowledgement":
      return pipeline.acknowledgeAlert({ alertId: arrival.alertId, by: arrival.by, nowUs: timeUs });
    case "configuration":
      return { outputs: pipeline.configure({ ...arrival, nowUs: timeUs }) };
    case "start":
      return { outputs: pipeline.started({ ...arrival, nowUs: timeUs }) };
    case "audit":
      return { outputs: pipeline.record({ deed: arrival.deed, nowUs: timeUs }) };
    case "losses":
      return { outputs: [] };
    case "clock-step":
      return { outputs: pipeline.clockStepped({ stepUs: arrival.stepUs, nowUs: timeUs }) };
    case "edge":
      return { outputs: pipeline.edgeChanged(arrival) };
    case "link-losses":
      return { outputs: pipeline.linksLost({ ...arrival, nowUs: timeUs }) };
    case "traffic":
      return { outputs: pipeline.trafficHeard({ ...arrival, nowUs: timeUs }) };
    case "gap": {
      const { lastAlertId, clockStepUs: stepUs } = arrival.gap;
      pipeline.skipAlertIds(lastAlertId);
      return { outputs: stepUs === 0 ? [] : pipeline.clockStepped({ stepUs, nowUs: timeUs }) };
    }
    case "erasure":
      return { outputs: pipeline.erase({ droneId: arrival.droneId, name: arrival.name, nowUs: timeUs }) };
  }
}

/** @throws {RangeError} when no entry may be so long */
export function encodeArrival(arrival: Arrival): Uint8Array<ArrayBuffer> {
  const bytes = toBinary(JournalEntrySchema, create(JournalEntrySchema, { body: body(arrival) }));
  if (bytes.length > BODY_BYTES_MAX) throw new RangeError(`Cannot journal an entry: it has ${bytes.length} bytes`);
  return bytes;
}

/** @throws {Error} naming the entry, when it is not one that `encodeArrival` made */
export function decodeArrival(stored: StoredEntry, decompress: Decompress): Arrival {
  try {
    return decoded(stored, decompress);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Error(`Cannot read journal entry ${stored.index}: ${why}`, { cause: error });
  }
}

function decoded({ body }: StoredEntry, decompress: Decompress): Arrival {
  const entry = fromBinary(JournalEntrySchema, body).body;
  switch (entry.case) {
    case "batch": {
      const { edgeId, session, uplink } = entry.value;
      const sealed = fromBinary(EdgeUplinkSchema, uplink).body;
      if (sealed.case !== "batch") throw new Error("it holds no batch");
      const opened = decompress(sealed.value);
      if ("malformed" in opened) throw new Error(opened.malformed);
      const batch = { edgeId, session, sealed: sealed.value, columns: decodeBatch(opened.raw) };
      return { type: "batch", batch, uplink };
    }
    case "tick":
      return { type: "tick" };
    case "acknowledgement":
      return { type: "acknowledgement", alertId: Number(entry.value.alertId), by: entry.value.by };
    case "configuration": {
      const { by, settings } = entry.value;
      return { type: "configuration", by, values: settings.map(({ name, value }) => [name, value]) };
    }
    case "start":
      return { type: "start", values: entry.value.environment.map(({ name, value }) => [name, value]) };
    case "audit": {
      const { $typeName: _, $unknown: __, ...deed } = entry.value;
      return { type: "audit", deed };
    }
    case "losses": {
      const { edgeId, session, report } = entry.value;
      if (!report) throw new Error("its losses are missing");
      return { type: "losses", edgeId, session, report };
    }
    case "clockStep":
      return { type: "clock-step", stepUs: Number(entry.value.stepUs) };
    case "edge":
      return { type: "edge", ...changeOf(entry.value) };
    case "linkLosses": {
      const { edgeId, droneIds } = entry.value;
      return { type: "link-losses", edgeId, droneIds };
    }
    case "traffic": {
      const { edgeId, reports } = entry.value;
      return { type: "traffic", edgeId, reports };
    }
    case "gap": {
      const { $typeName: _, $unknown: __, ...gap } = entry.value;
      return { type: "gap", gap: mapValues(gap, Number) };
    }
    case "erasure":
      return { type: "erasure", droneId: entry.value.droneId, name: entry.value.name };
    default:
      throw new Error("it is of an unknown kind");
  }
}

function body(arrival: Arrival): MessageInitShape<typeof JournalEntrySchema>["body"] {
  switch (arrival.type) {
    case "batch": {
      const { edgeId, session } = arrival.batch;
      return { case: "batch", value: { edgeId, session, uplink: arrival.uplink } };
    }
    case "tick":
      return { case: "tick", value: {} };
    case "acknowledgement":
      return { case: "acknowledgement", value: { alertId: BigInt(arrival.alertId), by: arrival.by } };
    case "configuration": {
      const settings = arrival.values.map(([name, value]) => ({ name, value }));
      return { case: "configuration", value: { by: arrival.by, settings } };
    }
    case "start":
      return { case: "start", value: { environment: arrival.values.map(([name, value]) => ({ name, value })) } };
    case "audit":
      return { case: "audit", value: arrival.deed };
    case "losses": {
      const { edgeId, session, report } = arrival;
      return { case: "losses", value: { edgeId, session, report } };
    }
    case "clock-step":
      return { case: "clockStep", value: { stepUs: BigInt(Math.round(arrival.stepUs)) } };
    case "edge":
      return { case: "edge", value: changeOf(arrival) };
    case "link-losses":
      return { case: "linkLosses", value: { edgeId: arrival.edgeId, droneIds: arrival.droneIds } };
    case "traffic":
      return { case: "traffic", value: { edgeId: arrival.edgeId, reports: arrival.reports } };
    case "gap":
      return { case: "gap", value: mapValues(arrival.gap, BigInt) };
    case "erasure":
      return { case: "erasure", value: { droneId: arrival.droneId, name: arrival.name } };
  }
}

function mapValues<K extends string, A, B>(record: Record<K, A>, of: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(record).map(([name, value]) => [name, of(value)])) as Record<K, B>;
}

function changeOf({ edgeId, presence, lateMs }: EdgeChange): EdgeChange {
  return { edgeId, presence, lateMs };
}
