// The demo's line a second.
import type { AlertLine, Latency, Observation } from "./observer.ts";

/** Both observations are of one run, `seconds` apart; `ageS` is since its start. */
export function statusLine(
  { before, now, seconds, ageS }: { before: Observation; now: Observation; seconds: number; ageS: number },
): string {
  const perS = (pick: (o: Observation) => number) => Math.round((pick(now) - pick(before)) / seconds);
  const received = perS(({ edge }) => edge.bytes.received);
  const sent = perS(({ edge }) => edge.bytes.batchSent);
  return [
    `${ageS.toFixed(0).padStart(4)} s`,
    `${now.fleet.drones} drones (${now.fleet.dronesAirborne} up)`,
    `${perS(({ edge }) => edge.records.received)} records/s`,
    `kept ${perS(({ edge }) => edge.records.forwarded)} near-dup ${perS(({ edge }) => edge.records.nearDuplicate)}`,
    `batches ${(sent / 1000).toFixed(1)} kB/s = ${received > 0 ? (sent / received).toFixed(2) : "–"} of frames`,
    `sensor→window ${latency(now.fleet.sensorToWindowMs)}`,
    `sensor→alert ${latency(now.fleet.sensorToAlertMs)}`,
    `${now.fleet.openAlerts} alert(s) open`,
  ].join(" | ");
}

export function alertLine({ transition, kind, severity, droneIds, message }: AlertLine): string {
  return `       ${transition} ${severity} ${kind} ${droneIds.join(", ")}: ${message}`;
}

function latency(view: Latency | null): string {
  return view ? `p50 ${view.p50.toFixed(1)} p99 ${view.p99.toFixed(1)} ms` : "–";
}
