// Alerts: what is asked of them, and what is told.
import { z } from "zod";
import { describing, json, operation, wholeNumber } from "../../../platform/openapi/operation.ts";
import type { AlertEvent } from "../../outputs.ts";
import type { DeliveryReport } from "../../warnings/delivery_report.ts";
import { limit, LOOKED_UP } from "./windows.ts";

const whole = z.int();
const known = whole.nullable();

const ALERT_KINDS = z.enum([
  ...["conflict", "crowd", "obstacle", "battery-low", "battery-critical", "link-loss"] as const,
  ...["clock-skew", "identity-clash", "position-glitch", "degraded", "edge-lost"] as const,
]);
const TRANSITIONS = z.enum(["raise", "escalate", "downgrade", "remind", "acknowledge", "resolve"]);
const SEVERITIES = z.enum(["warning", "critical"]);

const Path = z.object({
  droneId: z.string(),
  eventTimeUs: whole,
  edgeInUs: whole,
  edgeOutUs: whole,
  aggregatorInUs: whole,
});

const Partner = z.object({
  id: z.string(),
  crewed: z.boolean(),
  latE7: whole,
  lonE7: whole,
  altMslMm: known,
  trackCdeg: known,
  speedCms: known,
  climbCms: known,
  ageMs: whole,
});

const Conflict = z.object({
  timeToClosestMs: whole,
  closestHorizontalCm: whole,
  closestVerticalCm: known,
  horizontalCm: whole,
  verticalCm: known,
  timeToEntryMs: whole,
  assumed: z.array(z.string()),
  partners: z.array(Partner).meta({ description: "Both, where each is thought to be" }),
});

const Obstacle = z.object({
  sensorId: whole,
  rangeCm: whole,
  closingCms: known,
  bearingCdeg: whole,
  frame: whole,
  trueBearingCdeg: known,
});

const Crowd = z.object({ drones: whole, latE7: whole, lonE7: whole, radiusCm: whole });

const Alert = describing<AlertEvent>()(
  z.object({
    alertId: whole,
    kind: ALERT_KINDS,
    severity: SEVERITIES,
    transition: TRANSITIONS,
    droneIds: z.array(z.string()),
    detail: z.string(),
    raisedTimeUs: whole,
    changedTimeUs: whole,
    revision: whole,
    path: Path.nullable().meta({ description: "How the record that caused this came here" }),
    conflict: Conflict.nullable(),
    obstacle: Obstacle.nullable(),
    crowd: Crowd.nullable(),
    message: z.string(),
    acknowledgedBy: z.string().nullable(),
  }).meta({ id: "Alert", description: "An alert as it is since its last transition" }),
);

export const listAlerts = operation({
  ...{ method: "get", path: "/v1/alerts", id: "listAlerts", tag: "Alerts", action: "view" },
  summary: "Those that are open now, or the latest state of all, newest change first",
  query: z.object({
    state: z.enum(["open", "all"], { error: "must be open or all" }).default("open"),
    limit: limit(100),
  }),
  answers: { 200: json("The alerts", z.object({ alerts: z.array(Alert) })) },
  errors: LOOKED_UP,
});

/** Who does something, as the journal will have it. */
export function by(must: string) {
  return z.string({ error: must }).trim().min(1, must).max(64, "must be at most 64 characters")
    .transform((text) => text.toWellFormed())
    .meta({ description: "Counts only where nobody must prove anything: otherwise it is the proven name" });
}

const alertNumber = wholeNumber("must be an alert's number");
const Acknowledged = z.object({ alertId: whole, acknowledgedBy: z.string() });

export const acknowledgeAlert = operation({
  ...{ method: "post", path: "/v1/alerts/:id/acknowledge", id: "acknowledgeAlert", tag: "Alerts" },
  ...{ action: "operate", ownPageOnly: true },
  summary: "Somebody has seen it",
  params: z.object({ id: alertNumber.meta({ description: "The alert's number" }) }),
  body: z.object({ by: by("must be who acknowledges") }),
  answers: {
    200: json("It is acknowledged", Acknowledged),
    202: json("It is, and that is forgotten if the process ends before it is on disk", Acknowledged),
  },
  errors: { 404: "No such alert is open", 503: "The journal cannot be written; see `retry-after`" },
});

const Clock = z.object({ offsetUs: z.number(), errorUs: z.number() }).nullable();
const time = z.number().nullable();

const Delivery = describing<DeliveryReport>()(
  z.object({
    alertId: whole,
    revision: whole,
    kind: ALERT_KINDS,
    transition: TRANSITIONS,
    severity: SEVERITIES,
    droneId: z.string(),
    edgeId: z.string().nullable(),
    outcome: z.enum(["acknowledged", "delivered", "undelivered", "superseded"]),
    tries: whole,
    times: z.object({
      eventUs: time,
      edgeInUs: time,
      edgeOutUs: time,
      aggregatorInUs: time,
      raisedUs: z.number(),
      edgeBackUs: time,
      droneReceivedUs: time,
      edgeAcknowledgedUs: time,
    }),
    clocks: z.object({ sourceDrone: Clock, sourceEdge: Clock, edge: Clock, drone: Clock }),
  }).meta({ id: "Delivery", description: "One warning to one drone" }),
);

export const listDeliveries = operation({
  ...{ method: "get", path: "/v1/deliveries", id: "listDeliveries", tag: "Alerts", action: "view" },
  summary: "What became of warnings, and when they were where; the latest first",
  query: z.object({
    alert: alertNumber.optional().meta({ description: "Of this alert only" }),
    limit: limit(100),
  }),
  answers: { 200: json("The deliveries", z.object({ deliveries: z.array(Delivery) })) },
  errors: LOOKED_UP,
});
