// What is handed out as a file, of a range of time.
import { z } from "zod";
import { operation, timeUs } from "../../../platform/openapi/operation.ts";
import { LOOKED_UP, WindowsOf } from "./windows.ts";

const format = z.enum(["csv", "geojson"], { error: "must be csv or geojson" }).optional()
  .meta({ description: "Without it as `Accept` says, and CSV if that says neither" });
const from = timeUs.meta({ description: "From this time on, Unix µs" });
const to = timeUs.meta({ description: "Before this one, Unix µs" });

const isRange = ({ from, to }: { from: number; to: number }) => from < to;
const NO_RANGE = { error: "from must be before to" };

const FILE = {
  200: {
    about:
      "The file: CSV as RFC 4180 has it, in which no cell becomes a formula, or GeoJSON as RFC 7946 has it. It is broken off, " +
      "without its end, where it cannot go on",
    content: {
      "text/csv": z.string(),
      "application/geo+json": z.looseObject({ type: z.literal("FeatureCollection") }),
    },
  },
};

const PAGED = {
  ...LOOKED_UP,
  503: "Too many others ask, the database cannot be read now, or a drone is being erased from it; see `retry-after`",
};

export const exportWindows = operation({
  ...{ method: "get", path: "/v1/export/windows", id: "exportWindows", tag: "Files", action: "view" },
  summary: "Windows that begin in a range of time, oldest first",
  about: "As GeoJSON with the outlines of the cells of their density.",
  query: WindowsOf.extend({ from, to, format }).refine(isRange, NO_RANGE),
  answers: FILE,
  errors: PAGED,
});

export const exportAlerts = operation({
  ...{ method: "get", path: "/v1/export/alerts", id: "exportAlerts", tag: "Files", action: "view" },
  summary: "The latest state of alerts that changed last in a range of time, oldest first",
  about: "As GeoJSON with the middle of a crowd; of other alerts no place is known.",
  query: z.object({ from, to, format }).refine(isRange, NO_RANGE),
  answers: FILE,
  errors: PAGED,
});

export const exportTracks = operation({
  ...{ method: "get", path: "/v1/export/tracks", id: "exportTracks", tag: "Files", action: "view" },
  summary: "Positions that were measured in a range of time, as the journal has them, each once",
  about:
    "In the order of their arrival; as GeoJSON lines of at most 1,000 positions each. A position that came more than 15 min after " +
    "it was measured, or 2 s before, has the time of its arrival, and `retimed` says so.",
  query: z.object({
    drone: z.string().min(1, "must be a drone's id").max(64, "must be at most 64 characters").optional()
      .meta({ description: "Of this drone only" }),
    ...{ from, to, format },
  }).refine(isRange, NO_RANGE),
  answers: FILE,
  errors: {
    404: "There is no journal on a disk here",
    503: "Another one is under way; see `retry-after`",
  },
});
