// How much memory the seconds and windows that can still be revised take, about: by what they hold, not by how that is packed just
// now. Which windows expire for it is a result, and must be the same whoever runs the journal, from whichever checkpoint.
import type { Membership } from "../drones/drone.ts";

/** Of one drone in one second, and of the windows of one fleet or zone that end with one, once they are frozen. */
const PANE_BYTES = 48;
const SCOPE_BYTES = 1000;

interface Weight {
  panes: number;
  scopes: Set<string>;
}

export class Weights {
  readonly #seconds = new Map<number, Weight>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Infinity: there is none. */
  get oldest(): number {
    return this.#seconds.keys().reduce((a, b) => Math.min(a, b), Infinity);
  }

  /** A second has a pane more. */
  add(second: number, { scopes }: Membership): void {
    let weight = this.#seconds.get(second);
    if (!weight) this.#seconds.set(second, weight = { panes: 0, scopes: new Set() });
    this.#bytes -= bytesOf(weight);
    weight.panes++;
    for (const scope of scopes) weight.scopes.add(scope);
    this.#bytes += bytesOf(weight);
  }

  drop(second: number): void {
    const weight = this.#seconds.get(second);
    if (!weight) return;
    this.#bytes -= bytesOf(weight);
    this.#seconds.delete(second);
  }
}

function bytesOf({ panes, scopes }: Weight): number {
  return PANE_BYTES * panes + SCOPE_BYTES * scopes.size;
}
