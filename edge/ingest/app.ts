// The edge's HTTP surface: the drones' WebSocket and three answers about the edge itself.
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { Gate } from "../../identity/gate.ts";
import { admitted, changes, jsonOnly, mayOnly, ownPageOnly, type Proven } from "../../identity/hono.ts";
import { surface } from "../../identity/surface.ts";
import { isHandshake } from "../../platform/server/server.ts";
import { TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { accept, type SocketParts } from "./websocket.ts";

const timeUs = z.number().int().min(0);
const ReplayBody = z.object({ fromUs: timeUs, toUs: timeUs })
  .refine(({ fromUs, toUs }) => fromUs < toUs, "fromUs must be before toUs");

const REPLAY_BYTES_MAX = 4096;

export type EdgeApp = Hono<Proven>;

export interface AppParts extends SocketParts {
  gate: Pick<Gate, "admit">;
  /** Monotonic ms. */
  clock: () => number;
  /** Why the edge takes no drones now; null when it does. */
  notReady: () => string | null;
  /** Web pages that may send telemetry. */
  origins: ReadonlySet<string>;
  /** Names besides those of loopback that the edge answers to; null: any. */
  hosts: ReadonlySet<string> | null;
  /** Why the edge takes no new connections now; null when it does. */
  refusesConnections: () => string | null;
  /** Sends what was sealed in [fromUs, toUs) again, Unix µs; says how much that is. */
  replay: (range: { fromUs: number; toUs: number }) => { batches: number; records: number; bytes: number };
  status: () => Record<string, unknown>;
  log: (level: "info" | "warn", message: string) => void;
}

export function createApp(parts: AppParts): EdgeApp {
  const { gate } = parts;
  const app: EdgeApp = new Hono();
  app.use(surface(parts.hosts));
  app.get("/v1/telemetry", async (c) => {
    const refusal = refusalOf(c, parts);
    if (refusal) return c.json({ error: refusal.error }, refusal.status, refusal.headers);
    const identity = await admitted(c, { gate, action: "publish" });
    if ("error" in identity) return c.json({ error: identity.error }, identity.status, identity.headers);
    const upgrade = c.env?.upgrade;
    if (!upgrade) return c.json({ error: "Cannot upgrade: this server has no WebSockets" }, 501);
    const protocol = offeredProtocols(c).length > 0 ? TELEMETRY_SUBPROTOCOL : undefined;
    return upgrade({ protocol, accept: (socket) => accept(socket, { ...parts, identity }) });
  });
  const onError = (c: Context) =>
    c.json({ error: `Cannot read the request: it has more than ${REPLAY_BYTES_MAX} bytes` }, 413);
  app.post(
    "/v1/replay",
    mayOnly(gate, "operate"),
    ownPageOnly,
    jsonOnly,
    changes(parts.clock),
    bodyLimit({ maxSize: REPLAY_BYTES_MAX, onError }),
    async (c) => {
      const { success, data, error } = ReplayBody.safeParse(await c.req.json().catch(() => undefined));
      if (success) return c.json(parts.replay(data));
      const problems = error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
      return c.json({ error: `Cannot replay: ${problems.join("; ")}` }, 400);
    },
  );
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => {
    const reason = parts.notReady();
    return reason === null ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });
  app.get("/v1/status", mayOnly(gate, "view"), (c) => c.json(parts.status()));
  app.notFound((c) => c.json({ error: `Cannot find ${c.req.path}: see /v1/telemetry, /v1/status, /healthz` }, 404));
  app.onError((error, c) => {
    parts.log("warn", `Cannot answer ${c.req.path}: ${error.stack}`);
    return c.json({ error: "Cannot answer: internal error" }, 500);
  });
  return app;
}

interface Refusal {
  status: 400 | 403 | 405 | 426 | 503;
  error: string;
  headers?: Record<string, string>;
}

// Null: it can become a WebSocket.
function refusalOf(c: Context, { refusesConnections, origins }: AppParts): Refusal | null {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    return { status: 426, error: "Cannot take telemetry over plain HTTP: connect with a WebSocket" };
  }
  // A HEAD comes here as well.
  if (c.req.method !== "GET") return { status: 405, error: "Cannot upgrade: ask with GET", headers: { allow: "GET" } };
  const reason = refusesConnections();
  if (reason !== null) return { status: 503, error: `Cannot connect: ${reason}`, headers: { "retry-after": "1" } };
  const offered = offeredProtocols(c);
  if (offered.length > 0 && !offered.includes(TELEMETRY_SUBPROTOCOL)) {
    return { status: 400, error: `Cannot speak ${offered.join(", ")}: offer ${TELEMETRY_SUBPROTOCOL}` };
  }
  // Drones send no Origin, browsers always do: without identities a page of somebody else must not feed the fleet.
  const origin = c.req.header("origin");
  if (origin !== undefined && !origins.has(origin)) {
    return { status: 403, error: `Cannot take telemetry from a page of ${origin}: see SLIPSTREAM_ORIGINS` };
  }
  if (!isHandshake(c.req.raw.headers)) {
    return { status: 400, error: "Cannot upgrade: this is no handshake of WebSocket version 13" };
  }
  return null;
}

function offeredProtocols(c: Context): string[] {
  return (c.req.header("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim()).filter(Boolean);
}
