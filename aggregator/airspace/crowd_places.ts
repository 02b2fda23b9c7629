// Whom of its crowd a drone is told of: a few who come nearer, the soonest. Who comes sooner takes the place of who comes
// latest, and of who has passed.
import type { Crowds } from "./crowds.ts";
import type { OpenPair, Pairs } from "./pairs.ts";
import type { Separation } from "./separation.ts";
import type { AirspaceSettings } from "./settings.ts";
import type { TrackRows } from "./track_rows.ts";

export interface CrowdPlacesParts {
  pairs: Pick<Pairs, "of">;
  crowds: Pick<Crowds, "together">;
  separation: Pick<Separation, "assess" | "approaches" | "closestS">;
}

/** Who takes a place of another is there in so much of his time: noise does not have two take turns. */
const SOONER = 0.7;
/** Who has come no nearer for so long has passed. */
const PASSED_US = 1_000_000;

interface Latest {
  pair: OpenPair;
  /** Until they are closest, in s; Infinity: they have passed. */
  closestS: number;
}

/** The places of all drones. What was assessed last is another pair after each call. */
export class CrowdPlaces {
  readonly #settings: Pick<AirspaceSettings, "crowdPairsOfDroneMax">;
  readonly #parts: CrowdPlacesParts;

  constructor(settings: Pick<AirspaceSettings, "crowdPairsOfDroneMax">, parts: CrowdPlacesParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Who is closest later than this, in s, gets no place; Infinity: there is one. */
  untilS(rows: TrackRows, track: number, nowUs: number): number {
    return SOONER * (this.#latest(rows, track, nowUs)?.closestS ?? Infinity);
  }

  /** Whose places two take who are closest in `closestS`; null: there is none for them. */
  take(
    rows: TrackRows,
    [a, b]: [number, number],
    { closestS, nowUs }: { closestS: number; nowUs: number },
  ): OpenPair[] | null {
    const latest = [a, b].map((track) => this.#latest(rows, track, nowUs)).filter((of) => of !== null);
    return latest.every((of) => closestS <= SOONER * of.closestS) ? [...new Set(latest.map(({ pair }) => pair))] : null;
  }

  /** Who gives up a place first; null: one is free. */
  #latest(rows: TrackRows, track: number, nowUs: number): Latest | null {
    const { pairs, crowds, separation } = this.#parts;
    const { crowdPairsOfDroneMax: max } = this.#settings;
    const ofTrack = pairs.of(track);
    if (ofTrack.length < max) return null;
    let latest: Latest | null = null;
    let count = 0;
    for (const pair of ofTrack) {
      if (!crowds.together(rows, pair.a, pair.b)) continue;
      count++;
      const isPressing = separation.assess(pair.a, pair.b, pair.level) === 2 && separation.approaches;
      const hasPassed = !isPressing && nowUs - pair.warnedUs > PASSED_US;
      const closestS = isPressing ? separation.closestS : hasPassed ? Infinity : 0;
      if (!latest || closestS > latest.closestS) latest = { pair, closestS };
    }
    return count < max ? null : latest;
  }
}
