// Which drone a system id is on one link: what its peer has proven decides, then what is set.
import type { Admission } from "../../../wasm/mavlink/link.ts";
import type { MavlinkKeys } from "./keys.ts";

export interface SystemsParts {
  /** Drones for whom the peer speaks; null: for any. */
  droneIds: ReadonlySet<string> | null;
  /** Nothing else says who it is: a vehicle without a key is not admitted. */
  mustSign: boolean;
  /** Drone ids by system id; null: system N is mav-N. */
  names: ReadonlyMap<number, string> | null;
  keys: MavlinkKeys;
}

export class Systems {
  readonly #parts: SystemsParts;
  readonly #systems = new Map<string, number>();

  constructor(parts: SystemsParts) {
    this.#parts = parts;
  }

  /** Null: it is nobody's that may be heard here. */
  admit(system: number): Admission | null {
    const { keys: { bySystem, byDrone }, mustSign } = this.#parts;
    const droneId = this.#droneOf(system);
    if (droneId === null) return null;
    const key = byDrone.get(droneId) ?? bySystem.get(system);
    if (mustSign && !key) return null;
    this.#systems.set(droneId, system);
    return { droneId, ...key && { key } };
  }

  /** As which system a drone was admitted. */
  systemOf(droneId: string): number | undefined {
    return this.#systems.get(droneId);
  }

  // Who has proven to be one drone is that one, whatever its number: of several on the link the first.
  #droneOf(system: number): string | null {
    const { droneIds, names } = this.#parts;
    const [only, ...others] = droneIds ?? [];
    if (only !== undefined && others.length === 0) return (this.systemOf(only) ?? system) === system ? only : null;
    const droneId = names ? names.get(system) : `mav-${system}`;
    return droneId === undefined || (droneIds !== null && !droneIds.has(droneId)) ? null : droneId;
  }
}
