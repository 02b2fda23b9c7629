// The aggregator's HTTP surface: the edges' WebSocket, questions about the fleet, live events, and the console.
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { consoleFiles } from "./api/console_files.ts";
import type { FleetReport } from "./api/fleet_report.ts";
import {
  AcknowledgeBody,
  AcknowledgeParam,
  AlertsQuery,
  DeliveriesQuery,
  EventsQuery,
  LimitQuery,
  parse,
  WindowsQuery,
} from "./api/queries.ts";
import type { Inlet } from "./inlet.ts";
import type { Operations } from "./operations.ts";
import type { Intake } from "./intake.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import type { DroneView } from "./pipeline/views.ts";
import type { EventFanOut } from "./sinks/events.ts";
import type { History } from "./sinks/history.ts";
import { remainingCpct } from "./sinks/positions.ts";

/** What the API asks and tells. */
export interface ApiParts {
  pipeline: Pick<Pipeline, "drones" | "drone" | "openAlerts">;
  inlet: Pick<Inlet, "acknowledgeAlert">;
  operations: Pick<Operations, "openAlerts" | "acknowledge">;
  intake: Pick<Intake, "upgrade">;
  history: History;
  events: EventFanOut;
  fleet: () => FleetReport;
  /** Why the aggregator takes no batches now; null when it does. */
  notReady: () => string | null;
  log: (level: "info" | "warn", message: string) => void;
}

const CONSOLE_POLICY = { defaultSrc: ["'self'"], imgSrc: ["'self'", "data:"], frameAncestors: ["'none'"] };

/** Every error is `{error: "..."}` with the status that fits. */
export function createApi(parts: ApiParts): Hono {
  const { pipeline, inlet, operations, intake, history, events, fleet, notReady, log } = parts;
  const api = new Hono();

  api.get("/v1/uplink", (c) => {
    const answer = intake.upgrade(c.req.raw);
    return answer instanceof Response ? answer : c.json({ error: answer.error }, answer.status);
  });

  api.get("/v1/fleet", (c) => c.json(fleet()));
  api.get("/v1/drones", (c) => c.json({ drones: Array.from(pipeline.drones(), droneSummary) }));
  api.get("/v1/drones/:id", (c) => {
    const id = c.req.param("id");
    const drone = pipeline.drone(id) ?? history.drone(id);
    return drone ? c.json(drone) : c.json({ error: `Cannot find drone ${JSON.stringify(id)}: it was never seen` }, 404);
  });
  api.get("/v1/windows", (c) => {
    const query = parse(WindowsQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const { from: fromUs, to: toUs, ...rest } = query.value;
    return c.json({ windows: history.windows({ ...rest, fromUs, toUs }) });
  });
  api.get("/v1/alerts", (c) => {
    const query = parse(AlertsQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const { state, limit } = query.value;
    const open = () => [...operations.openAlerts(), ...pipeline.openAlerts()].slice(0, limit);
    return c.json({ alerts: state === "all" ? history.alerts(limit) : open() });
  });
  api.post("/v1/alerts/:id/acknowledge", async (c) => {
    // A page of somebody else can send a form, not this content type: no acknowledgement without a person's intent.
    if (!c.req.header("content-type")?.toLowerCase().startsWith("application/json")) {
      return c.json({ error: "Cannot read the request: send application/json" }, 415);
    }
    const param = parse(AcknowledgeParam, c.req.param());
    if ("error" in param) return c.json(param, 400);
    const body = parse(AcknowledgeBody, await c.req.json().catch(() => undefined));
    if ("error" in body) return c.json(body, 400);
    const alertId = param.value.id;
    const seen = { alertId, by: body.value.by };
    const acknowledged = operations.acknowledge(seen) ? "safe" : await inlet.acknowledgeAlert(seen);
    const cannot = (why: string) => ({ error: `Cannot acknowledge alert ${alertId}: ${why}` });
    if (acknowledged === "unknown") return c.json(cannot("no such alert is open"), 404);
    if (acknowledged === "refused") return c.json(cannot("the journal cannot be written"), 503, { "retry-after": "5" });
    // Done, and forgotten if the process ends before the journal can be written again: 202.
    return c.json({ alertId, acknowledgedBy: body.value.by }, acknowledged === "safe" ? 200 : 202);
  });
  api.get("/v1/deliveries", (c) => {
    const query = parse(DeliveriesQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const { alert: alertId, limit } = query.value;
    return c.json({ deliveries: history.deliveries({ ...alertId !== undefined && { alertId }, limit }) });
  });
  api.get("/v1/losses", (c) => {
    const query = parse(LimitQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const { limit } = query.value;
    const [losses, quarantined] = [history.losses(limit), history.quarantined(limit)];
    return c.json({ lostRecords: fleet().lostRecords, losses, quarantined });
  });
  api.get("/v1/events", (c) => {
    const query = parse(EventsQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const stream = events.subscribe(query.value.only);
    if (!stream) return c.json({ error: "Cannot send events: too many readers" }, 503, { "retry-after": "10" });
    return c.body(stream, 200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  });

  api.get("/healthz", (c) => c.json({ status: "ok" }));
  api.get("/readyz", (c) => {
    const reason = notReady();
    return reason === null ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });

  api.use("*", secureHeaders({ contentSecurityPolicy: CONSOLE_POLICY, strictTransportSecurity: false }));
  api.route("/", consoleFiles());
  api.notFound((c) => c.json({ error: `Cannot find ${c.req.path}: see /v1/fleet, /v1/drones, /v1/alerts, /` }, 404));
  api.onError((error, c) => {
    log("warn", `Cannot answer ${c.req.path}: ${error.stack}`);
    return c.json({ error: "Cannot answer: internal error" }, 500);
  });
  return api;
}

function droneSummary(drone: DroneView) {
  const { droneId, position, flags, linkLost } = drone;
  return {
    droneId,
    latDeg: position?.latDeg ?? null,
    lonDeg: position?.lonDeg ?? null,
    altHomeM: position?.altHomeM ?? null,
    altMslM: position?.altMslM ?? null,
    headingDeg: position?.headingDeg ?? null,
    flags,
    linkLost,
    remainingCpct: remainingCpct(drone),
  };
}
