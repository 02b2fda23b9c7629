// What regions have told of each second that windows may still need: by second, fleet, zone, and region.
import { ALL_ZONES } from "../outputs.ts";
import { SLIDING_S } from "../pipeline/windows/firing.ts";
import type { Contribution } from "./contribution.ts";

/** By region. */
type Regions = Map<string, Contribution>;
/** By fleet, then by zone. */
type Fleets = Map<string, Map<string, Regions>>;

/** Which of them a window is computed from. */
export interface Span {
  fleet: string;
  zone: string;
  /** Seconds since 1970: from inclusive, to exclusive. */
  fromS: number;
  toS: number;
}

/** So many stay in objects: what is told for the first time needs its last ten again and again, what becomes final its own. */
const OPENED_MAX = 2 * (SLIDING_S + 2);

export class Seconds {
  readonly #seconds = new Map<number, Fleets>();
  /** Those whose panes may be there; used last stands last. */
  readonly #opened = new Set<number>();
  bytes = 0;

  get count(): number {
    return this.#seconds.size;
  }

  /** Infinity: there is none. */
  get oldestS(): number {
    let oldestS = Infinity;
    for (const startS of this.#seconds.keys()) if (startS < oldestS) oldestS = startS;
    return oldestS;
  }

  /** Of how many panes are there. */
  get openCount(): number {
    return this.#opened.size;
  }

  /** False: a later revision of it is known. */
  put(contribution: Contribution, { region, fleet, zone, startS }: Place): boolean {
    const fleets = entry(this.#seconds, startS, (): Fleets => new Map());
    const zones = entry(fleets, fleet, () => new Map<string, Regions>());
    const regions = entry(zones, zone, (): Regions => new Map());
    const known = regions.get(region);
    if (known && known.revision > contribution.revision) return false;
    this.bytes += contribution.bytes - (known?.bytes ?? 0);
    regions.set(region, contribution);
    return true;
  }

  *of({ fleet, zone, fromS, toS }: Span): Generator<Contribution> {
    for (let startS = fromS; startS < toS; startS++) {
      const zones = this.#seconds.get(startS)?.get(fleet);
      if (!zones) continue;
      this.#open(startS);
      for (const regions of zone === ALL_ZONES ? zones.values() : [zones.get(zone)]) yield* regions?.values() ?? [];
    }
  }

  /** No window needs seconds before this one any more. */
  dropBefore(beforeS: number): void {
    for (const [startS, fleets] of this.#seconds) {
      if (startS >= beforeS) continue;
      for (const { bytes } of contributionsIn(fleets)) this.bytes -= bytes;
      this.#seconds.delete(startS);
      this.#opened.delete(startS);
    }
  }

  /** The first message of each region that is still needed. */
  firstOffsets(): Map<string, bigint> {
    const first = new Map<string, bigint>();
    for (const fleets of this.#seconds.values()) {
      for (const regions of regionsIn(fleets)) {
        for (const [region, { offset }] of regions) {
          const known = first.get(region);
          if (known === undefined || offset < known) first.set(region, offset);
        }
      }
    }
    return first;
  }

  #open(startS: number): void {
    this.#opened.delete(startS);
    this.#opened.add(startS);
    if (this.#opened.size <= OPENED_MAX) return;
    const [longest = startS] = this.#opened;
    this.#opened.delete(longest);
    for (const contribution of contributionsIn(this.#seconds.get(longest)!)) contribution.forgetPanes();
  }
}

interface Place {
  region: string;
  fleet: string;
  zone: string;
  startS: number;
}

function* regionsIn(fleets: Fleets): Generator<Regions> {
  for (const zones of fleets.values()) yield* zones.values();
}

function* contributionsIn(fleets: Fleets): Generator<Contribution> {
  for (const regions of regionsIn(fleets)) yield* regions.values();
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
