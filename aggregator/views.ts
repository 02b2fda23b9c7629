// What the pipeline answers when asked how the fleet is now: for the API and the console.
import type { LatencyView } from "../platform/latency.ts";
import type { AirspaceView } from "./airspace/view.ts";
import type { AlertKindName } from "./outputs.ts";

export interface FleetView {
  /** Unix µs; null before the first record. */
  watermarkUs: number | null;
  drones: number;
  dronesAirborne: number;
  dronesLinkLost: number;
  /** Of the edges that hear most of their drones late the one that does most, and how late; null: all hear promptly. */
  stalest: { edgeId: string; lateMs: number } | null;
  openAlerts: number;
  /** Since the pipeline began, by kind: alerts that were not raised because too many of their kind were open. */
  alertsNotRaised: Partial<Record<AlertKindName, number>>;
  airspace: AirspaceView;
  /**
   * Since the pipeline began: records by fate. received = accepted + duplicate;
   * accepted = position + battery + obstacles + nearDuplicate + late.
   */
  records: {
    received: number;
    accepted: number;
    duplicate: number;
    late: number;
    position: number;
    battery: number;
    obstacles: number;
    nearDuplicate: number;
    retimed: number;
  };
  /** `quarantined`: entries of any kind that made the pipeline throw. */
  batches: { accepted: number; duplicate: number; unknownSlot: number; quarantined: number };
  /** Aircraft that are nobody's here, and reports of them by fate. */
  traffic: { known: number; reports: TrafficReportsView };
  past: PastView;
  /** Event time to ingestion at the aggregator, in ms, of records with a trusted clock; null without any. */
  sensorToWindowMs: LatencyView | null;
  /** Event time of the record that raised an alert to the ingestion that raised it. */
  sensorToAlertMs: LatencyView | null;
}

/** Seconds that are over and can still be revised. */
export interface PastView {
  seconds: number;
  /** Of memory, about. */
  bytes: number;
}

export interface DroneView {
  droneId: string;
  fleet: string;
  zone: string;
  edgeId: string;
  bootId: number;
  lastEventTimeUs: number;
  lastIngestionTimeUs: number;
  flags: number;
  linkLost: boolean;
  /** Smallest of ingestion time minus event time seen lately: clock error plus transport; negative: clock is ahead. */
  clockOffsetUs: number;
  records: number;
  position: PositionView | null;
  batteries: BatteryView[];
}

export interface PositionView {
  eventTimeUs: number;
  latDeg: number;
  lonDeg: number;
  altMslM: number | null;
  altHomeM: number | null;
  vnMps: number;
  veMps: number;
  vdMps: number;
  headingDeg: number | null;
  fixType: number;
}

export interface BatteryView {
  id: number;
  eventTimeUs: number;
  /** null where unknown, whatever the drone sent to say so. */
  voltageMv: number | null;
  currentCa: number | null;
  remainingCpct: number | null;
  chargeState: number;
}

/** What became of reports of traffic. */
export interface TrafficReportsView {
  taken: number;
  /** Another edge had heard the same; it was older than what is known; it cannot be; it is of a drone of ours. */
  repeated: number;
  stale: number;
  invalid: number;
  own: number;
  tooMany: number;
}

/** An aircraft that is nobody's here; null where unknown. */
export interface TrafficView {
  id: string;
  name: string;
  crewed: boolean;
  airborne: boolean;
  edgeId: string;
  /** Unix µs. */
  lastHeardUs: number;
  latDeg: number;
  lonDeg: number;
  altM: number | null;
  /** What the altitude is above: the sea, the ellipsoid of WGS84, or 1013.25 hPa. */
  altDatum: "sea" | "ellipsoid" | "pressure" | null;
  trackDeg: number | null;
  speedMps: number | null;
  climbMps: number | null;
}
