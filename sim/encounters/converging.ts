// Every further encounter of a pair: from where both hover, at one time, past a waypoint off to the side.
import { courseOf, horizontalM, minus, plus, type Point, times, toward } from "../geo.ts";
import type { Random } from "../random.ts";
import { staysClear } from "./clearance.ts";
import { drawMiss } from "./miss.ts";
import { type Leg, positionAt, type Round, roundOf, STILL } from "./round.ts";

/** Closest approach, after the start of the round. */
const CLOSEST_S = [16, 20] as const;
const STRAIGHT_ON_S = 8;
/** Of the waypoint, from the middle between the drones: across the line between them, along it, up. */
const ASIDE_M = [50, 200] as const;
const ALONG_M = [-60, 60] as const;
const UP_M = [-20, 20] as const;
/** Share of their distance that a near-miss may keep: more, and they fly side by side. */
const MISS_SHARE_MAX = 0.85;
/** Few near-misses above fit, so more of them are drawn. */
const ABOVE_CHANCE = 0.9;

const SPEED_MPS_LIMITS = [3, 15] as const;
const CLIMB_MPS_MAX = 2.5;
/** Above ground. */
const UP_M_LIMITS = [40, 150] as const;
/** From the pair's site: with 30 s at full speed on top, pairs 3 km apart stay clear of each other. */
const SITE_M_MAX = 700;
const ROUND_S_MAX = 50;
/** About one draw in five fits. */
const DRAWS_MAX = 10_000;

/**
 * Draws rounds until one keeps to all limits and, unless it is a conflict, clear of the protected cylinder.
 *
 * @throws {Error} when none does; no seed is known for which that happens.
 */
export function convergingRound(before: Round, { random, conflict }: { random: Random; conflict: boolean }): Round {
  const [first, second] = before.tracks;
  const hovers: [Point, Point] = [positionAt(first, before.endS), positionAt(second, before.endS)];
  for (let draws = 0; draws < DRAWS_MAX; draws++) {
    const round = drawRound(hovers, { random, conflict, fromS: before.endS });
    if (isFlyable(round) && (conflict || isNearMiss(round))) return round;
  }
  throw new Error(`Cannot go on with the encounters of a pair: none of ${DRAWS_MAX} rounds fits`);
}

function drawRound(
  hovers: [Point, Point],
  { random, conflict, fromS }: { random: Random; conflict: boolean; fromS: number },
): Round {
  const apart = minus(hovers[1], hovers[0]);
  const apartM = horizontalM(apart);
  const apartRad = courseOf(apart);
  const afterS = random.between(...CLOSEST_S);
  const miss = drawMiss(random, {
    conflict,
    aboveChance: ABOVE_CHANCE,
    horizontalMMax: apartM * MISS_SHARE_MAX,
  });
  // At this angle to the line between them, what is left at the waypoint is at right angles to how they got there: the
  // distance goes from `apart` to `missed` on a straight line, and is shortest at its end.
  const angleRad = Math.acos(miss.horizontalM / apartM) * (random.chance(0.5) ? 1 : -1);
  const missed = {
    ...toward(apartRad + angleRad, miss.horizontalM),
    upM: miss.verticalM * (random.chance(0.5) ? 1 : -1),
  };
  const asideRad = apartRad + Math.PI / 2 * (random.chance(0.5) ? 1 : -1);
  const aside = plus(toward(asideRad, random.between(...ASIDE_M)), toward(apartRad, random.between(...ALONG_M)));
  const middle = times(plus(hovers[0], hovers[1]), 0.5);
  const waypoint = plus(middle, { ...aside, upM: random.between(...UP_M) });
  const leg = (from: Point, share: number): Leg => ({
    from,
    velocity: times(minus(plus(waypoint, times(missed, share)), from), 1 / afterS),
  });
  return roundOf({
    kind: "converging",
    conflict,
    fromS,
    closestS: fromS + afterS,
    straightOnS: STRAIGHT_ON_S,
    legs: [leg(hovers[0], -0.5), leg(hovers[1], 0.5)],
    ...miss,
  });
}

function isFlyable({ tracks, fromS, endS }: Round): boolean {
  return endS - fromS <= ROUND_S_MAX && tracks.every((track) => {
    const end = positionAt(track, endS);
    return isWithin(horizontalM(track.velocity), SPEED_MPS_LIMITS) && Math.abs(track.velocity.upM) <= CLIMB_MPS_MAX &&
      isWithin(end.upM, UP_M_LIMITS) && horizontalM(end) <= SITE_M_MAX;
  });
}

// At every change of velocity, also to somebody who sees one of two changes at the start first.
function isNearMiss({ tracks: [first, second] }: Round): boolean {
  const firstStopS = Math.min(first.stopS, second.stopS);
  const from = minus(second.from, first.from);
  const [slowed, moving] = first.stopS < second.stopS ? [STILL, second.velocity] : [first.velocity, STILL];
  return staysClear(from, minus(second.velocity, first.velocity)) &&
    staysClear(from, minus(STILL, first.velocity)) &&
    staysClear(from, second.velocity) &&
    staysClear(minus(positionAt(second, firstStopS), positionAt(first, firstStopS)), minus(moving, slowed));
}

function isWithin(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high;
}
