// Pairs of drones on straight, converging tracks: most pass through each other's protected cylinder, some just miss.
import type { Flight, FlightState } from "../flight.ts";
import type { Point } from "../geo.ts";
import { plainPlan, type PlanContext, type Scenario } from "../plan.ts";
import { Random } from "../random.ts";
import type { TrueEncounter } from "../truth.ts";

/** Pairs fly so far apart that only partners meet. */
const PAIR_SPACING_M = 3000;
const PAIRS_IN_A_ROW = 16;
/** Both go on straight for as long after the closest approach, then stop and hover. */
const STRAIGHT_AFTER_S = 15;

interface Track {
  /** At closest approach. */
  closest: Point;
  velocity: Point;
}

/** At constant velocity through `closest`, which it reaches after `closestAfterS`. */
class StraightFlight implements Flight {
  readonly state: FlightState;
  #remainingS: number;

  constructor({ closest, velocity }: Track, closestAfterS: number) {
    this.state = {
      position: {
        eastM: closest.eastM - velocity.eastM * closestAfterS,
        northM: closest.northM - velocity.northM * closestAfterS,
        upM: closest.upM,
      },
      velocity: { ...velocity },
      headingRad: (Math.atan2(velocity.eastM, velocity.northM) + 2 * Math.PI) % (2 * Math.PI),
      phase: "leg",
    };
    this.#remainingS = closestAfterS + STRAIGHT_AFTER_S;
  }

  advance(dtS: number): void {
    const { position, velocity } = this.state;
    const flownS = Math.min(dtS, Math.max(0, this.#remainingS));
    this.#remainingS -= dtS;
    position.eastM += velocity.eastM * flownS;
    position.northM += velocity.northM * flownS;
    if (this.#remainingS > 0) return;
    Object.assign(this.state, { phase: "hover", velocity: { eastM: 0, northM: 0, upM: 0 } });
  }
}

export const crossing: Scenario = (context) => {
  const plan = plainPlan(context, { staysAirborne: true });
  const partner = context.index ^ 1;
  if (partner >= context.drones) return plan;
  const { tracks, closestAfterS, encounter } = pairOf(context);
  return {
    ...plan,
    hasPad: false,
    flight: new StraightFlight(tracks[context.index & 1]!, closestAfterS),
    encounters: context.index & 1 ? [] : [encounter],
  };
};

// Both partners draw the same numbers, from a generator of the pair.
function pairOf({ index, seed, startUs, idOf }: PlanContext): {
  tracks: [Track, Track];
  closestAfterS: number;
  encounter: TrueEncounter;
} {
  const pair = index >> 1;
  const random = new Random(seed, 1_000_000 + pair);
  const centre = {
    eastM: (pair % PAIRS_IN_A_ROW) * PAIR_SPACING_M,
    northM: Math.floor(pair / PAIRS_IN_A_ROW) * PAIR_SPACING_M,
    upM: random.between(60, 110),
  };
  const course = random.between(0, 2 * Math.PI);
  const first = velocityOf(course, random.between(8, 14));
  const second = velocityOf(course + random.between(Math.PI / 3, 5 * Math.PI / 3), random.between(8, 14));
  const [horizontalM, verticalM] = random.chance(0.7)
    ? [random.between(2, 20), random.between(0, 8)]
    : random.chance(0.5)
    ? [random.between(90, 160), random.between(0, 8)]
    : [random.between(2, 20), random.between(30, 45)];
  // At closest approach the line between two drones stands at right angles to their relative velocity.
  const eastMps = second.eastM - first.eastM;
  const northMps = second.northM - first.northM;
  const relativeMps = Math.hypot(eastMps, northMps);
  const closest = {
    eastM: centre.eastM - northMps / relativeMps * horizontalM,
    northM: centre.northM + eastMps / relativeMps * horizontalM,
    upM: centre.upM + verticalM,
  };
  const closestAfterS = 12 + random.between(0, 15);
  return {
    tracks: [{ closest: centre, velocity: first }, { closest, velocity: second }],
    closestAfterS,
    encounter: {
      droneIds: [idOf(pair * 2), idOf(pair * 2 + 1)],
      atUs: Math.round(startUs + closestAfterS * 1e6),
      horizontalM,
      verticalM,
    },
  };
}

function velocityOf(courseRad: number, speedMps: number): Point {
  return { eastM: speedMps * Math.sin(courseRad), northM: speedMps * Math.cos(courseRad), upM: 0 };
}
