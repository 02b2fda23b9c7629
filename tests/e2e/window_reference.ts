// Tumbling windows the naive way: all records of a run in a list, one pass over it for each window.
import type { TumblingWindow } from "../../aggregator/outputs.ts";
import type { Telemetry } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { Emission } from "../../sim/traffic.ts";
import { PlainHotPath, type RecordFate } from "../bench/plain_hot_path.ts";

export type WindowReference = Pick<TumblingWindow, "startUs" | "endUs" | "dronesReporting" | "records" | "battery">;

interface Sent {
  droneId: string;
  record: Telemetry;
  eventTimeUs: number;
  fate: RecordFate;
}

const SECOND_US = 1_000_000;
const LOW_CPCT = 2500;
const FULL_CPCT = 10_000;
const SENTINEL_MV = 65_535;

/** Each record once, with what the hot path's model makes of it. */
export function sentRecords(emissions: Emission[]): Sent[] {
  const sent: Sent[] = [];
  let droneId = "";
  const model = new PlainHotPath({
    windowSeqs: 1024,
    onFate: (record, fate) => {
      if (fate === "duplicate") return;
      sent.push({ droneId, record, eventTimeUs: Number(record.eventTimeUs), fate });
    },
  });
  for (const emission of emissions) {
    droneId = emission.droneId;
    model.push(emission.frame);
  }
  return sent;
}

/** Every window in which something was measured, oldest first. */
export function referenceWindows(sent: Sent[]): WindowReference[] {
  const starts = new Set(sent.map(({ eventTimeUs }) => Math.floor(eventTimeUs / SECOND_US) * SECOND_US));
  return [...starts].sort((a, b) => a - b).map((startUs) => {
    const endUs = startUs + SECOND_US;
    const within = sent.filter(({ eventTimeUs }) => eventTimeUs >= startUs && eventTimeUs < endUs);
    const count = (kind: Telemetry["body"]["case"]) => within.filter(({ record }) => record.body.case === kind).length;
    return {
      startUs,
      endUs,
      dronesReporting: new Set(within.map(({ droneId }) => droneId)).size,
      records: {
        position: count("position"),
        battery: count("battery"),
        obstacles: count("obstacles"),
        nearDuplicate: within.filter(({ fate }) => fate === "near-duplicate").length,
      },
      battery: batteryOf(within),
    };
  });
}

// Of each battery the latest known charge in the window.
function batteryOf(within: Sent[]): WindowReference["battery"] {
  const latest = new Map<string, { eventTimeUs: number; cpct: number }>();
  for (const { droneId, record: { body }, eventTimeUs } of within) {
    if (body.case !== "battery") continue;
    const { id, remainingCpct: cpct, voltageMv } = body.value;
    if (cpct === undefined || cpct > FULL_CPCT || (cpct === 0 && isUnknownVoltage(voltageMv))) continue;
    const key = `${droneId}/${id}`;
    const before = latest.get(key);
    if (!before || before.eventTimeUs <= eventTimeUs) latest.set(key, { eventTimeUs, cpct });
  }
  const known = [...latest.values()].map(({ cpct }) => cpct);
  return {
    averageCpct: known.length === 0 ? null : known.reduce((sum, cpct) => sum + cpct, 0) / known.length,
    minCpct: known.length === 0 ? null : Math.min(...known),
    lowCount: known.filter((cpct) => cpct <= LOW_CPCT).length,
    known: known.length,
  };
}

function isUnknownVoltage(voltageMv: number | undefined): boolean {
  return voltageMv !== undefined && (voltageMv === 0 || voltageMv >= SENTINEL_MV);
}
