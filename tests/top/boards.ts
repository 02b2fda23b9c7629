// A system's own words, as boards are made of them.
import { type Alert, type Fleet, readAlert, readFleet } from "../../deploy/top/facts.ts";

export const TIME_US = 1_790_000_000_000_000;
const latency = (p99: number) => ({ count: 10, p50: p99 / 2, p99, max: p99 });

export function fleetWord(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...{ version: "1.2.3", timeUs: TIME_US, drones: 20, dronesAirborne: 18, dronesLinkLost: 1, watermarkLagMs: 110.4 },
    ...{ tooSlow: null, records: { accepted: 5000, duplicate: 3, late: 2 }, airspace: { conflicts: 1, ghosts: 0 } },
    edges: [edgeWord("edge-1")],
    journal: { state: "durable", waiting: 4, commitMs: latency(2) },
    sensorToWindowMs: latency(30),
    sensorToAlertMs: null,
    warnings: { waiting: 0, stagesMs: { uplink: latency(41.25), drone: latency(1), total: null } },
    ...over,
  };
}

export function edgeWord(edgeId: string, over: Record<string, unknown> = {}) {
  const status = {
    connections: 20,
    receivedRecords: 9000,
    receivedBytes: 90_000,
    cpuCpct: 1234,
    level: 0,
    lagMs: 3,
    backlogMs: 7,
  };
  return { edgeId, region: "eu", version: "1.2.3", connections: 1, status, ...over };
}

export const fleetOf = (over: Record<string, unknown> = {}): Fleet => readFleet(fleetWord(over))!;

export function alertOf(alertId: number, over: Partial<Alert> = {}): Alert {
  return readAlert({
    ...{ alertId, kind: "conflict", severity: "critical", transition: "raise", droneIds: ["d1", "d2"], detail: "" },
    ...{ message: "d1 and d2 are 30 m apart", raisedTimeUs: TIME_US, acknowledgedBy: null },
    ...over,
  })!;
}
