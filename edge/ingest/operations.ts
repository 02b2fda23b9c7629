// All that an edge can be asked over HTTP. Loaded with the first request that is read by it: an edge starts without.
import { z } from "zod";
import { readDocs, readDocument, readHealth, readMetrics, readReadiness } from "../../platform/openapi/health.ts";
import { json, operation, type Surface } from "../../platform/openapi/operation.ts";
import { Scale } from "../../platform/openapi/scale.ts";

const WEB_SOCKET = {
  403: "It may not, or a page of an origin that is not in `SLIPSTREAM_ORIGINS` asks",
  405: "Not by GET",
  426: "No WebSocket",
  501: "This server has none",
  503: "It takes no connections now; see `retry-after`",
};

const openTelemetry = operation({
  ...{ method: "get", path: "/v1/telemetry", id: "openTelemetry", tag: "Drones", action: "publish" },
  summary: "A WebSocket for drones, subprotocol `slipstream.v1`, or `slipstream.json.v1` as text",
  answers: { 101: { about: "It is one now" } },
  errors: WEB_SOCKET,
});

const openMqtt = operation({
  ...{ method: "get", path: "/mqtt", id: "openMqtt", tag: "Drones" },
  summary: "A WebSocket for MQTT, subprotocol `mqtt`",
  about: "Who it is, a client says in its CONNECT.",
  answers: { 101: { about: "It is one now" } },
  errors: WEB_SOCKET,
});

const openMavlink = operation({
  ...{ method: "get", path: "/v1/mavlink", id: "openMavlink", tag: "Drones", action: "publish" },
  summary: "A WebSocket for MAVLink, subprotocol `mavlink` or none",
  query: z.object({
    drone: z.string().optional().meta({ description: "For whom it speaks, where its proof is of several" }),
    token: z.string().optional().meta({
      description: "For a ground station's bridge, which has no other place for it",
    }),
  }),
  answers: { 101: { about: "It is one now" } },
  errors: WEB_SOCKET,
});

const counts = z.record(z.string(), z.number());

const Status = z.looseObject({
  version: z.string(),
  edgeId: z.string(),
  region: z.string(),
  uplink: z.string().meta({ description: "`connected`, or why it is not" }),
  breaker: z.string(),
  level: z.int().meta({ description: "What is given up: 0 nothing" }),
  records: counts.meta({ description: "By fate: what was received is their sum" }),
  frames: counts,
  batches: z.looseObject({ inFlight: z.number(), unacknowledged: z.number() }),
}).meta({ id: "Status", description: "Since the edge was started" });

const readStatus = operation({
  ...{ method: "get", path: "/v1/status", id: "readStatus", tag: "Edge", action: "view" },
  summary: "Records by fate, batches, backlog, uplink; of several edges their sum, each of them in `edges`",
  answers: { 200: json("The status", Status) },
});

const readScale = operation({
  ...{ method: "get", path: "/v1/scale", id: "readScale", tag: "Edge", action: "view" },
  summary: "How many are wanted in the place of this edge, or of this node",
  answers: { 200: json("The need", Scale) },
});

const must = "must be whole Unix microseconds";
const timeUs = z.number(must).int(must).min(0, must);

/** [fromUs, toUs), Unix µs. */
const Range = z.object({ fromUs: timeUs, toUs: timeUs })
  .refine(({ fromUs, toUs }) => fromUs < toUs, "fromUs must be before toUs");
export type ReplayRange = z.output<typeof Range>;

export const replay = operation({
  ...{ method: "post", path: "/v1/replay", id: "replay", tag: "Edge", action: "operate", ownPageOnly: true },
  summary: "Sends what was sealed then and is still in the buffer again",
  body: Range,
  answers: { 200: json("How much that is", z.looseObject({ batches: z.int(), records: z.int(), bytes: z.int() })) },
});

export const EDGE: Surface = {
  title: "Slipstream edge",
  about: "Where drones connect, and what the edge tells of itself. Times that end in `Us` are Unix µs.",
  operations: [
    ...[openTelemetry, openMqtt, openMavlink, readStatus, readScale, replay],
    ...[readHealth, readReadiness, readMetrics, readDocument, readDocs],
  ],
};
