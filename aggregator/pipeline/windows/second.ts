// One second of event time: the panes of all drones that were heard in it.
import type { Membership } from "../drones/drone.ts";
import { Pane } from "./pane.ts";

/** Whoever must know that a record is about to be added to a pane. */
export interface PaneWatch {
  beforePane: (second: Second, pane: Pane) => void;
}

/** The panes of one second. */
export class Second {
  /** In the order in which they began; none is ever removed. */
  readonly panes: readonly Pane[];
  /** Keys of the fleets and zones that they belong to. */
  readonly scopes: ReadonlySet<string>;
  readonly #panes: Pane[] = [];
  readonly #scopes = new Set<string>();
  readonly #byMembership = new Map<Membership, Pane>();

  constructor() {
    this.panes = this.#panes;
    this.scopes = this.#scopes;
  }

  get(membership: Membership): Pane | undefined {
    return this.#byMembership.get(membership);
  }

  /** The pane of a membership, begun if need be. */
  open(membership: Membership): Pane {
    const known = this.#byMembership.get(membership);
    if (known) return known;
    const pane = new Pane(membership, this.#panes.length);
    this.#panes.push(pane);
    this.#byMembership.set(membership, pane);
    for (const scope of membership.scopes) this.#scopes.add(scope);
    return pane;
  }
}
