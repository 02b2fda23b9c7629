// A conflict of two drones, as an alert.
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { alert } from "../aggregator/fake_pipeline.ts";

export const T0 = 1_790_000_000_000_000;
const CONFLICT: AlertEvent["conflict"] = {
  timeToClosestMs: 14_000,
  closestHorizontalCm: 800,
  closestVerticalCm: null,
  horizontalCm: 21_000,
  verticalCm: null,
  timeToEntryMs: 9000,
  assumed: ["heights cannot be compared: same height"],
  partners: ["a", "b"].map((id, i) => ({
    ...{ id, crewed: false, latE7: 470_000_000 + i, lonE7: 85_000_000, altMslMm: null, ageMs: 40 },
    ...{ trackCdeg: 27_000, speedCms: 1500, climbCms: 0 },
  })),
};
export const PATH = {
  droneId: "a",
  eventTimeUs: T0 - 3000,
  edgeInUs: T0 - 2000,
  edgeOutUs: T0 - 1000,
  aggregatorInUs: T0 - 200,
};

export function conflict(alertId: number, over: Partial<AlertEvent> = {}): AlertEvent {
  return alert(alertId, {
    kind: "conflict",
    droneIds: ["a", "b"],
    detail: "",
    conflict: CONFLICT,
    path: PATH,
    ...over,
  });
}
