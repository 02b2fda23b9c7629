// Drones for which an alert is open, as the aggregator says: their near-duplicates are forwarded like the rest.
import type { OpenAlerts as OpenAlertsMessage } from "../../proto/gen/slipstream/v1/uplink_pb.ts";

export class OpenAlerts {
  readonly #droneIds = new Set<string>();
  readonly #onChange: (droneId: string, open: boolean) => void;

  constructor(onChange: (droneId: string, open: boolean) => void) {
    this.#onChange = onChange;
  }

  has(droneId: string): boolean {
    return this.#droneIds.has(droneId);
  }

  apply({ complete, openedDroneIds, closedDroneIds }: OpenAlertsMessage): void {
    const opened = new Set(openedDroneIds);
    const closed = complete ? [...this.#droneIds].filter((id) => !opened.has(id)) : closedDroneIds;
    for (const id of closed) if (this.#droneIds.delete(id)) this.#onChange(id, false);
    for (const id of opened) {
      this.#droneIds.add(id);
      this.#onChange(id, true);
    }
  }
}
