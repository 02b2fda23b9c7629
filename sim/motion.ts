// Flights that are known beforehand: where a drone is at each moment, whoever asks when.
import type { Flight, FlightState } from "./flight.ts";
import { courseOf, horizontalM, plus, type Point, times } from "./geo.ts";

/** How far it has come `ageS` seconds after the fleet's start, and how fast it is. */
export type Motion = (ageS: number) => { moved: Point; velocity: Point };

const STILL: Point = { eastM: 0, northM: 0, upM: 0 };
/** Slower than this it hovers. */
const HOVER_MPS = 0.05;

/** Always the same velocity. */
export function steady(velocity: Point): Motion {
  return (ageS) => ({ moved: times(velocity, ageS), velocity });
}

/** One velocity after the other, and then a hover. */
export function legs(...flown: { forS: number; velocity: Point }[]): Motion {
  return (ageS) => {
    let moved = STILL;
    let fromS = 0;
    for (const { forS, velocity } of flown) {
      if (ageS < fromS + forS) return { moved: plus(moved, times(velocity, ageS - fromS)), velocity };
      moved = plus(moved, times(velocity, forS));
      fromS += forS;
    }
    return { moved, velocity: STILL };
  };
}

/** Hovers for `holdS`, gathers speed for `rampS`, keeps it for `holdS`, brakes for `rampS`, and again. */
export function swelling(velocity: Point, { holdS, rampS }: { holdS: number; rampS: number }): Motion {
  const roundS = 2 * (holdS + rampS);
  // As shares of the velocity: what is flown in a round, and how fast, by then.
  const within = (s: number): [flownS: number, share: number] => {
    if (s < holdS) return [0, 0];
    if (s < holdS + rampS) return [(s - holdS) ** 2 / (2 * rampS), (s - holdS) / rampS];
    if (s < 2 * holdS + rampS) return [rampS / 2 + s - holdS - rampS, 1];
    const leftS = roundS - s;
    return [rampS + holdS - leftS ** 2 / (2 * rampS), leftS / rampS];
  };
  return (ageS) => {
    const [flownS, share] = within(ageS % roundS);
    const rounds = Math.floor(ageS / roundS);
    return { moved: times(velocity, rounds * (rampS + holdS) + flownS), velocity: times(velocity, share) };
  };
}

/** A drone in the air that flies so. */
export class MotionFlight implements Flight {
  readonly state: FlightState;
  readonly #from: Point;
  readonly #motion: Motion;
  #ageS = 0;

  /** @param from where it is at the fleet's start, from its home */
  constructor(from: Point, motion: Motion) {
    this.#from = from;
    this.#motion = motion;
    this.state = { position: from, velocity: STILL, headingRad: 0, phase: "hover" };
    this.advance(0);
  }

  advance(dtS: number): void {
    this.#ageS += dtS;
    const { moved, velocity } = this.#motion(this.#ageS);
    this.state.position = plus(this.#from, moved);
    this.state.velocity = velocity;
    const flies = horizontalM(velocity) > HOVER_MPS;
    this.state.phase = flies ? "leg" : "hover";
    if (flies) this.state.headingRad = courseOf(velocity);
  }
}
