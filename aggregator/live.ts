// What readers of /v1/events see besides windows and alerts: the fleet's numbers, and where the drones are.
import type { FleetReport } from "./api/fleet_report.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import type { DroneView } from "./pipeline/views.ts";
import type { EventFanOut } from "./sinks/events.ts";
import { alertBits, PositionChanges, positionRow } from "./sinks/positions.ts";

/** What live events are made from, and where they go. */
export interface LiveParts {
  pipeline: Pick<Pipeline, "drones" | "openAlerts">;
  events: EventFanOut;
  fleet: () => FleetReport;
}

const ROWS_MAX = 2000;
/** Fleets above this are drawn once a second instead of five times. */
const FAST_DRONES_MAX = 2000;

/** Publishes the fleet's numbers and the drones' positions. */
export class Live {
  readonly #parts: LiveParts;
  #changes = new PositionChanges();
  #subscriptions = 0;
  #ticks = 0;
  #drones = 0;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** Five times a second. */
  positions(): void {
    const { events, pipeline } = this.#parts;
    if (!events.isRead("positions")) return;
    if (this.#drones > FAST_DRONES_MAX && this.#ticks++ % 5 !== 0) return;
    if (events.subscriptions !== this.#subscriptions) {
      // A new reader needs all of them.
      this.#subscriptions = events.subscriptions;
      this.#changes = new PositionChanges();
    }
    const bits = alertBits(pipeline.openAlerts());
    const rows = Array.from(pipeline.drones(), (drone: DroneView) => positionRow(drone, bits.get(drone.droneId) ?? 0))
      .filter((row) => row !== null);
    this.#drones = rows.length;
    const { changed, gone } = this.#changes.take(rows);
    if (gone.length > 0) events.publish("positions", { drones: [], gone });
    for (let i = 0; i < changed.length; i += ROWS_MAX) {
      events.publish("positions", { drones: changed.slice(i, i + ROWS_MAX), gone: [] });
    }
  }

  /** Once a second. */
  fleet(): void {
    if (this.#parts.events.isRead("fleet")) this.#parts.events.publish("fleet", this.#parts.fleet());
  }
}
