// What leaves the pipeline: values for the sinks, in the order in which they came to be.

import type { AuditRecord } from "./audit/record.ts";

/** Drones of a window are counted per fleet, for all its zones (`zone` = ALL_ZONES) and for each zone. */
export const ALL_ZONES = "*";

export type Output =
  | { type: "tumbling"; window: TumblingWindow }
  | { type: "sliding"; window: SlidingWindow }
  | { type: "alert"; alert: AlertEvent }
  | { type: "late"; late: LateRecords }
  /** A drone got its first open alert, or lost its last: edges suppress no near-duplicates while one is open. */
  | { type: "alert-open"; droneId: string; open: boolean }
  | { type: "quarantine"; quarantine: Quarantined }
  /** The pipeline has forgotten a drone: so must everybody else. */
  | { type: "erased"; erased: Erased }
  | { type: "configuration"; configuration: Configured }
  | { type: "audit"; record: AuditRecord };

/** Where outputs come from. */
export interface DeliveryPlace {
  /** Names the journal: alert numbers of another do not collide with this one's. */
  journalId: string;
  /** The entry's number: it grows whatever its time does. */
  index: number;
  /** Unix µs. */
  atUs: number;
}

/** A setting, and what it was. */
export interface SettingChange {
  name: string;
  before: number;
  after: number;
}

/** Somebody has changed settings of the pipeline. */
export interface Configured {
  by: string;
  /** Unix µs. */
  atUs: number;
  changes: SettingChange[];
}

interface WindowBounds {
  fleet: string;
  zone: string;
  /** Unix µs, event time: start inclusive, end exclusive. */
  startUs: number;
  endUs: number;
  /** 0 for the first fire, +1 for each later one that late records within the allowed lateness caused. */
  revision: number;
  /** No further revision will come. Equal in content to the last revision before it, but for what is known of edges. */
  final: boolean;
  /** Edges that were away, or behind, so that records of theirs may be missing; none: it is complete, as far as one can know. */
  missingEdges: string[];
  complete: boolean;
}

/** One second of a fleet or zone. */
export interface TumblingWindow extends WindowBounds {
  dronesReporting: number;
  /** Near-duplicates included in `position`. */
  records: { position: number; battery: number; obstacles: number; nearDuplicate: number };
  /** Over the latest known remaining charge of each battery in the window; null when none is known. */
  battery: { averageCpct: number | null; minCpct: number | null; lowCount: number; known: number };
  /** H3 cells by drones per km², densest first, at most DENSITY_CELLS_MAX; by each drone's latest position. */
  density: { cell: string; drones: number; dronesPerKm2: number }[];
}

/** Ten seconds of a fleet or zone, once a second. */
export interface SlidingWindow extends WindowBounds {
  /** Mean ground speed over forwarded positions; null when there are none. */
  speedAverageCms: number | null;
  /** Mean over batteries of the loss of charge per minute, + while discharging; null when unknown. */
  batteryDrainCpctPerMin: number | null;
  /** Spread of positions of drones that stand still: a sign of a drifting sensor; null when none stands still. */
  drift: { drones: number; maxHorizontalMm: number; maxVerticalMm: number; worstDroneId: string } | null;
}

export const ALERT_KINDS = [
  "conflict",
  "crowd",
  "obstacle",
  "battery-low",
  "battery-critical",
  "link-loss",
  "clock-skew",
  "identity-clash",
  "position-glitch",
  "degraded",
  "edge-lost",
] as const;
export type AlertKindName = (typeof ALERT_KINDS)[number];

export type AlertTransition = "raise" | "escalate" | "downgrade" | "remind" | "acknowledge" | "resolve";

export interface AlertEvent {
  alertId: number;
  kind: AlertKindName;
  severity: "warning" | "critical";
  transition: AlertTransition;
  droneIds: string[];
  /** Distinguishes subjects of one drone, such as "battery 1"; empty for the drone itself. */
  detail: string;
  raisedTimeUs: number;
  changedTimeUs: number;
  /** From 1, +1 with each transition. */
  revision: number;
  /** How the record that caused this transition came here; null when time or a person did. */
  path: AlertPath | null;
  conflict: ConflictDetails | null;
  obstacle: ObstacleDetails | null;
  crowd: CrowdDetails | null;
  /** For people: what, how much, the limit. */
  message: string;
  acknowledgedBy: string | null;
}

/** Unix µs along a record's way, each by the clock of whoever saw it: the drone, its edge, the aggregator. */
export interface AlertPath {
  droneId: string;
  eventTimeUs: number;
  /** The first record of its batch was received, and the batch sealed. */
  edgeInUs: number;
  edgeOutUs: number;
  aggregatorInUs: number;
}

/** As proto Conflict: null where not both altitudes above mean sea level are known. */
export interface ConflictDetails {
  timeToClosestMs: number;
  closestHorizontalCm: number;
  closestVerticalCm: number | null;
  horizontalCm: number;
  verticalCm: number | null;
  timeToEntryMs: number;
  assumed: string[];
  partners: ConflictPartner[];
}

/** As proto Intruder, of both: where each is thought to be; null where unknown. */
export interface ConflictPartner {
  id: string;
  crewed: boolean;
  latE7: number;
  lonE7: number;
  altMslMm: number | null;
  trackCdeg: number | null;
  speedCms: number | null;
  climbCms: number | null;
  ageMs: number;
}

/** As proto Crowd. */
export interface CrowdDetails {
  drones: number;
  /** Their middle, and how far the farthest is from it. */
  latE7: number;
  lonE7: number;
  radiusCm: number;
}

/** As proto Obstacle: null where unknown. */
export interface ObstacleDetails {
  sensorId: number;
  rangeCm: number;
  closingCms: number | null;
  bearingCdeg: number;
  frame: number;
  trueBearingCdeg: number | null;
}

/** What made the pipeline throw: it is journalled, and what of it was not reached counts nowhere. Nothing behind it suffers. */
export interface Quarantined {
  what:
    | "batch"
    | "tick"
    | "acknowledgement"
    | "losses"
    | "clock-step"
    | "edge"
    | "gap"
    | "configuration"
    | "start"
    | "audit"
    | "erasure"
    | "link-losses"
    | "traffic";
  /** Of a batch; else empty. */
  edgeId: string;
  /** As hexadecimal digits. */
  batchId: string;
  /** In the batch, near-duplicates included. */
  records: number;
  error: string;
}

/** A drone that is forgotten. */
export interface Erased {
  /** Its id, and the names of others that used it. */
  droneIds: string[];
  /** What stands in its place where another drone is concerned as well. */
  name: string;
}

/** Records whose windows have expired: counted nowhere else. */
export interface LateRecords {
  edgeId: string;
  droneId: string;
  records: number;
  firstEventTimeUs: number;
  lastEventTimeUs: number;
}
