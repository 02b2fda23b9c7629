// The edge's HTTP surface: the drones' WebSocket and three answers about the edge itself.
import { Hono } from "hono";
import { z } from "zod";
import { Connection } from "./connection.ts";
import { encodeHello, type Greeting } from "./downlink.ts";

export const TELEMETRY_SUBPROTOCOL = "slipstream.v1";

const timeUs = z.number().int().min(0);
const ReplayBody = z.object({ fromUs: timeUs, toUs: timeUs })
  .refine(({ fromUs, toUs }) => fromUs < toUs, "fromUs must be before toUs");

export interface AppParts {
  hello: () => Greeting;
  /** Monotonic ms. */
  clock: () => number;
  receive: (connection: Connection, data: unknown) => void;
  onOpen: (connection: Connection) => void;
  onClose: (connection: Connection) => void;
  /** Why the edge takes no drones now; null when it does. */
  notReady: () => string | null;
  /** Why the edge takes no new connections now; null when it does. */
  refusesConnections: () => string | null;
  /** Sends what was sealed in [fromUs, toUs) again, Unix µs; says how much that is. */
  replay: (range: { fromUs: number; toUs: number }) => { batches: number; records: number; bytes: number };
  status: () => Record<string, unknown>;
}

export function createApp(parts: AppParts): Hono {
  const app = new Hono();
  app.get("/v1/telemetry", (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      return c.json({ error: "Cannot take telemetry over plain HTTP: connect with a WebSocket" }, 426);
    }
    const refusal = parts.refusesConnections();
    if (refusal !== null) return c.json({ error: `Cannot connect: ${refusal}` }, 503, { "retry-after": "1" });
    const offered = (c.req.header("sec-websocket-protocol") ?? "").split(",").map((p) => p.trim()).filter(Boolean);
    if (offered.length > 0 && !offered.includes(TELEMETRY_SUBPROTOCOL)) {
      return c.json({ error: `Cannot speak ${offered.join(", ")}: offer ${TELEMETRY_SUBPROTOCOL}` }, 400);
    }
    const protocol = offered.length > 0 ? TELEMETRY_SUBPROTOCOL : undefined;
    const { socket, response } = Deno.upgradeWebSocket(c.req.raw, protocol ? { protocol } : {});
    accept(socket, parts);
    return response;
  });
  app.post("/v1/replay", async (c) => {
    // A page of somebody else can send a form, not this content type.
    if (!c.req.header("content-type")?.toLowerCase().startsWith("application/json")) {
      return c.json({ error: "Cannot read the request: send application/json" }, 415);
    }
    const { success, data, error } = ReplayBody.safeParse(await c.req.json().catch(() => undefined));
    if (success) return c.json(parts.replay(data));
    const problems = error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
    return c.json({ error: `Cannot replay: ${problems.join("; ")}` }, 400);
  });
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => {
    const reason = parts.notReady();
    return reason === null ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });
  app.get("/v1/status", (c) => c.json(parts.status()));
  app.notFound((c) => c.json({ error: `Cannot find ${c.req.path}: see /v1/telemetry, /v1/status, /healthz` }, 404));
  return app;
}

/** Takes over a drone's socket that is opening. */
export function accept(
  socket: WebSocket,
  parts: Pick<AppParts, "hello" | "clock" | "receive" | "onOpen" | "onClose">,
): void {
  socket.binaryType = "arraybuffer";
  const connection = new Connection(socket, parts.clock);
  let closed = false;
  socket.onopen = () => {
    parts.onOpen(connection);
    connection.send(encodeHello(parts.hello()));
  };
  socket.onmessage = ({ data }) => parts.receive(connection, data);
  // Close can fire twice; an error is followed by it.
  socket.onclose = () => {
    if (closed) return;
    closed = true;
    parts.onClose(connection);
  };
}
