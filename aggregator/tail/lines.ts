// A message as a line: for people the little that says what it is, for programs all of it.
import { type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import { jsonLine } from "../../platform/log_line.ts";
import { oneLine } from "../../platform/one_line.ts";
import {
  type FleetRecord,
  FleetRecordKind,
  FleetRecordSchema,
  type WindowPartial,
  WindowPartialSchema,
} from "../../proto/gen/slipstream/v1/fleet_pb.ts";
import type { AlertEvent, LateRecords, SlidingWindow, TumblingWindow } from "../outputs.ts";
import type { LossView } from "../batch/losses.ts";
import type { TopicKind } from "../sinks/publishing/messages.ts";
import type { TopicMessage } from "./topic_reader.ts";

const decoder = new TextDecoder();

/** By what a topic is called behind its last dash. */
const LINES: Record<TopicKind, (value: Uint8Array) => string> = {
  telemetry: (value) => recordLine(fromBinary(FleetRecordSchema, value)),
  metrics: (value) => windowLine(JSON.parse(decoder.decode(value))),
  alerts: (value) => alertLine(JSON.parse(decoder.decode(value))),
  losses: (value) => lossLine(JSON.parse(decoder.decode(value))),
  "metrics-partial": (value) => partialLine(fromBinary(WindowPartialSchema, value)),
};

/** Of those that are not JSON. */
const SCHEMAS: Partial<Record<TopicKind, DescMessage>> = {
  telemetry: FleetRecordSchema,
  "metrics-partial": WindowPartialSchema,
};

type Line = (message: TopicMessage) => string;

/** How the messages of that topic become lines, which do nothing to a terminal. `json`: an object each. */
export function linesOf(topic: string, { json }: { json: boolean }): Line {
  if (json) return (message) => jsonLine(objectOf(message, topic));
  const kind = kindOf(topic);
  const line = (value: Uint8Array) => kind ? orText(value, LINES[kind]) : decoder.decode(value);
  return ({ timeMs, key, value }) => oneLine(value ? line(value) : `${isoOf(timeMs * 1000)} ${textOf(key)} is deleted`);
}

/** What is not what it should be is shown as it is. */
function orText<Read>(value: Uint8Array, read: (value: Uint8Array) => Read): Read | string {
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return decoder.decode(value);
  }
}

function kindOf(topic: string): TopicKind | undefined {
  return (Object.keys(LINES) as TopicKind[]).find((kind) => topic.endsWith(`-${kind}`));
}

function objectOf({ partition, offset, timeMs, key, value, headers }: TopicMessage, topic: string): object {
  return {
    ...{ topic, partition, offset: `${offset}`, timeMs, key: textOf(key) },
    ...Object.fromEntries([...headers].filter(([name]) => name === "journal" || name === "position")),
    value: value && valueOf(value, topic),
  };
}

function valueOf(value: Uint8Array, topic: string): unknown {
  const schema = SCHEMAS[kindOf(topic)!];
  const read = () => schema ? toJson(schema, fromBinary(schema, value)) : JSON.parse(decoder.decode(value));
  return orText<unknown>(value, read);
}

function textOf(key: Uint8Array | null): string | null {
  return key && decoder.decode(key);
}

function isoOf(timeUs: number): string {
  return new Date(timeUs / 1000).toISOString();
}

function words(...all: (string | false | null | undefined)[]): string {
  return all.filter((word) => word).join(" ");
}

function recordLine(record: FleetRecord): string {
  const { droneId, fleet, zone, kind, late, eventTimeUs } = record;
  const what = FleetRecordKind[kind]?.toLowerCase().replaceAll("_", "-");
  return words(isoOf(Number(eventTimeUs)), `${fleet}/${zone}`, droneId, what, bodyOf(record), late && "late");
}

function bodyOf(record: FleetRecord): string {
  const has = (name: keyof FleetRecord) => Object.hasOwn(record, name);
  if (record.kind === FleetRecordKind.POSITION) {
    const { latE7, lonE7, altMslMm, vnCms, veCms } = record;
    const place = `${(latE7 / 1e7).toFixed(7)} ${(lonE7 / 1e7).toFixed(7)}`;
    const speed = `${(Math.hypot(vnCms, veCms) / 100).toFixed(1)} m/s`;
    return words(place, has("altMslMm") && `${(altMslMm / 1000).toFixed(1)} m`, speed);
  }
  return words(
    has("remainingCpct") && `${(record.remainingCpct / 100).toFixed(1)} %`,
    has("voltageMv") && `${(record.voltageMv / 1000).toFixed(2)} V`,
    has("rangeCm") && `${(record.rangeCm / 100).toFixed(2)} m`,
  );
}

function windowLine(window: ({ kind: "tumbling" } & TumblingWindow) | ({ kind: "sliding" } & SlidingWindow)): string {
  const { kind, fleet, zone, startUs, revision, final, missingEdges } = window;
  const result = kind === "tumbling"
    ? [`${window.dronesReporting} drones`, `${window.records.position} positions`, percent(window.battery.averageCpct)]
    : [window.speedAverageCms !== null && `${(window.speedAverageCms / 100).toFixed(1)} m/s`];
  return words(
    ...[isoOf(startUs), kind, `${fleet}/${zone}`, ...result],
    `revision ${revision}${final ? ", final" : ""}`,
    missingEdges.length > 0 && `without ${missingEdges.join(", ")}`,
  );
}

function partialLine(
  { region, fleet, zone, startUs, finalBeforeUs, revision, part, parts, drones }: WindowPartial,
): string {
  if (fleet === "") return `${isoOf(Number(finalBeforeUs))} ${region}: all windows before are final`;
  const which = parts > 1 && `part ${part + 1} of ${parts}`;
  return words(
    isoOf(Number(startUs)),
    `${region} ${fleet}/${zone}`,
    `${drones.length} drones`,
    which,
    `revision ${revision}`,
  );
}

function percent(cpct: number | null): string | null {
  return cpct === null ? null : `${(cpct / 100).toFixed(1)} %`;
}

function alertLine({ changedTimeUs, alertId, transition, severity, kind, droneIds, message }: AlertEvent): string {
  return `${isoOf(changedTimeUs)} ${transition} ${severity} ${kind} ${alertId} ${droneIds.join(", ")}: ${message}`;
}

function lossLine(loss: LossView | ({ reason: "late" } & LateRecords)): string {
  const { droneId, records, reason, edgeId } = loss;
  const atUs = "timeUs" in loss ? loss.timeUs : loss.lastEventTimeUs;
  return `${isoOf(atUs)} ${droneId} ${records} records ${reason} at ${edgeId}`;
}
