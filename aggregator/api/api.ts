// The aggregator's HTTP surface: the edges' WebSocket, questions about the fleet, live events, and the console.
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { refusalOfHost } from "../../platform/hosts.ts";
import { known, refuse, tell, tellJson, tellList } from "./answers.ts";
import { readJson } from "./body.ts";
import { consoleFiles } from "./console_files.ts";
import type { FleetReport } from "./fleet_report.ts";
import {
  AcknowledgeBody,
  AcknowledgeParam,
  AlertsQuery,
  DeliveriesQuery,
  EventsQuery,
  LimitQuery,
  parse,
  WindowsQuery,
} from "./queries.ts";
import { settingsRoutes } from "./settings.ts";
import type { Sequencer } from "../core/sequencer.ts";
import type { Operations } from "../alerts/operations.ts";
import type { Intake } from "../intake/intake.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { DroneView } from "../views.ts";
import type { EventFanOut } from "../sinks/events.ts";
import type { Ask } from "../sinks/history.ts";
import { remainingCpct } from "../sinks/positions.ts";

/** What the API asks and tells. */
export interface ApiParts {
  pipeline: Pick<Pipeline, "drones" | "drone" | "openAlerts" | "settings">;
  sequencer: Pick<Sequencer, "acknowledgeAlert" | "configure">;
  operations: Pick<Operations, "openAlerts" | "acknowledge">;
  intake: Pick<Intake, "upgrade">;
  askHistory: Ask;
  events: EventFanOut;
  fleet: () => FleetReport;
  /** Names besides those of loopback that the API answers to. */
  hosts: ReadonlySet<string>;
  /** Why the aggregator takes no batches now; null when it does. */
  notReady: () => string | null;
  log: (level: "info" | "warn", message: string) => void;
}

const CONSOLE_POLICY = { defaultSrc: ["'self'"], imgSrc: ["'self'", "data:"], frameAncestors: ["'none'"] };

/** Every error is `{error: "..."}` with the status that fits. */
export function createApi(parts: ApiParts): Hono {
  const { pipeline, sequencer, operations, intake, askHistory, events, fleet, hosts, notReady, log } = parts;
  const api = new Hono();
  api.use(async (c, next) => {
    const refusal = refusalOfHost(c.req.header("host"), hosts);
    if (refusal !== null) return c.json({ error: refusal }, 421);
    await next();
  });

  api.get("/v1/uplink", (c) => {
    const answer = intake.upgrade(c.req.raw);
    return answer instanceof Response ? answer : c.json({ error: answer.error }, answer.status);
  });

  api.get("/v1/fleet", (c) => c.json(fleet()));
  api.get("/v1/drones", (c) => tellList(c, "drones", summaries(pipeline.drones())));
  api.get("/v1/drones/:id", async (c) => {
    const droneId = c.req.param("id");
    const drone = pipeline.drone(droneId);
    if (drone) return c.json(drone);
    const before = await askHistory({ what: "drone", droneId });
    return "json" in before ? tellJson(c, [before.json]) : refuse(c, before);
  });
  api.get("/v1/windows", async (c) => {
    const query = parse(WindowsQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const { from: fromUs, to: toUs, ...rest } = query.value;
    return tell(c, { windows: await askHistory({ what: "windows", ...rest, fromUs, toUs }) });
  });
  api.get("/v1/alerts", async (c) => {
    const query = parse(AlertsQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const { state, limit } = query.value;
    if (state === "all") return tell(c, { alerts: await askHistory({ what: "alerts", limit }) });
    return c.json({ alerts: [...operations.openAlerts(), ...pipeline.openAlerts()].slice(0, limit) });
  });
  api.post("/v1/alerts/:id/acknowledge", async (c) => {
    const param = parse(AcknowledgeParam, c.req.param());
    if ("error" in param) return c.json(param, 400);
    const body = await readJson(c.req.raw, AcknowledgeBody);
    if ("error" in body) return c.json({ error: body.error }, body.status);
    const alertId = param.value.id;
    const seen = { alertId, by: body.value.by };
    const acknowledged = operations.acknowledge(seen) ? "safe" : await sequencer.acknowledgeAlert(seen);
    const cannot = (why: string) => ({ error: `Cannot acknowledge alert ${alertId}: ${why}` });
    if (acknowledged === "unknown") return c.json(cannot("no such alert is open"), 404);
    if (acknowledged === "refused") return c.json(cannot("the journal cannot be written"), 503, { "retry-after": "5" });
    // Done, and forgotten if the process ends before the journal can be written again: 202.
    return c.json({ alertId, acknowledgedBy: body.value.by }, acknowledged === "safe" ? 200 : 202);
  });
  api.route("/v1/settings", settingsRoutes({ pipeline, sequencer }));
  api.get("/v1/deliveries", async (c) => {
    const query = parse(DeliveriesQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const { alert: alertId, limit } = query.value;
    return tell(c, { deliveries: await askHistory({ what: "deliveries", alertId, limit }) });
  });
  api.get("/v1/losses", async (c) => {
    const query = parse(LimitQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const { limit } = query.value;
    const lostRecords = known(fleet().lostRecords);
    const [losses, quarantined] = await Promise.all([
      askHistory({ what: "losses", limit }),
      askHistory({ what: "quarantined", limit }),
    ]);
    return tell(c, { lostRecords, losses, quarantined });
  });
  api.get("/v1/events", (c) => {
    const query = parse(EventsQuery, c.req.query());
    if ("error" in query) return c.json(query, 400);
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
    // A HEAD comes here as well: nobody would read, nor end, what it subscribed to.
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const stream = events.subscribe(query.value.only);
    if (!stream) return c.json({ error: "Cannot send events: too many readers" }, 503, { "retry-after": "10" });
    return c.body(stream, 200, headers);
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

function* summaries(drones: Iterable<DroneView>) {
  for (const drone of drones) yield droneSummary(drone);
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
