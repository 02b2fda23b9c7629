// Where the drones are, for a live map: compact rows, and only those that changed since the last message.
import { RecordFlag } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { AlertEvent } from "../outputs.ts";
import type { DroneView } from "../views.ts";

/** Bits of a row's state. */
export const DroneState = { airborne: 1, linkLost: 2, battery: 4, otherAlert: 8 } as const;

/**
 * [droneId, latDeg, lonDeg, altM, headingDeg, state, remaining percent, north m/s, east m/s, ghostM]; null where unknown.
 * `ghostM`: it has fallen silent in the air, and may be so far from there.
 */
export type PositionRow = [
  ...[droneId: string, latDeg: number, lonDeg: number, altM: number | null, headingDeg: number | null],
  ...[state: number, remainingPct: number | null],
  ...[vnMps: number | null, veMps: number | null, ghostM: number | null],
];

/** What a row tells of a drone beyond its own view. */
export interface RowFacts {
  /** State bits of its open alerts. */
  alertBits?: number;
  ghostM?: number | null;
}

/** Null while the drone has not told where it is. */
export function positionRow(drone: DroneView, { alertBits = 0, ghostM = null }: RowFacts = {}): PositionRow | null {
  const { position } = drone;
  if (!position) return null;
  const state = alertBits | (drone.flags & RecordFlag.IN_AIR ? DroneState.airborne : 0) |
    (drone.linkLost ? DroneState.linkLost : 0);
  const altM = position.altHomeM ?? position.altMslM;
  const remaining = remainingCpct(drone);
  const hasVelocity = (drone.flags & RecordFlag.NO_VELOCITY) === 0;
  return [
    drone.droneId,
    position.latDeg,
    position.lonDeg,
    altM === null ? null : tenths(altM),
    position.headingDeg ?? courseDeg(position.vnMps, position.veMps),
    state,
    remaining === null ? null : Math.round(remaining / 100),
    hasVelocity ? tenths(position.vnMps) : null,
    hasVelocity ? tenths(position.veMps) : null,
    ghostM === null ? null : Math.round(ghostM),
  ];
}

/** Hundredths of a percent of the emptiest battery; null when none is known. */
export function remainingCpct({ batteries }: Pick<DroneView, "batteries">): number | null {
  const known = batteries.map((battery) => battery.remainingCpct).filter((value) => value !== null);
  return known.length > 0 ? Math.min(...known) : null;
}

/** State bits by drone of all open alerts. */
export function alertBits(alerts: Iterable<AlertEvent>): Map<string, number> {
  const bits = new Map<string, number>();
  for (const { kind, droneIds } of alerts) {
    const bit = kind.startsWith("battery") ? DroneState.battery : DroneState.otherAlert;
    for (const id of droneIds) bits.set(id, (bits.get(id) ?? 0) | bit);
  }
  return bits;
}

/** Keeps what was last said of each drone. */
export class PositionChanges {
  #said = new Map<string, string>();

  /** Rows that changed, and drones that are no longer there. */
  take(rows: Iterable<PositionRow>): { changed: PositionRow[]; gone: string[] } {
    const changed: PositionRow[] = [];
    const now = new Map<string, string>();
    for (const row of rows) {
      const text = row.join();
      now.set(row[0], text);
      if (this.#said.get(row[0]) !== text) changed.push(row);
    }
    const gone = [...this.#said.keys()].filter((id) => !now.has(id));
    this.#said = now;
    return { changed, gone };
  }
}

// Finer steps would only be more to send.
function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

// Below walking pace the course is noise.
function courseDeg(vnMps: number, veMps: number): number | null {
  if (Math.hypot(vnMps, veMps) < 0.5) return null;
  return Math.round((Math.atan2(veMps, vnMps) * 180 / Math.PI + 360) % 360);
}
