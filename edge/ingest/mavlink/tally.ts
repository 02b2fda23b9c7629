// What came of MAVLink frames on all links of this edge, those that have closed included, and how the radios of the drones do.
import { COUNTS, type LinkCounts, readCounts } from "../../../wasm/mavlink/counts.ts";
import type { MavlinkLink } from "../../../wasm/mavlink/link.ts";

type Counted = Pick<MavlinkLink, "counts" | "vehicles">;

/** Frames of vehicles that came, and that were sent and did not come. */
export interface Radio {
  heard: number;
  lost: number;
}

export class Tally {
  readonly #open = new Set<Counted>();
  #counts = readCounts(new Uint32Array(COUNTS));
  #radio: Radio = { heard: 0, lost: 0 };

  get links(): number {
    return this.#open.size;
  }

  opened(link: Counted): void {
    this.#open.add(link);
  }

  /** It is about to close. */
  closing(link: Counted): void {
    if (!this.#open.delete(link)) return;
    this.#counts = added(this.#counts, link.counts());
    this.#radio = added(this.#radio, radioOf(link));
  }

  get counts(): LinkCounts {
    return Array.from(this.#open, (link) => link.counts()).reduce(added, this.#counts);
  }

  get radio(): Radio {
    return Array.from(this.#open, radioOf).reduce(added, this.#radio);
  }

  /** Of each drone that has an open link. */
  get drones(): (Radio & { droneId: string })[] {
    return Array.from(this.#open).flatMap((link) => link.vehicles())
      .map(({ droneId, heard, lost }) => ({ droneId, heard, lost }));
  }
}

function radioOf(link: Counted): Radio {
  return link.vehicles().reduce(added, { heard: 0, lost: 0 });
}

/** Field by field, those of the first. */
function added<Sums extends object>(sums: Sums, more: { [Name in keyof Sums]: unknown }): Sums {
  const names = Object.keys(sums) as (keyof Sums)[];
  return Object.fromEntries(names.map((name) => [name, Number(sums[name]) + Number(more[name])])) as Sums;
}
