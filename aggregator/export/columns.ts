// Windows and alerts as rows of a table, and as features.
import { cellToBoundary } from "h3-js";
import type { AlertEvent, SlidingWindow, TumblingWindow } from "../outputs.ts";
import { type Column, moment } from "./csv.ts";
import { cut, type Geometry, type Position } from "./geojson.ts";

/** Lists within a cell. */
const list = (names: readonly string[]) => names.join(" ");

const BOUNDS: Column<TumblingWindow | SlidingWindow>[] = [
  ["start", ({ startUs }) => moment(startUs)],
  ["startUs", ({ startUs }) => startUs],
  ["endUs", ({ endUs }) => endUs],
  ["fleet", ({ fleet }) => fleet],
  ["zone", ({ zone }) => zone],
  ["revision", ({ revision }) => revision],
  ["final", ({ final }) => final],
  ["complete", ({ complete }) => complete],
  ["missingEdges", ({ missingEdges }) => list(missingEdges)],
];

export const TUMBLING: Column<TumblingWindow>[] = [
  ...BOUNDS,
  ["dronesReporting", ({ dronesReporting }) => dronesReporting],
  ["positions", ({ records }) => records.position],
  ["batteries", ({ records }) => records.battery],
  ["obstacleScans", ({ records }) => records.obstacles],
  ["nearDuplicates", ({ records }) => records.nearDuplicate],
  ["batteryAverageCpct", ({ battery }) => battery.averageCpct],
  ["batteryMinCpct", ({ battery }) => battery.minCpct],
  ["batteryLowCount", ({ battery }) => battery.lowCount],
  ["batteriesKnown", ({ battery }) => battery.known],
  ["densestDronesPerKm2", ({ density }) => density[0]?.dronesPerKm2 ?? null],
];

export const SLIDING: Column<SlidingWindow>[] = [
  ...BOUNDS,
  ["speedAverageCms", ({ speedAverageCms }) => speedAverageCms],
  ["batteryDrainCpctPerMin", ({ batteryDrainCpctPerMin }) => batteryDrainCpctPerMin],
  ["driftDrones", ({ drift }) => drift?.drones ?? null],
  ["driftMaxHorizontalMm", ({ drift }) => drift?.maxHorizontalMm ?? null],
  ["driftMaxVerticalMm", ({ drift }) => drift?.maxVerticalMm ?? null],
  ["driftWorstDroneId", ({ drift }) => drift?.worstDroneId ?? null],
];

export const ALERTS: Column<AlertEvent>[] = [
  ["changed", ({ changedTimeUs }) => moment(changedTimeUs)],
  ["changedTimeUs", ({ changedTimeUs }) => changedTimeUs],
  ["raisedTimeUs", ({ raisedTimeUs }) => raisedTimeUs],
  ["alertId", ({ alertId }) => alertId],
  ["kind", ({ kind }) => kind],
  ["severity", ({ severity }) => severity],
  ["transition", ({ transition }) => transition],
  ["droneIds", ({ droneIds }) => list(droneIds)],
  ["detail", ({ detail }) => detail],
  ["revision", ({ revision }) => revision],
  ["acknowledgedBy", ({ acknowledgedBy }) => acknowledgedBy],
  ["message", ({ message }) => message],
];

/** The cells whose density a window has, in its order but for those that the antimeridian cuts in two. */
export function placeOfWindow(window: Partial<TumblingWindow>): Geometry | null {
  const { density = [] } = window;
  if (density.length === 0) return null;
  const rings = density.flatMap(({ cell }) =>
    cut(cellToBoundary(cell, true).map(([lon, lat]): Position => [lon!, lat!]))
  );
  return { type: "MultiPolygon", coordinates: rings.map((ring) => [ring]) };
}

/** The middle of a crowd; of other alerts nothing but the drones is known. */
export function placeOfAlert({ crowd }: AlertEvent): Geometry | null {
  return crowd && { type: "Point", coordinates: [crowd.lonE7 / 1e7, crowd.latE7 / 1e7] };
}
