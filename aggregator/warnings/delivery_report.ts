// What became of one warning to one drone: when it was where, by whose clock, and how wrong those clocks can be.
import type { AlertReceipt } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import type { AlertEvent } from "../outputs.ts";
import type { ClockOffset, Clocks } from "./clocks.ts";

/**
 * A warning's end. `delivered`: it was sent to a drone whose protocol has no acknowledgement; `superseded`: a later change of
 * the alert went out before this one was acknowledged.
 */
export type DeliveryOutcome = "acknowledged" | "delivered" | "undelivered" | "superseded";

/** Unix µs, each by the clock of whoever saw it; null where it did not get, or where no record was the cause. */
export interface DeliveryTimes {
  /** Measured by the drone whose record was the cause. */
  eventUs: number | null;
  edgeInUs: number | null;
  edgeOutUs: number | null;
  aggregatorInUs: number | null;
  raisedUs: number;
  /** Handed to the warned drone's socket, received by the drone, and its acknowledgement back at the edge. */
  edgeBackUs: number | null;
  droneReceivedUs: number | null;
  edgeAcknowledgedUs: number | null;
}

/** One warning to one drone, as /v1/deliveries and the `delivery` event show it. */
export interface DeliveryReport {
  alertId: number;
  revision: number;
  kind: AlertEvent["kind"];
  transition: AlertEvent["transition"];
  severity: AlertEvent["severity"];
  /** The drone that was warned, and the edge that did. */
  droneId: string;
  edgeId: string | null;
  outcome: DeliveryOutcome;
  tries: number;
  times: DeliveryTimes;
  /** The clocks that `times` are told by, against the aggregator's; null where unknown. */
  clocks: {
    sourceDrone: ClockOffset | null;
    sourceEdge: ClockOffset | null;
    edge: ClockOffset | null;
    drone: ClockOffset | null;
  };
}

/** How long each part of the way took, in µs, by the aggregator's clock; null where it is not known. */
export type Stages = Record<StageName, number | null>;

/** The parts of the way, in order; `total` is from the measurement to the acknowledgement back at the edge. */
export const STAGE_NAMES = [
  "sensor",
  "edge",
  "uplink",
  "raise",
  "downlink",
  "drone",
  "acknowledgement",
  "total",
] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** A delivery's end as a report. */
export function deliveryReport(
  { alert, droneId, edgeId, raisedUs, tries, sourceEdgeId }: {
    alert: AlertEvent;
    droneId: string;
    edgeId: string | null;
    raisedUs: number;
    tries: number;
    sourceEdgeId: string | null;
  },
  { outcome, receipt, edges, drones }: {
    outcome: DeliveryOutcome;
    receipt: AlertReceipt | null;
    edges: Clocks;
    drones: Clocks;
  },
): DeliveryReport {
  const { alertId, revision, kind, transition, severity, path } = alert;
  const answered = outcome === "acknowledged" ? receipt : null;
  return {
    ...{ alertId, revision, kind, transition, severity, droneId, edgeId, outcome, tries },
    times: {
      eventUs: path?.eventTimeUs ?? null,
      edgeInUs: path?.edgeInUs ?? null,
      edgeOutUs: path?.edgeOutUs ?? null,
      aggregatorInUs: path?.aggregatorInUs ?? null,
      raisedUs,
      edgeBackUs: receipt && Number(receipt.edgeSentUs),
      droneReceivedUs: answered && Number(answered.droneReceivedUs),
      edgeAcknowledgedUs: answered && Number(answered.edgeAcknowledgedUs),
    },
    clocks: {
      sourceDrone: path && drones.of(path.droneId),
      sourceEdge: sourceEdgeId === null ? null : edges.of(sourceEdgeId),
      edge: edgeId === null ? null : edges.of(edgeId),
      drone: drones.of(droneId),
    },
  };
}

/** The edge's own span of a delivery, and when that ended, in Unix µs by the aggregator's clock; null: it told none. */
export function deliveredSpan({ times, clocks }: DeliveryReport, receipt: AlertReceipt | null) {
  if (!receipt || receipt.trace.length === 0 || times.edgeAcknowledgedUs === null) return null;
  return { context: receipt.trace, endUs: times.edgeAcknowledgedUs - (clocks.edge?.offsetUs ?? 0) };
}

/** The parts of a delivery's way, each of its times taken to the aggregator's clock. */
export function stagesOf({ times, clocks }: DeliveryReport): Stages {
  const at = (us: number | null, clock: ClockOffset | null) =>
    us === null || clock === null ? null : us - clock.offsetUs;
  const event = at(times.eventUs, clocks.sourceDrone);
  const edgeIn = at(times.edgeInUs, clocks.sourceEdge);
  const edgeOut = at(times.edgeOutUs, clocks.sourceEdge);
  const edgeBack = at(times.edgeBackUs, clocks.edge);
  const received = at(times.droneReceivedUs, clocks.drone);
  const acknowledged = at(times.edgeAcknowledgedUs, clocks.edge);
  const between = (from: number | null, to: number | null) => from === null || to === null ? null : to - from;
  return {
    sensor: between(event, edgeIn),
    edge: between(edgeIn, edgeOut),
    uplink: between(edgeOut, times.aggregatorInUs),
    raise: between(times.aggregatorInUs, times.raisedUs),
    downlink: between(times.raisedUs, edgeBack),
    drone: between(edgeBack, received),
    acknowledgement: between(received, acknowledged),
    total: between(event, acknowledged),
  };
}
