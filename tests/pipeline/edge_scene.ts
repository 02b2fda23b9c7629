// What scenes about edges have in common: a fleet behind one, and what is told of it.
import type { AlertEvent } from "../../aggregator/outputs.ts";
import type { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { type DroneInit, type Scene, straight } from "./scene.ts";

/** Drones far from each other, heard through one edge while `isHeard` says so. */
export function fleet(
  count: number,
  isHeard: (i: number, s: number) => boolean,
  more: Partial<DroneInit> = {},
): DroneInit[] {
  return Array.from({ length: count }, (_, i) => {
    const at = straight({ eastM: i * 3000, vnMps: 5 });
    return { droneId: `d${i}`, slot: i + 1, at: (s) => isHeard(i, s) ? at(s) : null, ...more };
  });
}

/** What became of alerts of a kind, in order. */
export function told(scene: Scene, kind: AlertEvent["kind"]): string[] {
  return scene.alerts.filter((alert) => alert.kind === kind).map(({ transition, severity }) =>
    `${transition} ${severity}`
  );
}

/** The edge of all drones that have none of their own came, left, or is late. */
export function presence(scene: Scene, presence: EdgePresence, lateMs = 0): void {
  scene.take(scene.pipeline.edgeChanged({ edgeId: "e1", presence, lateMs }));
}
