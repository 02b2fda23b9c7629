// The newest signatures of vehicles, on links that are open and on those that are gone: what was recorded of one link cannot be
// played on another.

const DRONES_MAX = 4096;

/** Of one drone on one link, in MAVLink's time; 0: none. */
type Newest = () => number;

export class Signatures {
  readonly #openByDrone = new Map<string, Set<Newest>>();
  readonly #goneByDrone = new Map<string, number>();

  /** In MAVLink's time; 0: none is known. */
  until(droneId: string): number {
    const open = Array.from(this.#openByDrone.get(droneId) ?? [], (newest) => newest());
    return Math.max(this.#goneByDrone.get(droneId) ?? 0, ...open);
  }

  /** The drone is heard on one more link. @returns what ends it: the newest there is remembered from then on */
  watch(droneId: string, newest: Newest): () => void {
    const open = this.#openByDrone.get(droneId) ?? new Set();
    this.#openByDrone.set(droneId, open.add(newest));
    return () => {
      if (!open.delete(newest)) return;
      if (open.size === 0) this.#openByDrone.delete(droneId);
      this.#remember(droneId, newest());
    };
  }

  // The one that was heard of longest ago is forgotten when there are too many.
  #remember(droneId: string, newest: number): void {
    const gone = this.#goneByDrone;
    const until = Math.max(gone.get(droneId) ?? 0, newest);
    if (until === 0) return;
    gone.delete(droneId);
    gone.set(droneId, until);
    if (gone.size > DRONES_MAX) gone.delete(gone.keys().next().value!);
  }
}
