// Aircraft that are nobody's here: what is told of them.
import { z } from "zod";
import { describing, json, operation } from "../../../platform/openapi/operation.ts";
import type { TrafficView } from "../../views.ts";

const known = z.number().nullable();

const Aircraft = describing<TrafficView>()(
  z.object({
    id: z.string(),
    name: z.string(),
    crewed: z.boolean(),
    airborne: z.boolean(),
    edgeId: z.string(),
    lastHeardUs: z.number(),
    latDeg: z.number(),
    lonDeg: z.number(),
    altM: known,
    altDatum: z.enum(["sea", "ellipsoid", "pressure"]).nullable(),
    trackDeg: known,
    speedMps: known,
    climbMps: known,
  }).meta({ id: "Aircraft", description: "An aircraft that is nobody's here, as it was heard last" }),
);

export const listTraffic = operation({
  ...{ method: "get", path: "/v1/traffic", id: "listTraffic", tag: "Fleet", action: "view" },
  summary: "Aircraft that receivers hear, and that are nobody's here",
  answers: { 200: json("The aircraft; null where something is not known", z.object({ traffic: z.array(Aircraft) })) },
});
