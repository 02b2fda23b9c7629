// How windows forget a drone. What it added to counts stays, under a name; where it was does not.
import type { Drone, Membership } from "../drones/drone.ts";
import type { Firings } from "./firings.ts";
import type { Past } from "./past.ts";
import type { Second } from "./second.ts";

/** A drone that is to be forgotten. */
export interface Forgotten {
  /** Its names, those of others that used its id included, and what stands for it from now on. */
  droneIds: readonly string[];
  name: string;
  /** Who takes the place of a drone; null for one that is not to be forgotten. */
  nobodyFor: (drone: Drone) => Drone | null;
}

/** Seconds that are not frozen forget at once; those that are, in their turn: see Past.forgetSome. */
export function forgetIn(
  { seconds, past, firings }: { seconds: ReadonlyMap<number, Second>; past: Past; firings: Firings },
  { droneIds, name, nobodyFor }: Forgotten,
): void {
  const memberships = new Set<Membership>();
  const isForgotten = (membership: Membership) => {
    const nobody = nobodyFor(membership.drone);
    if (nobody) {
      membership.drone = nobody;
      memberships.add(membership);
    }
    return memberships.has(membership);
  };
  for (const [number, { panes }] of seconds) {
    for (const pane of panes) {
      if (!isForgotten(pane.membership)) continue;
      past.giveUp(number);
      pane.forgetPlaces();
    }
  }
  past.forget(isForgotten, { droneIds, name });
  firings.forget({ droneIds, name, memberships });
}
