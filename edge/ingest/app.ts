// The edge's HTTP surface: the drones' WebSocket and answers about the edge itself.
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Gate } from "../../identity/gate.ts";
import { admitted, askingOf, changes, jsonOnly, mayOnly, ownPageOnly, type Proven } from "../../identity/hono.ts";
import { surface } from "../../identity/surface.ts";
import type { Exposition } from "../../platform/metrics.ts";
import type { Upgrade } from "../../platform/server/server.ts";
import { JSON_SUBPROTOCOL, MAVLINK_SUBPROTOCOL, MQTT_SUBPROTOCOL, TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { JSON_FRAMES } from "./json/messages.ts";
import type { MavlinkDoor } from "./mavlink_door.ts";
import type { MqttDoor } from "./mqtt_door.ts";
import { chosenProtocol, headersOf, refusalOf, speakerOf, type UpgradeParts } from "./upgrades.ts";
import type { View } from "../member/messages.ts";
import type { ReplayRange } from "./replay_range.ts";
import { accept, type SocketParts } from "./websocket.ts";

const REPLAY_BYTES_MAX = 4096;

const noWebSockets: Upgrade = () =>
  Response.json({ error: "Cannot upgrade: this server has no WebSockets" }, { status: 501 });

/** At /v1/telemetry. */
const SPOKEN = [TELEMETRY_SUBPROTOCOL, JSON_SUBPROTOCOL] as const;

export type EdgeApp = Hono<Proven>;

export interface AppParts extends SocketParts, UpgradeParts {
  gate: Pick<Gate, "admit" | "note">;
  /** Monotonic ms. */
  clock: () => number;
  /** Why the edge, or another of its node, takes no drones now; null when it does. */
  notReady: () => Promise<string | null>;
  /** Names besides those of loopback that the edge answers to; null: any. */
  hosts: ReadonlySet<string> | null;
  mqtt: Pick<MqttDoor, "open">;
  mavlink: Pick<MavlinkDoor, "open">;
  /** Sends what was sealed in the range again; says how much that is. Of the whole node, as the status is. */
  replay: (range: ReplayRange) => Promise<View>;
  status: () => Promise<View>;
  /** What Prometheus is told, of the whole node. */
  metrics: () => Promise<Exposition>;
  log: (level: "info" | "warn", message: string) => void;
}

export function createApp(parts: AppParts): EdgeApp {
  const { gate } = parts;
  const app: EdgeApp = new Hono();
  app.use(surface(parts.hosts));
  app.get("/v1/telemetry", async (c) => {
    const refusal = refusalOf(c, SPOKEN, parts);
    if (refusal) return c.json({ error: refusal.error }, refusal.status, refusal.headers);
    const identity = await admitted(c, { gate, action: "publish" });
    if ("error" in identity) return c.json({ error: identity.error }, identity.status, identity.headers);
    const upgrade = c.env?.upgrade ?? noWebSockets;
    const protocol = chosenProtocol(c, SPOKEN);
    const language = protocol === JSON_SUBPROTOCOL ? { language: JSON_FRAMES } : {};
    return upgrade({ protocol, accept: (socket) => accept(socket, { ...parts, identity, ...language }) });
  });
  // Who it is, a client says in its CONNECT; what the request itself has shown counts as well.
  app.get("/mqtt", async (c) => {
    const refusal = refusalOf(c, [MQTT_SUBPROTOCOL], parts);
    if (refusal) return c.json({ error: refusal.error }, refusal.status, refusal.headers);
    const protocol = chosenProtocol(c, [MQTT_SUBPROTOCOL]);
    if (protocol === undefined) return c.json({ error: `Cannot speak MQTT: offer ${MQTT_SUBPROTOCOL}` }, 400);
    const upgrade = c.env?.upgrade ?? noWebSockets;
    const mqtt = await parts.mqtt.open();
    const asking = askingOf(c);
    return upgrade({ protocol, accept: (socket) => mqtt.accept(socket, asking) });
  });
  // A ground station's bridge offers no subprotocol, and can bring a token in the address only.
  app.get("/v1/mavlink", async (c) => {
    const refusal = refusalOf(c, [MAVLINK_SUBPROTOCOL], parts);
    if (refusal) return c.json({ error: refusal.error }, refusal.status, refusal.headers);
    const identity = await admitted(c, { gate, action: "publish", headers: headersOf(c) });
    if ("error" in identity) return c.json({ error: identity.error }, identity.status, identity.headers);
    const upgrade = c.env?.upgrade ?? noWebSockets;
    const speaker = speakerOf(c, identity);
    if (speaker === null) {
      gate.note("foreign-drone", identity.uri);
      return c.json({ error: "Cannot speak for that drone: the proof is of another one, or it is none" }, 403);
    }
    const mavlink = await parts.mavlink.open();
    const protocol = chosenProtocol(c, [MAVLINK_SUBPROTOCOL]);
    return upgrade({ protocol, accept: (socket) => mavlink.accept(socket, speaker) });
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
      const { readReplayRange } = await import("./replay_range.ts");
      const range = readReplayRange(await c.req.json().catch(() => undefined));
      return "problems" in range
        ? c.json({ error: `Cannot replay: ${range.problems}` }, 400)
        : c.json(await parts.replay(range));
    },
  );
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const reason = await parts.notReady();
    return reason === null ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });
  app.get("/v1/status", mayOnly(gate, "view"), async (c) => c.json(await parts.status()));
  app.get("/metrics", mayOnly(gate, "view"), async (c) => {
    const { text, contentType } = await parts.metrics();
    return c.body(text, 200, { "content-type": contentType });
  });
  app.notFound((c) =>
    c.json({ error: `Cannot find ${c.req.path}: see /v1/telemetry, /mqtt, /v1/mavlink, /v1/status, /healthz` }, 404)
  );
  app.onError((error, c) => {
    parts.log("warn", `Cannot answer ${c.req.path}: ${error.stack}`);
    return c.json({ error: "Cannot answer: internal error" }, 500);
  });
  return app;
}
