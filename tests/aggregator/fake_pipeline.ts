// A pipeline whose answers a test scripts, and the pieces of an aggregator around it.
import { Latency } from "../../platform/latency.ts";
import type { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { Alerts } from "../../aggregator/alerts/alerts.ts";
import type { Entry, StepVerdict } from "../../aggregator/batch/entry.ts";
import type { AlertEvent, Output, TumblingWindow } from "../../aggregator/outputs.ts";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { Operating } from "../../aggregator/pipeline/operating.ts";
import { Tuning } from "../../aggregator/pipeline/tuning.ts";
import type { StatePiece } from "../../aggregator/pipeline/state/saved.ts";
import type { DroneView, FleetView, TrafficView } from "../../aggregator/views.ts";

export const TIME_US = 1_790_000_000_000_000;

export class FakePipeline {
  readonly entries: Entry[] = [];
  readonly ticks: number[] = [];
  alerts: AlertEvent[] = [];
  all: DroneView[] = [];
  aircraft: TrafficView[] = [];
  silent = new Map<string, number>();
  knownSession = 0n;
  readonly latencies = { sensorToWindow: new Latency(), sensorToAlert: new Latency() };
  /** Its alerts are none of this pipeline's. */
  readonly operated = new Operating({
    tuning: new Tuning(PIPELINE_DEFAULTS),
    alerts: new Alerts(PIPELINE_DEFAULTS),
  });
  answer: (entry: Entry) => { verdict: StepVerdict; outputs: Output[] } = () => ({ verdict: "accepted", outputs: [] });

  step(entry: Entry) {
    this.entries.push(entry);
    return this.answer(entry);
  }

  tick(nowUs: number): Output[] {
    this.ticks.push(nowUs);
    return [];
  }

  acknowledgeAlert({ alertId, by, nowUs }: { alertId: number; by: string; nowUs: number }) {
    const found = this.alerts.find((alert) => alert.alertId === alertId);
    if (!found) return { found: false, outputs: [] };
    Object.assign(found, { transition: "acknowledge", acknowledgedBy: by, changedTimeUs: nowUs });
    return { found: true, outputs: [{ type: "alert", alert: found } satisfies Output] };
  }

  configure(change: Parameters<Operating["configure"]>[0]): Output[] {
    return this.operated.configure(change);
  }

  started(start: Parameters<Operating["started"]>[0]): Output[] {
    return this.operated.started(start);
  }

  record(done: Parameters<Operating["record"]>[0]): Output[] {
    return this.operated.record(done);
  }

  clockStepped(_: { stepUs: number; nowUs: number }): Output[] {
    return [];
  }

  edgeChanged(): Output[] {
    return [];
  }

  linksLost(): Output[] {
    return [];
  }

  trafficHeard(): Output[] {
    return [];
  }

  traffic(): TrafficView[] {
    return this.aircraft;
  }

  skipAlertIds(lastId: number): number {
    return lastId;
  }

  erase({ droneId, name }: { droneId: string; name: string }): Output[] {
    return [{ type: "erased", erased: { droneIds: [droneId], name } }];
  }

  knowsBatch(batchId: Uint8Array): boolean {
    return this.entries.some(({ sealed }) => String(sealed.batchId) === String(batchId));
  }

  edges(): [string, EdgePresence, number][] {
    return [];
  }

  usedId(droneId: string): string {
    return droneId;
  }

  snapshot(): Generator<StatePiece> {
    throw new Error("Cannot take a snapshot: a scripted pipeline has no state");
  }

  restore(): void {
    throw new Error("Cannot restore: a scripted pipeline has no state");
  }

  fleet(): FleetView {
    const records = {
      received: 10,
      accepted: 9,
      duplicate: 1,
      late: 0,
      position: 4,
      battery: 3,
      obstacles: 1,
      nearDuplicate: 1,
      retimed: 0,
    };
    const batches = { accepted: this.entries.length, duplicate: 0, unknownSlot: 0, quarantined: 0 };
    const counts = { drones: this.all.length, dronesAirborne: 0, dronesLinkLost: 0, openAlerts: this.alerts.length };
    const alerts = { stalest: null, alertsNotRaised: {} };
    const airspace = {
      tracks: 0,
      ghosts: 0,
      conflicts: 0,
      crowds: 0,
      candidates: 0,
      tested: 0,
      conflictsNotOpened: 0,
      dronesNotTracked: 0,
    };
    const latencies = { sensorToWindowMs: null, sensorToAlertMs: null };
    return {
      watermarkUs: TIME_US,
      ...counts,
      ...alerts,
      airspace,
      records,
      batches,
      traffic: {
        known: this.aircraft.length,
        reports: { taken: 0, repeated: 0, stale: 0, invalid: 0, own: 0, tooMany: 0 },
      },
      past: { seconds: 0, bytes: 0 },
      ...latencies,
    };
  }

  *drones(): Generator<DroneView> {
    yield* this.all;
  }

  drone(id: string): DroneView | undefined {
    return this.all.find(({ droneId }) => droneId === id);
  }

  ghosts(): Map<string, number> {
    return this.silent;
  }

  openAlerts(): AlertEvent[] {
    return this.alerts;
  }

  edgeOf(droneId: string): string | undefined {
    return this.drone(droneId)?.edgeId;
  }

  openAlertDrones(): string[] {
    return this.alerts.flatMap(({ droneIds }) => droneIds);
  }

  sessionKnown(_edgeId: string, session: bigint): boolean {
    return session === this.knownSession;
  }
}

export function drone(droneId: string, over: Partial<DroneView> = {}): DroneView {
  return {
    droneId,
    fleet: "fleet",
    zone: "north",
    edgeId: "edge-1",
    bootId: 1,
    lastEventTimeUs: TIME_US,
    lastIngestionTimeUs: TIME_US + 1000,
    flags: 3,
    linkLost: false,
    clockOffsetUs: 900,
    records: 5,
    position: {
      eventTimeUs: TIME_US,
      latDeg: 47.4,
      lonDeg: 8.5,
      altMslM: 480,
      altHomeM: 60,
      vnMps: 0,
      veMps: 10,
      vdMps: 0,
      headingDeg: null,
      fixType: 3,
    },
    batteries: [
      { id: 0, eventTimeUs: TIME_US, voltageMv: 15_000, currentCa: null, remainingCpct: 5210, chargeState: 1 },
    ],
    ...over,
  };
}

export function alert(alertId: number, over: Partial<AlertEvent> = {}): AlertEvent {
  return {
    alertId,
    kind: "battery-low",
    severity: "warning",
    transition: "raise",
    droneIds: ["drone-1"],
    detail: "battery 0",
    raisedTimeUs: TIME_US,
    changedTimeUs: TIME_US,
    revision: 1,
    path: null,
    conflict: null,
    obstacle: null,
    crowd: null,
    message: "19 % remaining",
    acknowledgedBy: null,
    ...over,
  };
}

export function tumbling(startUs: number, over: Partial<TumblingWindow> = {}): Output {
  const bounds = {
    fleet: "fleet",
    zone: "*",
    startUs,
    endUs: startUs + 1_000_000,
    revision: 0,
    final: false,
    missingEdges: [],
    complete: true,
  };
  const records = { position: 10, battery: 5, obstacles: 0, nearDuplicate: 2 };
  const battery = { averageCpct: 5000, minCpct: 1000, lowCount: 1, known: 3 };
  return { type: "tumbling", window: { ...bounds, dronesReporting: 3, records, battery, density: [], ...over } };
}

/** An aeroplane that is nobody's here. */
export function aircraft(id: string): TrafficView {
  return {
    ...{ id, name: "HBXYZ", crewed: true, airborne: true, edgeId: "e1", lastHeardUs: TIME_US },
    ...{ latDeg: 47.4, lonDeg: 8.5, altM: 457, altDatum: "pressure", trackDeg: 270, speedMps: 60, climbMps: 0 },
  };
}
