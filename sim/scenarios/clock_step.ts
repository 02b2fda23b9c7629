// Of ten drones in flight the clock of one is set back by 5 min, that of another is ahead by 18 s until it is corrected,
// and that of a third stops. The first two fly at each other afterwards, and are warned in time.
import type { Point } from "../geo.ts";
import { legs, MotionFlight } from "../motion.ts";
import { type DronePlan, plainPlan, type PlanContext, type Scenario } from "../plan.ts";
import { subjectOf } from "../truth.ts";

const TEN = 10;
const SPACING_M = 4000;
const WEST_M = 40_000;
const ALTITUDE_M = 60;
const BACK_AT_S = 5;
const BACK_US = 300e6;
const AHEAD_AT_S = 4;
const AHEAD_US = 18e6;
const CORRECTED_AT_S = 12;
const STOPPED_AT_S = 6;
/** Both hover, then fly at each other, closest in the middle of it, and hover far apart. */
const HOVER_S = 8;
const FLIES_S = 40;
const SPEED_MPS = 8;
const ASIDE_M = 4;
const WARNED_BEFORE_US = 8e6;
const SLACK_US = 10e6;

type Clock = DronePlan["clock"];

/** Warned of are the clocks, each once, and the conflict. */
export const clockStep: Scenario = (context) => {
  const { index, drones, droneId, startUs, idOf } = context;
  const role = index % TEN;
  const at = (s: number) => startUs + s * 1e6;
  const skew = (s: number) => ({ kind: "clock-skew", droneId, notBeforeUs: at(s), byUs: at(s) + SLACK_US });
  if (role === 2) {
    const clock: Clock = (trueUs) => Math.min(trueUs, at(STOPPED_AT_S));
    return { ...plainPlan(context, { staysAirborne: true }), clock, expectedAlerts: [skew(STOPPED_AT_S)] };
  }
  if (role > 2) return plainPlan(context);
  const plan = { ...plainPlan(context, { staysAirborne: true }), site: siteOf(context), flight: flightOf(role) };
  if (role === 1) {
    const isAhead = (trueUs: number) => trueUs >= at(AHEAD_AT_S) && trueUs < at(CORRECTED_AT_S);
    const clock: Clock = (trueUs) => isAhead(trueUs) ? trueUs + AHEAD_US : trueUs;
    return { ...plan, clock, expectedAlerts: [skew(AHEAD_AT_S)] };
  }
  const clock: Clock = (trueUs) => trueUs < at(BACK_AT_S) ? trueUs : trueUs - BACK_US;
  const expectedAlerts = [skew(BACK_AT_S)];
  if (index + 1 < drones) {
    const pair = subjectOf([droneId, idOf(index + 1)]);
    const byUs = at(HOVER_S + FLIES_S / 2) - WARNED_BEFORE_US;
    expectedAlerts.push({ kind: "conflict", droneId: pair, notBeforeUs: at(HOVER_S), byUs });
  }
  return { ...plan, clock, expectedAlerts };
};

function flightOf(role: number): MotionFlight {
  const side = role === 0 ? -1 : 1;
  const still: Point = { eastM: 0, northM: 0, upM: 0 };
  const towards: Point = { eastM: -side * SPEED_MPS, northM: 0, upM: 0 };
  const from = { eastM: side * SPEED_MPS * FLIES_S / 2, northM: side * ASIDE_M / 2, upM: ALTITUDE_M };
  return new MotionFlight(from, legs({ forS: HOVER_S, velocity: still }, { forS: FLIES_S, velocity: towards }));
}

function siteOf({ index }: PlanContext): Point {
  return { eastM: -WEST_M, northM: Math.floor(index / TEN) * SPACING_M, upM: 0 };
}
