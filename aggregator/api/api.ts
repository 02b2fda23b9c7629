// The aggregator's HTTP surface: the edges' WebSocket, questions about the fleet, live events, and the console.
import { Hono } from "hono";
import type { Gate } from "../../identity/gate.ts";
import { changes, jsonOnly, mayOnly, ownPageOnly, type Proven, provenName } from "../../identity/hono.ts";
import { surface } from "../../identity/surface.ts";
import type { Exposition } from "../../platform/metrics.ts";
import { asked } from "../../platform/openapi/asked.ts";
import { documentation } from "../../platform/openapi/documentation.ts";
import { acknowledge } from "./acknowledging.ts";
import { held } from "./held_stream.ts";
import { known, refuse, tell, tellJson, tellList, unread } from "./answers.ts";
import { consoleFiles } from "./console_files.ts";
import { type EraseParts, eraseRoute } from "./erase_route.ts";
import { type ExportParts, exportRoutes } from "./export_routes.ts";
import type { FleetReport } from "./fleet_report.ts";
import { acknowledgeAlert, listAlerts, listDeliveries } from "./operations/alerts.ts";
import { listAudit, listLosses } from "./operations/people.ts";
import { followEvents } from "./operations/streams.ts";
import { listWebhooks } from "./operations/webhooks.ts";
import { listWindows } from "./operations/windows.ts";
import { sessions } from "./session.ts";
import { settingsRoutes } from "./settings.ts";
import type { Sequencer } from "../core/sequencer.ts";
import type { Operations } from "../alerts/operations.ts";
import type { Intake } from "../intake/intake.ts";
import type { Scaling } from "../intake/scaling.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { DroneView } from "../views.ts";
import type { EventFanOut } from "../sinks/events.ts";
import { remainingCpct } from "../sinks/positions.ts";

/** What the API asks and tells. */
export interface ApiParts extends Omit<EraseParts, "sequencer">, Omit<ExportParts, "gate"> {
  pipeline: Pick<Pipeline, "drones" | "drone" | "traffic" | "openAlerts" | "operated">;
  sequencer: Pick<Sequencer, "acknowledgeAlert" | "configure" | "audit">;
  operations: Pick<Operations, "openAlerts" | "acknowledge">;
  intake: Pick<Intake, "upgrade">;
  events: EventFanOut;
  fleet: () => FleetReport;
  scaling: Pick<Scaling, "report">;
  /** What Prometheus is told. */
  metrics: () => Promise<Exposition>;
  /** Names besides those of loopback that the API answers to; null: any. */
  hosts: ReadonlySet<string> | null;
  gate: Pick<Gate, "admit" | "hold">;
  /** Monotonic ms. */
  clock: () => number;
  /** Unix µs. */
  nowUs: () => number;
  /** Why the aggregator takes no batches now; null when it does. */
  notReady: () => string | null;
}

export type Api = Hono<Proven>;

/** Every error is `{error: "..."}` with the status that fits. */
export function createApi(parts: ApiParts): Api {
  const { pipeline, sequencer, operations, intake, askHistory, events, fleet, notReady } = parts;
  const { hosts, gate, clock, nowUs, log, pseudonym } = parts;
  const view = mayOnly(gate, "view");
  const api: Api = new Hono();
  api.use(surface(hosts));

  api.route("/v1/session", sessions({ gate, nowUs, sequencer }));
  api.get("/v1/uplink", mayOnly(gate, "uplink"), (c) => {
    const answer = intake.upgrade(c.req.raw, { upgrade: c.env?.upgrade, identity: c.var.identity });
    return answer instanceof Response ? answer : c.json({ error: answer.error }, answer.status);
  });

  api.get("/v1/fleet", view, (c) => c.json(fleet()));
  api.get("/v1/scale", view, (c) => c.json(parts.scaling.report ?? { edges: null, aggregator: null }));
  api.get("/v1/drones", view, (c) => tellList(c, "drones", summaries(pipeline.drones())));
  api.get("/v1/drones/:id", view, async (c) => {
    const droneId = c.req.param("id");
    const drone = pipeline.drone(droneId);
    if (drone) return c.json(drone);
    const before = await askHistory({ what: "drone", droneId });
    return "json" in before ? tellJson(c, [before.json]) : refuse(c, before);
  });
  api.get("/v1/traffic", view, (c) => tellList(c, "traffic", pipeline.traffic()));
  eraseRoute(api, parts);
  api.get("/v1/windows", view, async (c) => {
    const said = await asked(c.req, listWindows);
    if ("error" in said) return unread(c, said);
    const { from: fromUs, to: toUs, ...rest } = said.query;
    return tell(c, { windows: await askHistory({ what: "windows", ...rest, fromUs, toUs }) });
  });
  api.get("/v1/alerts", view, async (c) => {
    const said = await asked(c.req, listAlerts);
    if ("error" in said) return unread(c, said);
    const { state, limit } = said.query;
    if (state === "all") return tell(c, { alerts: await askHistory({ what: "alerts", limit }) });
    return c.json({ alerts: [...operations.openAlerts(), ...pipeline.openAlerts()].slice(0, limit) });
  });
  api.post("/v1/alerts/:id/acknowledge", mayOnly(gate, "operate"), ownPageOnly, jsonOnly, changes(clock), async (c) => {
    const said = await asked(c.req, acknowledgeAlert);
    if ("error" in said) return unread(c, said);
    const alertId = said.params.id;
    const seen = { alertId, by: provenName(c.var.identity, said.body.by) };
    const acknowledged = await acknowledge({ operations, sequencer }, seen);
    const cannot = (why: string) => ({ error: `Cannot acknowledge alert ${alertId}: ${why}` });
    if (acknowledged === "unknown") return c.json(cannot("no such alert is open"), 404);
    if (acknowledged === "refused") return c.json(cannot("the journal cannot be written"), 503, { "retry-after": "5" });
    // Done, and forgotten if the process ends before the journal can be written again: 202.
    return c.json({ alertId, acknowledgedBy: seen.by }, acknowledged === "safe" ? 200 : 202);
  });
  api.route("/v1/settings", settingsRoutes({ pipeline, sequencer, gate, clock }));
  api.get("/v1/deliveries", view, async (c) => {
    const said = await asked(c.req, listDeliveries);
    if ("error" in said) return unread(c, said);
    const { alert: alertId, limit } = said.query;
    return tell(c, { deliveries: await askHistory({ what: "deliveries", alertId, limit }) });
  });
  api.get("/v1/audit", mayOnly(gate, "administer"), async (c) => {
    const said = await asked(c.req, listAudit);
    if ("error" in said) return unread(c, said);
    const { before: beforeId, limit } = said.query;
    return tell(c, { records: await askHistory({ what: "audit", beforeId, limit }) });
  });
  api.get("/v1/webhooks", view, async (c) => {
    const said = await asked(c.req, listWebhooks);
    if ("error" in said) return unread(c, said);
    const deadLetters = await askHistory({ what: "dead-letters", ...said.query });
    return tell(c, { webhooks: known(fleet().sinks.webhooks), deadLetters });
  });
  api.get("/v1/losses", view, async (c) => {
    const said = await asked(c.req, listLosses);
    if ("error" in said) return unread(c, said);
    const { limit } = said.query;
    const lostRecords = known(fleet().lostRecords);
    const [losses, quarantined] = await Promise.all([
      askHistory({ what: "losses", limit }),
      askHistory({ what: "quarantined", limit }),
    ]);
    return tell(c, { lostRecords, losses, quarantined });
  });
  exportRoutes(api, parts);
  api.get("/v1/events", view, async (c) => {
    const said = await asked(c.req, followEvents);
    if ("error" in said) return unread(c, said);
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
    // A HEAD comes here as well: nobody would read, nor end, what it subscribed to.
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const stream = events.subscribe(said.query.only);
    if (!stream) return c.json({ error: "Cannot send events: too many readers" }, 503, { "retry-after": "10" });
    return c.body(held(stream, (end) => gate.hold(c.var.identity, end)), 200, headers);
  });

  api.get("/metrics", view, async (c) => {
    const { text, contentType } = await parts.metrics();
    return c.body(text, 200, { "content-type": contentType });
  });
  api.get("/healthz", (c) => c.json({ status: "ok" }));
  api.get("/readyz", (c) => {
    const reason = notReady();
    return reason === null ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });

  api.route("/", documentation(new URL("openapi.json", import.meta.url)));
  api.route("/", consoleFiles());
  api.notFound((c) => c.json({ error: `Cannot find ${c.req.path}: see /v1/fleet, /v1/drones, /v1/alerts, /` }, 404));
  api.onError((error, c) => {
    const path = c.req.path.replace(/^(\/v1\/drones\/)([^/]+)/, (_, at, id) => at + pseudonym(safely(id)));
    log("warn", `Cannot answer ${path}: ${error.stack}`);
    return c.json({ error: "Cannot answer: internal error" }, 500);
  });
  return api;
}

// As the route reads it.
function safely(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
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
