// What an aggregator tells of its fleet, as far as it is shown; an older or newer one may not tell all of it.
import { z } from "zod";

const count = z.number().catch(0);
const latency = z.object({ count, p50: z.number(), p99: z.number() }).nullable().catch(null);

const Edge = z.object({
  edgeId: z.string(),
  region: z.string().catch(""),
  version: z.string().catch(""),
  connections: count,
  status: z.record(z.string(), z.number()).nullable().catch(null),
});
export type EdgeRow = z.infer<typeof Edge>;

const Fleet = z.object({
  version: z.string().catch(""),
  timeUs: z.number(),
  drones: count,
  dronesAirborne: count,
  dronesLinkLost: count,
  watermarkLagMs: z.number().nullable().catch(null),
  tooSlow: z.object({ what: z.string(), lagMs: z.number() }).nullable().catch(null),
  records: z.object({ accepted: count, duplicate: count, late: count }),
  airspace: z.object({ conflicts: count, ghosts: count }).catch({ conflicts: 0, ghosts: 0 }),
  edges: z.array(Edge),
  journal: z.object({ state: z.string(), waiting: count, commitMs: latency }),
  sensorToWindowMs: latency,
  sensorToAlertMs: latency,
  warnings: z.object({ waiting: count, stagesMs: z.record(z.string(), latency) }).catch({ waiting: 0, stagesMs: {} }),
});
export type Fleet = z.infer<typeof Fleet>;
export type Latency = z.infer<typeof latency>;

const Alert = z.object({
  alertId: z.number(),
  kind: z.string(),
  severity: z.string(),
  transition: z.string(),
  droneIds: z.array(z.string()),
  detail: z.string().catch(""),
  message: z.string().catch(""),
  raisedTimeUs: z.number(),
  acknowledgedBy: z.string().nullable().catch(null),
});
export type Alert = z.infer<typeof Alert>;
const OpenAlerts = z.object({ alerts: z.array(Alert) });

/** Null: it is none. */
const reader = <Facts>(shape: z.ZodType<Facts>) => (json: unknown): Facts | null => shape.safeParse(json).data ?? null;

export const readFleet = reader(Fleet);
export const readAlert = reader(Alert);
export const readAlerts = reader(OpenAlerts);
