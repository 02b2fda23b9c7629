// The newest signatures of vehicles whose links are gone: what was recorded of them cannot be played on another link.

const DRONES_MAX = 4096;

export class Signatures {
  readonly #untilByDrone = new Map<string, number>();

  /** In MAVLink's time; 0: none is known. */
  until(droneId: string): number {
    return this.#untilByDrone.get(droneId) ?? 0;
  }

  /** The one that was heard of longest ago is forgotten when there are too many. */
  note(droneId: string, until: number): void {
    const newest = Math.max(until, this.until(droneId));
    if (newest === 0) return;
    this.#untilByDrone.delete(droneId);
    this.#untilByDrone.set(droneId, newest);
    if (this.#untilByDrone.size > DRONES_MAX) this.#untilByDrone.delete(this.#untilByDrone.keys().next().value!);
  }
}
