// One encounter of a pair: both fly straight past each other, one stops, the other flies on until they are far apart,
// then both hover. At any time after the start at most one of them changes its velocity, so that whoever has seen only
// the older one of two fixes predicts nothing that neither did.
import { horizontalDot, horizontalM, minus, plus, type Point, times } from "../geo.ts";
import type { EncounterKind } from "../truth.ts";
import type { Miss } from "./miss.ts";

/** Of one drone: straight from `from`, metres from the pair's site, at constant velocity in m/s. */
export interface Leg {
  from: Point;
  velocity: Point;
}

/** A leg in time, seconds since the fleet's start; hovers after `stopS`. */
export interface Track extends Leg {
  fromS: number;
  stopS: number;
}

/** How two drones come near each other. Times in seconds since the fleet's start. */
export interface Approach extends Miss {
  kind: EncounterKind;
  conflict: boolean;
  fromS: number;
  closestS: number;
  /** Both fly straight on for so long after the closest approach. */
  straightOnS: number;
  legs: [Leg, Leg];
}

/** An approach and what follows it; the next one begins at `endS`, from where both hover. */
export interface Round extends Approach {
  tracks: [Track, Track];
  endS: number;
}

/** Where the last drone stops: at least so far from the other, sideways. */
const APART_M = 170;
const HOVER_S = 3;
/** One stops at least so much before the other: longer than a fix may be old. */
const ALONE_S_MIN = 1.5;
/** No motion: hovers. */
export const STILL: Point = { eastM: 0, northM: 0, upM: 0 };

/** Metres from the pair's site, at `atS` seconds after the fleet's start and not before the leg's. */
export function positionAt({ from, velocity, fromS, stopS }: Track, atS: number): Point {
  return plus(from, times(velocity, Math.min(atS, stopS) - fromS));
}

/** When each of them stops, and the hover until the next round. */
export function roundOf(approach: Approach): Round {
  const { fromS, closestS, straightOnS, legs } = approach;
  const firstStopS = closestS + straightOnS;
  const [first, second] = legs.map(({ from, velocity }) => plus(from, times(velocity, firstStopS - fromS)));
  const apart = minus(second!, first!);
  // They move apart, and each has its share of that: the one with the larger share does so even when alone.
  const shares = [-horizontalDot(apart, legs[0].velocity), horizontalDot(apart, legs[1].velocity)] as const;
  const last = shares[1] > shares[0] ? 1 : 0;
  const aloneS = Math.max(
    ALONE_S_MIN,
    secondsUntilApart(last === 1 ? apart : minus(STILL, apart), legs[last].velocity),
  );
  const stopS = [firstStopS, firstStopS + aloneS];
  const track = (side: 0 | 1): Track => ({ ...legs[side], fromS, stopS: stopS[side === last ? 1 : 0]! });
  return { ...approach, tracks: [track(0), track(1)], endS: firstStopS + aloneS + HOVER_S };
}

// Until |apart + t·velocity| is APART_M, both horizontal: the later root of t²·v·v + 2t·a·v + a·a − APART_M² = 0.
function secondsUntilApart(apart: Point, velocity: Point): number {
  const missing = APART_M ** 2 - horizontalM(apart) ** 2;
  if (missing <= 0) return 0;
  const square = horizontalM(velocity) ** 2;
  const along = horizontalDot(apart, velocity);
  return (Math.sqrt(along * along + square * missing) - along) / square;
}
