// Who is within the warning volume of whom while all keep their places: each such pair is warned of once, at the start.
import { horizontalM, minus, type Point } from "../geo.ts";
import type { PlanContext } from "../plan.ts";
import { type ExpectedAlert, subjectOf } from "../truth.ts";

/** As the aggregator has it by default. Nobody is placed near to this boundary. */
const RADIUS_M = 50;
/** Many warnings at once take their time. */
const SLACK_US = 10e6;

/** The conflicts of a drone with those behind it in the fleet; `spotOf`: where a drone is, at one altitude. */
export function conflictsBeside(
  { index, drones, startUs, idOf }: PlanContext,
  { spotOf, count = drones }: { spotOf: (index: number) => Point; count?: number },
): ExpectedAlert[] {
  const own = spotOf(index);
  const found: ExpectedAlert[] = [];
  for (let other = index + 1; other < Math.min(drones, count); other++) {
    if (horizontalM(minus(spotOf(other), own)) >= RADIUS_M) continue;
    const droneId = subjectOf([idOf(index), idOf(other)]);
    found.push({ kind: "conflict", droneId, notBeforeUs: startUs, byUs: startUs + SLACK_US });
  }
  return found;
}
