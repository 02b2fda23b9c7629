// A tenth of the drones flies straight on while its receiver repeats one place and goes on to tell the velocity. Nobody
// knows where such a drone is: a partner that flies towards that place is warned of it as of one that is silent.
import type { Point } from "../geo.ts";
import { legs, MotionFlight } from "../motion.ts";
import { plainPlan, type PlanContext, type Scenario } from "../plan.ts";
import { subjectOf } from "../truth.ts";

/** Of so many drones the first has the bad receiver, and the second is its partner. */
const TEN = 10;
/** Pairs are far from each other and from the pads. */
const SPACING_M = 4000;
const WEST_M = 40_000;
const ALTITUDE_M = 60;
const SPEED_MPS = 12;
const FLIES_S = 40;
const FROZEN_FROM_S = 6;
const FROZEN_S = 14;
/** As fast as allows it to stay clear of where the other really is. */
const PARTNER_MPS = 5;
const PARTNER_S = 22;
const PARTNER_M = 230;
/** Silent for longer than this a drone may be anywhere within its speed times its silence. */
const GHOST_US = 3e6;
const EARLY_US = 0.3e6;
const SLACK_US = 2.5e6;

/** Warned of is the ghost, once; the drones never come near each other. */
export const frozenReceiver: Scenario = (context) => {
  const { index, drones, startUs, idOf } = context;
  const role = index % TEN;
  const first = index - role;
  if (role > 1 || first + 1 >= drones) return plainPlan(context);
  const plan = { ...plainPlan(context, { staysAirborne: true }), site: siteOf(context) };
  const north: Point = { eastM: 0, northM: SPEED_MPS, upM: 0 };
  const west: Point = { eastM: -PARTNER_MPS, northM: 0, upM: 0 };
  const frozenAtM = FROZEN_FROM_S * SPEED_MPS;
  if (role === 1) {
    const from = { eastM: PARTNER_M, northM: frozenAtM, upM: ALTITUDE_M };
    return { ...plan, flight: new MotionFlight(from, legs({ forS: PARTNER_S, velocity: west })) };
  }
  const fromUs = startUs + FROZEN_FROM_S * 1e6;
  const ghostUs = fromUs + GHOST_US;
  const droneId = subjectOf([idOf(first), idOf(first + 1)]);
  return {
    ...plan,
    flight: new MotionFlight({ eastM: 0, northM: 0, upM: ALTITUDE_M }, legs({ forS: FLIES_S, velocity: north })),
    frozen: { fromUs, toUs: fromUs + FROZEN_S * 1e6 },
    expectedAlerts: [{ kind: "conflict", droneId, notBeforeUs: ghostUs - EARLY_US, byUs: ghostUs + SLACK_US }],
  };
};

function siteOf({ index }: PlanContext): Point {
  return { eastM: -WEST_M, northM: Math.floor(index / TEN) * SPACING_M, upM: 0 };
}
