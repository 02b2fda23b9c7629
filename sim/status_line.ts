// The demo's line a second.
import type { AlertLine, Latency, Observation } from "./observer.ts";

/** From so much on it is said that the simulator is late. */
const LATE_MS_MIN = 500;

/** Both observations are of one run, `seconds` apart; `ageS` is since its start; the simulator sends so late. */
export function statusLine(
  { before, now, seconds, ageS, simulatorLagMs }: {
    before: Observation;
    now: Observation;
    seconds: number;
    ageS: number;
    simulatorLagMs: number;
  },
): string {
  const perS = (pick: (o: Observation) => number) => Math.round((pick(now) - pick(before)) / seconds);
  const received = perS(({ edge }) => edge.bytes.received);
  const sent = perS(({ edge }) => edge.bytes.batchSent);
  return [
    `${ageS.toFixed(0).padStart(4)} s`,
    ...tooSlow(now, simulatorLagMs),
    `${now.fleet.drones} drones (${now.fleet.dronesAirborne} up)`,
    `${perS(({ edge }) => edge.records.received)} records/s`,
    `kept ${perS(({ edge }) => edge.records.forwarded)} near-dup ${perS(({ edge }) => edge.records.nearDuplicate)}`,
    `batches ${(sent / 1000).toFixed(1)} kB/s = ${received > 0 ? (sent / received).toFixed(2) : "–"} of frames`,
    `sensor→window ${latency(now.fleet.sensorToWindowMs)}`,
    `sensor→alert ${latency(now.fleet.sensorToAlertMs)}`,
    `${now.fleet.openAlerts} alert(s) open${notRaised(now)}`,
  ].join(" | ");
}

export function alertLine({ transition, kind, severity, droneIds, message }: AlertLine): string {
  return `       ${transition} ${severity} ${kind} ${droneIds.join(", ")}: ${message}`;
}

/** This machine is too slow: which part of it, and by how much. */
function tooSlow({ fleet }: Observation, simulatorLagMs: number): string[] {
  const late = simulatorLagMs >= LATE_MS_MIN ? [{ what: "simulator", lagMs: simulatorLagMs }] : [];
  if (fleet.tooSlow) late.push(fleet.tooSlow);
  const parts = late.map(({ what, lagMs }) => `${what} ${(lagMs / 1000).toFixed(1)} s late`);
  return parts.length > 0 ? [`TOO SLOW: ${parts.join(", ")}`] : [];
}

function notRaised({ fleet }: Observation): string {
  const kinds = Object.entries(fleet.alertsNotRaised).map(([kind, count]) => `${kind} ${count}`);
  return kinds.length > 0 ? `, not raised: ${kinds.join(", ")}` : "";
}

function latency(view: Latency | null): string {
  return view ? `p50 ${view.p50.toFixed(1)} p99 ${view.p99.toFixed(1)} ms` : "–";
}
