// Where a drone's records are counted: its fleet, and its zone within that.
import { NO_FORMATION } from "../airspace/formations.ts";
import type { Drone } from "./drone.ts";
import { ALL_ZONES } from "./outputs.ts";

export interface Membership {
  drone: Drone;
  fleet: string;
  zone: string;
  /** Keys of the scopes whose windows count it: the fleet, and the zone. Made once, used for each pane of each window. */
  scopes: readonly [fleet: string, zone: string];
}

export function membershipOf(drone: Drone, { fleet, zone }: { fleet: string; zone: string }): Membership {
  return { drone, fleet, zone, scopes: [scopeKey(fleet, ALL_ZONES), scopeKey(fleet, zone)] };
}

/** The name of a fleet's formation, for all fleets; `group` as it was declared, empty: none. */
export function formationOf(fleet: string, group: string): string {
  return group === "" ? NO_FORMATION : JSON.stringify([fleet, group]);
}

/** Names may hold any character. */
export function scopeKey(fleet: string, zone: string): string {
  return JSON.stringify([fleet, zone]);
}

export function scopeOf(key: string): { fleet: string; zone: string } {
  const [fleet, zone] = JSON.parse(key) as [string, string];
  return { fleet, zone };
}
