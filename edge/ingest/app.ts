// The edge's HTTP surface: the drones' WebSocket and answers about the edge itself.
import { Hono } from "hono";
import type { Gate } from "../../identity/gate.ts";
import { admitted, askingOf, changes, jsonOnly, mayOnly, ownPageOnly, type Proven } from "../../identity/hono.ts";
import { surface } from "../../identity/surface.ts";
import type { Exposition } from "../../platform/metrics.ts";
import { asked } from "../../platform/openapi/asked.ts";
import { documentation } from "../../platform/openapi/documentation.ts";
import type { Upgrade } from "../../platform/server/server.ts";
import { JSON_SUBPROTOCOL, MAVLINK_SUBPROTOCOL, MQTT_SUBPROTOCOL, TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { JSON_FRAMES } from "./json/messages.ts";
import type { MavlinkDoor } from "./mavlink_door.ts";
import type { MqttDoor } from "./mqtt_door.ts";
import { chosenProtocol, headersOf, refusalOf, speakerOf, type UpgradeParts } from "./upgrades.ts";
import type { View } from "../member/messages.ts";
import type { ReplayRange } from "./operations.ts";
import { accept, type SocketParts } from "./websocket.ts";

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
  /** How many edges are wanted in place of this one, or of this node. */
  scale: () => Promise<View>;
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
  app.post("/v1/replay", mayOnly(gate, "operate"), ownPageOnly, jsonOnly, changes(parts.clock), async (c) => {
    // No first frame waits for what reads requests: it is larger than all that a frame needs.
    const { replay } = await import("./operations.ts");
    const said = await asked(c.req, replay);
    return "error" in said ? c.json({ error: said.error }, said.status) : c.json(await parts.replay(said.body));
  });
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const reason = await parts.notReady();
    return reason === null ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });
  app.get("/v1/status", mayOnly(gate, "view"), async (c) => c.json(await parts.status()));
  app.get("/v1/scale", mayOnly(gate, "view"), async (c) => c.json(await parts.scale()));
  app.get("/metrics", mayOnly(gate, "view"), async (c) => {
    const { text, contentType } = await parts.metrics();
    return c.body(text, 200, { "content-type": contentType });
  });
  app.route("/", documentation(new URL("openapi.json", import.meta.url)));
  app.notFound((c) =>
    c.json({ error: `Cannot find ${c.req.path}: see /v1/telemetry, /mqtt, /v1/mavlink, /v1/status, /healthz` }, 404)
  );
  app.onError((error, c) => {
    parts.log("warn", `Cannot answer ${c.req.path}: ${error.stack}`);
    return c.json({ error: "Cannot answer: internal error" }, 500);
  });
  return app;
}
