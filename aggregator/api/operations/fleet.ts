// The fleet and its drones: what is asked of them, and what is told.
import { z } from "zod";
import { describing, json, operation } from "../../../platform/openapi/operation.ts";
import type { BatteryView, DroneView, PositionView } from "../../views.ts";
import { Scale } from "../../../platform/openapi/scale.ts";
import { by } from "./alerts.ts";
import { LOOKED_UP } from "./windows.ts";

const count = z.int().min(0);
const known = z.number().nullable();

export const readFleet = operation({
  ...{ method: "get", path: "/v1/fleet", id: "readFleet", tag: "Fleet", action: "view" },
  summary: "The fleet now",
  answers: {
    200: json(
      "Drones, records and batches by fate, edges and what they said last, airspace, journal, warnings, sinks",
      z.looseObject({
        version: z.string(),
        region: z.string().nullable().meta({ description: "Where the aggregator runs" }),
        timeUs: z.int(),
        watermarkUs: known,
        watermarkLagMs: known,
        drones: count,
        dronesAirborne: count,
        dronesLinkLost: count,
        openAlerts: count,
        tooSlow: z.object({ what: z.string(), lagMs: z.number() }).nullable()
          .meta({ description: "What does not keep up, and how late it comes" }),
        records: z.record(z.string(), count).meta({ description: "By fate: received = accepted + duplicate" }),
        batches: z.record(z.string(), count),
        edges: z.array(z.looseObject({ edgeId: z.string(), region: z.string(), connections: count })),
        lostRecords: count,
        refusedRecords: count,
      }).meta({ id: "Fleet" }),
    ),
  },
});

const Need = z.object({ edges: Scale.nullable(), aggregator: Scale.nullable() });

export const readScale = operation({
  ...{ method: "get", path: "/v1/scale", id: "readScale", tag: "Fleet", action: "view" },
  summary: "How many edges are wanted, and whether one aggregator is enough",
  answers: { 200: json("The need; null in the first half minute, when edges may still come", Need) },
});

export const listDrones = operation({
  ...{ method: "get", path: "/v1/drones", id: "listDrones", tag: "Fleet", action: "view" },
  summary: "All drones that are known now, in few words",
  answers: {
    200: json(
      "The drones; null where something is not known",
      z.object({
        drones: z.array(z.object({
          droneId: z.string(),
          latDeg: known,
          lonDeg: known,
          altHomeM: known,
          altMslM: known,
          headingDeg: known,
          flags: count,
          linkLost: z.boolean(),
          remainingCpct: known,
        })),
      }),
    ),
  },
});

const Position = describing<PositionView>()(z.object({
  eventTimeUs: z.number(),
  latDeg: z.number(),
  lonDeg: z.number(),
  altMslM: known,
  altHomeM: known,
  vnMps: z.number(),
  veMps: z.number(),
  vdMps: z.number(),
  headingDeg: known,
  fixType: count,
}));

const Battery = describing<BatteryView>()(z.object({
  id: count,
  eventTimeUs: z.number(),
  voltageMv: known,
  currentCa: known,
  remainingCpct: known,
  chargeState: count,
}));

const Drone = describing<DroneView>()(
  z.object({
    droneId: z.string(),
    fleet: z.string(),
    zone: z.string(),
    edgeId: z.string(),
    bootId: count,
    lastEventTimeUs: z.number(),
    lastIngestionTimeUs: z.number(),
    flags: count,
    linkLost: z.boolean(),
    clockOffsetUs: z.number(),
    records: count,
    position: Position.nullable(),
    batteries: z.array(Battery),
  }).meta({ id: "Drone" }),
);

const droneId = z.string().min(1).max(64, "must be at most 64 characters").meta({ description: "The drone's id" });

export const readDrone = operation({
  ...{ method: "get", path: "/v1/drones/:id", id: "readDrone", tag: "Fleet", action: "view" },
  summary: "All that is known of one, also when it is gone",
  params: z.object({ id: z.string().meta({ description: "The drone's id" }) }),
  answers: { 200: json("The drone", Drone) },
  errors: { 404: "It was never seen", ...LOOKED_UP },
});

const Erased = z.object({ name: z.string().meta({ description: "What is left of it, in logs" }), by: z.string() });

export const eraseDrone = operation({
  ...{ method: "post", path: "/v1/drones/:id/erase", id: "eraseDrone", tag: "Fleet" },
  ...{ action: "administer", ownPageOnly: true },
  summary: "Have everybody forget a drone, on disk as well",
  about: "Takes seconds, and the whole journal up to there, of all drones.",
  params: z.object({ id: droneId }),
  body: z.object({ by: by("must be who wants it") }),
  answers: {
    200: json("Nothing is left of it but a name", Erased),
    202: json("The rest goes on by itself", Erased),
  },
  errors: { 503: "The journal cannot be written; see `retry-after`" },
});
