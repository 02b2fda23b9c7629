// What regions have told of each second that windows may still need: by second, zone, and region.
import { ALL_ZONES } from "../outputs.ts";
import { scopeKey, scopeOf } from "../pipeline/drones/scope.ts";
import type { Contribution } from "./contribution.ts";

/** By region. */
type Regions = Map<string, Contribution>;

/** Which of them a window is computed from. */
export interface Span {
  fleet: string;
  zone: string;
  /** Seconds since 1970: from inclusive, to exclusive. */
  fromS: number;
  toS: number;
}

export class Seconds {
  /** By second, then by zone. */
  readonly #seconds = new Map<number, Map<string, Regions>>();
  bytes = 0;

  get count(): number {
    return this.#seconds.size;
  }

  /** Infinity: there is none. */
  get oldestS(): number {
    return Math.min(Infinity, ...this.#seconds.keys());
  }

  /** False: a later revision of it is known. */
  put(contribution: Contribution, { region, fleet, zone, startS }: Place): boolean {
    const zones = entry(this.#seconds, startS, () => new Map<string, Regions>());
    const regions = entry(zones, scopeKey(fleet, zone), () => new Map<string, Contribution>());
    const known = regions.get(region);
    if (known && known.revision > contribution.revision) return false;
    this.bytes += contribution.bytes - (known?.bytes ?? 0);
    regions.set(region, contribution);
    return true;
  }

  *of({ fleet, zone, fromS, toS }: Span): Generator<Contribution> {
    for (let startS = fromS; startS < toS; startS++) {
      for (const [key, regions] of this.#seconds.get(startS) ?? []) {
        const scope = scopeOf(key);
        if (scope.fleet !== fleet || (zone !== ALL_ZONES && scope.zone !== zone)) continue;
        yield* regions.values();
      }
    }
  }

  /** Panes of these seconds are forgotten: from inclusive, to exclusive. */
  rest({ fromS, toS }: Pick<Span, "fromS" | "toS">): void {
    for (const [startS, zones] of this.#seconds) {
      if (startS < fromS || startS >= toS) continue;
      for (const contribution of contributionsIn(zones)) contribution.forgetPanes();
    }
  }

  /** No window needs seconds before this one any more. */
  dropBefore(beforeS: number): void {
    for (const [startS, zones] of this.#seconds) {
      if (startS >= beforeS) continue;
      for (const { bytes } of contributionsIn(zones)) this.bytes -= bytes;
      this.#seconds.delete(startS);
    }
  }

  /** The first message of each region that is still needed. */
  firstOffsets(): Map<string, bigint> {
    const first = new Map<string, bigint>();
    for (const zones of this.#seconds.values()) {
      for (const regions of zones.values()) {
        for (const [region, { offset }] of regions) {
          const known = first.get(region);
          if (known === undefined || offset < known) first.set(region, offset);
        }
      }
    }
    return first;
  }
}

interface Place {
  region: string;
  fleet: string;
  zone: string;
  startS: number;
}

function* contributionsIn(zones: Map<string, Regions>): Generator<Contribution> {
  for (const regions of zones.values()) yield* regions.values();
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
