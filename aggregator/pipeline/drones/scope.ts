// A scope is what windows are computed of: a fleet, or a zone of one. A formation is one of a fleet, too.
import { NO_FORMATION } from "../../airspace/formations.ts";

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
