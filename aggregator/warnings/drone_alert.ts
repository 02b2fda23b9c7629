// Alerts as drones get them: bytes of EdgeDownlink with DroneAlerts.
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type Alert,
  AlertKind,
  AlertSchema,
  AlertSeverity,
  AlertState,
} from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { EdgeDownlinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import type { AlertEvent, AlertKindName, AlertTransition, ConflictPartner } from "../outputs.ts";

const KINDS: Record<AlertKindName, AlertKind> = {
  "conflict": AlertKind.CONFLICT,
  "crowd": AlertKind.CROWD,
  "obstacle": AlertKind.OBSTACLE,
  "battery-low": AlertKind.BATTERY_LOW,
  "battery-critical": AlertKind.BATTERY_CRITICAL,
  "link-loss": AlertKind.LINK_LOSS,
  "clock-skew": AlertKind.CLOCK_SKEW,
  "identity-clash": AlertKind.IDENTITY_CLASH,
  "position-glitch": AlertKind.POSITION_GLITCH,
  "degraded": AlertKind.DEGRADED,
  "edge-lost": AlertKind.EDGE_LOST,
};

const STATES: Record<AlertTransition, AlertState> = {
  raise: AlertState.RAISED,
  escalate: AlertState.ESCALATED,
  downgrade: AlertState.DOWNGRADED,
  remind: AlertState.RAISED,
  acknowledge: AlertState.ACKNOWLEDGED,
  resolve: AlertState.RESOLVED,
};

/** An alert for one drone. */
export interface Warning {
  /** The id that it uses, and what the alert calls it: see Doubles. */
  droneId: string;
  named: string;
  alert: AlertEvent;
  /** Unix µs: when the aggregator had it. */
  raisedUs: number;
  /** How long it is still worth delivering. */
  ttlMs: number;
  /** As whose part it is followed; null or absent: nobody does. */
  trace?: Uint8Array | null;
}

/** One message with all of the warnings, in order. */
export function encodeDroneAlerts(warnings: readonly Warning[]): Uint8Array<ArrayBuffer> {
  const alerts = warnings.map((warning) => ({
    ...{ droneId: warning.droneId, alert: alertMessage(warning) },
    ...warning.trace && { trace: warning.trace },
  }));
  return toBinary(EdgeDownlinkSchema, create(EdgeDownlinkSchema, { body: { case: "alerts", value: { alerts } } }));
}

function alertMessage({ named, alert, raisedUs, ttlMs }: Warning): Alert {
  const { alertId, kind, severity, transition, droneIds, detail, message, revision, path } = alert;
  return create(AlertSchema, {
    alertId: BigInt(alertId),
    kind: KINDS[kind],
    severity: severity === "critical" ? AlertSeverity.CRITICAL : AlertSeverity.WARNING,
    state: STATES[transition],
    ...{ droneIds, detail, message, ttlMs, revision },
    raisedTimeUs: BigInt(alert.raisedTimeUs),
    changedTimeUs: BigInt(alert.changedTimeUs),
    what: detailsOf(alert, named),
    ...path && {
      path: {
        droneId: path.droneId,
        eventTimeUs: BigInt(Math.round(path.eventTimeUs)),
        edgeInUs: BigInt(path.edgeInUs),
        edgeOutUs: BigInt(path.edgeOutUs),
        aggregatorInUs: BigInt(path.aggregatorInUs),
        raisedUs: BigInt(Math.round(raisedUs)),
      },
    },
  });
}

function detailsOf(
  { conflict, obstacle, crowd }: AlertEvent,
  named: string,
): MessageInitShape<typeof AlertSchema>["what"] {
  if (conflict) {
    const { closestVerticalCm, verticalCm, partners, ...known } = conflict;
    const intruder = intruderOf(partners, named);
    return { case: "conflict", value: { ...known, ...present({ closestVerticalCm, verticalCm }), ...intruder } };
  }
  if (obstacle) {
    const { closingCms, trueBearingCdeg, ...known } = obstacle;
    return { case: "obstacle", value: { ...known, ...present({ closingCms, trueBearingCdeg }) } };
  }
  return crowd ? { case: "crowd", value: crowd } : { case: undefined };
}

/** Of both the one that is not warned. */
function intruderOf(partners: readonly ConflictPartner[], named: string) {
  const other = partners.find(({ id }) => id !== named);
  if (!other) return {};
  const { altMslMm, trackCdeg, speedCms, climbCms, ...known } = other;
  return { intruder: { ...known, ...present({ altMslMm, trackCdeg, speedCms, climbCms }) } };
}

/** What is known; the rest is absent on the wire. */
function present<Name extends string>(values: Record<Name, number | null>): Partial<Record<Name, number>> {
  const known = Object.entries<number | null>(values).filter(([, value]) => value !== null);
  return Object.fromEntries(known) as Partial<Record<Name, number>>;
}
