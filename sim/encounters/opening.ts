// The first encounter of a pair, whose drones are in flight when the run begins: of a kind that has a name.
import { plus, type Point, times, toward } from "../geo.ts";
import type { Random } from "../random.ts";
import { drawLevelMiss, drawMiss, type Miss } from "./miss.ts";
import { type Round, roundOf } from "./round.ts";

/** All of them, in the order in which pairs get them. */
export const OPENING_KINDS = ["head-on", "crossing", "overtaking", "vertical"] as const;
/** One of OPENING_KINDS. */
export type OpeningKind = typeof OPENING_KINDS[number];

/** Closest approach, after the start. */
const CLOSEST_S = [16, 22] as const;
const STRAIGHT_ON_S = 8;
const SPEED_MPS = [8, 14] as const;
const SLOW_MPS = [6, 9] as const;
const FASTER_MPS = [4, 6] as const;
const CLIMB_MPS = [2.5, 3] as const;
/** One that passed through the other's altitude goes on until it is so far above or below. */
const PASSED_M = 34;
/** Above ground. */
const UP_M = [50, 100] as const;
const UP_M_LIMITS = [40, 150] as const;

/** The pair is nearest at its site. */
export function openingRound(random: Random, { kind, conflict }: { kind: OpeningKind; conflict: boolean }): Round {
  const closestS = random.between(...CLOSEST_S);
  const courseRad = random.between(0, 2 * Math.PI);
  if (kind === "vertical") return verticalRound(random, { conflict, closestS, courseRad });
  const velocities = drawVelocities(random, { kind, courseRad });
  const miss = drawMiss(random, { conflict, aboveChance: 0.5, horizontalMMax: Infinity });
  const upM = random.between(...UP_M);
  // Where two drones are nearest, the line between them stands at right angles to their relative velocity.
  const eastMps = velocities[1].eastM - velocities[0].eastM;
  const northMps = velocities[1].northM - velocities[0].northM;
  const second = { ...toward(Math.atan2(-northMps, eastMps), miss.horizontalM), upM: upM + miss.verticalM };
  const closest: [Point, Point] = [{ ...toward(0, 0), upM }, second];
  return roundFrom({ kind, conflict, closestS, closest, velocities, miss, straightOnS: STRAIGHT_ON_S });
}

function drawVelocities(
  random: Random,
  { kind, courseRad }: { kind: Exclude<OpeningKind, "vertical">; courseRad: number },
): [Point, Point] {
  if (kind === "overtaking") {
    const slowMps = random.between(...SLOW_MPS);
    return [toward(courseRad, slowMps), toward(courseRad, slowMps + random.between(...FASTER_MPS))];
  }
  const angleRad = kind === "head-on"
    ? Math.PI + random.between(-0.1, 0.1)
    : random.between(Math.PI / 3, Math.PI * 5 / 6);
  const turnRad = random.chance(0.5) ? angleRad : -angleRad;
  return [toward(courseRad, random.between(...SPEED_MPS)), toward(courseRad + turnRad, random.between(...SPEED_MPS))];
}

// Both fly the same course side by side. One keeps its altitude and is ahead, so that it gets away when the other,
// which climbs or sinks through that altitude, has stopped.
function verticalRound(
  random: Random,
  { conflict, closestS, courseRad }: { conflict: boolean; closestS: number; courseRad: number },
): Round {
  const miss = drawLevelMiss(random, conflict);
  const climbMps = random.between(...CLIMB_MPS) * (random.chance(0.5) ? 1 : -1);
  const straightOnS = PASSED_M / Math.abs(climbMps);
  const [low, high] = climbMps > 0 ? [-climbMps * closestS, PASSED_M] : [-PASSED_M, -climbMps * closestS];
  const upM = random.between(UP_M_LIMITS[0] - low, UP_M_LIMITS[1] - high);
  const level = toward(courseRad, random.between(...SPEED_MPS));
  const ahead = toward(courseRad + random.between(-1.4, 1.4), miss.horizontalM);
  const closest: [Point, Point] = [{ ...toward(0, 0), upM }, { ...ahead, upM }];
  const velocities: [Point, Point] = [{ ...level, upM: climbMps }, level];
  return roundFrom({ kind: "vertical", conflict, closestS, closest, velocities, miss, straightOnS });
}

function roundFrom({ closest, velocities, miss, ...approach }: {
  kind: OpeningKind;
  conflict: boolean;
  closestS: number;
  straightOnS: number;
  closest: [Point, Point];
  velocities: [Point, Point];
  miss: Miss;
}): Round {
  const leg = (side: 0 | 1) => ({
    from: plus(closest[side], times(velocities[side], -approach.closestS)),
    velocity: velocities[side],
  });
  return roundOf({ ...approach, ...miss, fromS: 0, legs: [leg(0), leg(1)] });
}
