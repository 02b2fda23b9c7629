// Windows of the fleet: what is asked of them, and what is told.
import { z } from "zod";
import { describing, json, operation, timeUs, wholeNumber } from "../../../platform/openapi/operation.ts";
import type { SlidingWindow, TumblingWindow } from "../../outputs.ts";

/** How many of a list are asked for. */
export function limit(fallback: number) {
  return wholeNumber("must be a whole number from 1 to 1000", { min: 1, max: 1000 }).default(fallback)
    .meta({ description: "At most so many" });
}

/** A fleet or zone; one may have an empty name. */
const name = z.string().max(64, "must be at most 64 characters");
const count = z.int().min(0);

/** Which windows: of one kind, and of one fleet or zone if that is given. */
export const WindowsOf = z.object({
  kind: z.enum(["tumbling", "sliding"], { error: "must be tumbling or sliding" }).default("tumbling")
    .meta({ description: "Of 1 s, or of 10 s once a second" }),
  fleet: name.optional().meta({ description: "Of this fleet only" }),
  zone: name.optional().meta({ description: "Of this zone only; `*`: all of a fleet" }),
});

const bounds = {
  fleet: z.string(),
  zone: z.string().meta({ description: "`*`: all of the fleet" }),
  startUs: z.int(),
  endUs: z.int(),
  revision: count,
  final: z.boolean(),
  missingEdges: z.array(z.string()),
  complete: z.boolean(),
};

const Tumbling = describing<TumblingWindow>()(
  z.object({
    ...bounds,
    dronesReporting: count,
    records: z.object({ position: count, battery: count, obstacles: count, nearDuplicate: count }),
    battery: z.object({
      averageCpct: z.number().nullable(),
      minCpct: z.number().nullable(),
      lowCount: count,
      known: count,
    }),
    density: z.array(z.object({ cell: z.string(), drones: count, dronesPerKm2: z.number() })),
  }).meta({ id: "TumblingWindow", description: "One second of a fleet or zone" }),
);

const Sliding = describing<SlidingWindow>()(
  z.object({
    ...bounds,
    speedAverageCms: z.number().nullable(),
    batteryDrainCpctPerMin: z.number().nullable(),
    drift: z.object({
      drones: count,
      maxHorizontalMm: z.number(),
      maxVerticalMm: z.number(),
      worstDroneId: z.string(),
    }).nullable(),
  }).meta({ id: "SlidingWindow", description: "Ten seconds of a fleet or zone, once a second" }),
);

/** What the history can answer, as all of its routes. */
export const LOOKED_UP = {
  503: "Too many others ask, or the database cannot be read now; see `retry-after`",
  504: "It took too long; see `retry-after`",
};

export const listWindows = operation({
  ...{ method: "get", path: "/v1/windows", id: "listWindows", tag: "Windows", action: "view" },
  summary: "The latest revision of each window, newest first",
  query: WindowsOf.extend({
    from: timeUs.optional().meta({ description: "Those that begin at this time or later, Unix µs" }),
    to: timeUs.optional().meta({ description: "Those that begin before it, Unix µs" }),
    limit: limit(60),
  }),
  answers: { 200: json("The windows", z.object({ windows: z.array(z.union([Tumbling, Sliding])) })) },
  errors: LOOKED_UP,
});
