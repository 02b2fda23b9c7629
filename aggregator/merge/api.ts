// What can be asked of windows of all regions.
import { Hono } from "hono";
import type { Gate } from "../../identity/gate.ts";
import { mayOnly, type Proven } from "../../identity/hono.ts";
import { surface } from "../../identity/surface.ts";
import type { Log } from "../../platform/log.ts";
import type { Exposition } from "../../platform/metrics.ts";
import { asked } from "../../platform/openapi/asked.ts";
import { tell, unread } from "../api/answers.ts";
import { listWindows } from "../api/operations/windows.ts";
import type { Ask } from "../sinks/history.ts";
import type { MergeReport } from "./report.ts";

export interface MergeApiParts {
  askHistory: Ask;
  report: () => MergeReport;
  metrics: () => Promise<Exposition>;
  /** Why what it says is not what is known; null: it is. */
  notReady: () => string | null;
  /** Names besides those of loopback that it answers to; null: any. */
  hosts: ReadonlySet<string> | null;
  gate: Pick<Gate, "admit">;
  log: Log;
}

/** Every error is `{error: "..."}` with the status that fits. */
export function createMergeApi(
  { askHistory, report, metrics, notReady, hosts, gate, log }: MergeApiParts,
): Hono<Proven> {
  const view = mayOnly(gate, "view");
  const api = new Hono<Proven>();
  api.use(surface(hosts));
  api.get("/v1/windows", view, async (c) => {
    const said = await asked(c.req, listWindows);
    if ("error" in said) return unread(c, said);
    const { from: fromUs, to: toUs, ...rest } = said.query;
    return tell(c, { windows: await askHistory({ what: "windows", ...rest, fromUs, toUs }) });
  });
  api.get("/v1/regions", view, (c) => c.json(report()));
  api.get("/metrics", view, async (c) => {
    const { text, contentType } = await metrics();
    return c.body(text, 200, { "content-type": contentType });
  });
  api.get("/healthz", (c) => c.json({ status: "ok" }));
  api.get("/readyz", (c) => {
    const reason = notReady();
    return reason === null ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });
  api.notFound((c) => c.json({ error: `Cannot find ${c.req.path}: see /v1/windows, /v1/regions` }, 404));
  api.onError((error, c) => {
    log("warn", `Cannot answer ${c.req.path}: ${error.stack}`);
    return c.json({ error: "Cannot answer: internal error" }, 500);
  });
  return api;
}
