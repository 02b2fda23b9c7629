// What stays open: events for readers, and the uplink for edges.
import { z } from "zod";
import { operation } from "../../../platform/openapi/operation.ts";
import { EVENT_NAMES } from "../../sinks/events.ts";

export const followEvents = operation({
  ...{ method: "get", path: "/v1/events", id: "followEvents", tag: "Fleet", action: "view" },
  summary: "What happens, as it happens: server-sent events, each at most once",
  query: z.object({
    only: z.string().transform((names) => names.split(",")).pipe(
      z.array(z.enum(EVENT_NAMES, { error: `must be some of ${EVENT_NAMES.join(",")}` })),
    ).optional().meta({ description: `Some of ${EVENT_NAMES.join(", ")}, with commas`, example: "alert,fleet" }),
  }),
  answers: { 200: { about: "A stream that has no end", content: { "text/event-stream": z.string() } } },
  errors: { 503: "Too many readers; see `retry-after`" },
});

export const openUplink = operation({
  ...{ method: "get", path: "/v1/uplink", id: "openUplink", tag: "Edges", action: "uplink" },
  summary: "A WebSocket for edges, subprotocol `slipstream.uplink.v1`",
  answers: { 101: { about: "It is one now" } },
  errors: {
    405: "Not by GET",
    426: "No WebSocket",
    501: "This server has none",
    503: "It takes no edges now; see `retry-after`",
  },
});
