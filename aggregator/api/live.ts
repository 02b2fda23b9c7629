// What readers of /v1/events see besides windows and alerts: the fleet's numbers, and where the drones are.
import type { FleetReport } from "./fleet_report.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { DroneView } from "../views.ts";
import type { EventFanOut } from "../sinks/events.ts";
import { alertBits, PositionChanges, positionRow } from "../sinks/positions.ts";

/** What live events are made from, and where they go. */
export interface LiveParts {
  nowUs: () => number;
  pipeline: Pick<Pipeline, "drones" | "openAlerts" | "ghosts" | "traffic">;
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
    const { events, pipeline, nowUs } = this.#parts;
    if (!events.isRead("positions")) return;
    const isFirst = events.subscriptions !== this.#subscriptions;
    if (!isFirst && this.#drones > FAST_DRONES_MAX && this.#ticks++ % 5 !== 0) return;
    if (isFirst) this.#begin();
    const bits = alertBits(pipeline.openAlerts());
    const ghosts = pipeline.ghosts(nowUs());
    const rows = Array.from(pipeline.drones(), (drone: DroneView) => {
      const { droneId } = drone;
      return positionRow(drone, { alertBits: bits.get(droneId) ?? 0, ghostM: ghosts.get(droneId) ?? null });
    }).filter((row) => row !== null);
    this.#drones = rows.length;
    const { changed, gone } = this.#changes.take(rows);
    if (gone.length > 0) events.publish("positions", { drones: [], gone });
    for (let i = 0; i < changed.length; i += ROWS_MAX) {
      events.publish("positions", { drones: changed.slice(i, i + ROWS_MAX), gone: [] });
    }
  }

  // A new reader needs all of them, and may still show those of another time: what follows is all there is. The fleet's
  // numbers do not wait for their second.
  #begin(): void {
    const { events, fleet } = this.#parts;
    this.#subscriptions = events.subscriptions;
    this.#changes = new PositionChanges();
    const report = fleet();
    events.publish("fleet", report);
    events.publish("positions", { snapshotOf: report.journal.journalId, drones: [], gone: [] });
  }

  /** Once a second. */
  fleet(): void {
    const { events, fleet, pipeline } = this.#parts;
    if (events.isRead("fleet")) events.publish("fleet", fleet());
    if (events.isRead("traffic")) events.publish("traffic", { aircraft: pipeline.traffic() });
  }
}
