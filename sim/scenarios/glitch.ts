// A fifth of the drones has a bad GPS receiver: single positions jump by kilometres, the fix is lost, or all is zero.
// Some frames are damaged on the way as well.
import type { Position } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { isChosen, plainPlan, type Scenario } from "../plan.ts";
import type { Random } from "../random.ts";
import type { TrueGlitch } from "../truth.ts";

const GLITCH_CHANCE = 0.02;
/** About 1 to 5 km. */
const JUMP_E7 = [100_000, 450_000] as const;
/** A jump is one only from where the drone was seen before. */
const GOOD_FIRST_US = 1e6;
/** An alert ends after 10 s without a glitch: there is none at about that time, which would begin another, or not. */
const SAME_ALERT_US_MAX = 9e6;
const NEXT_ALERT_US_MIN = 11e6;
const SLACK_US = 2e6;

/** Warned of is the first of some glitches that are less than 10 s apart. */
export const glitch: Scenario = (context) => {
  const isBad = isChosen(context, 0.2);
  // Of a drone on the ground nobody is told that its receiver is bad.
  const plan = { ...plainPlan(context, { staysAirborne: isBad }), malformedChance: 0.002 };
  if (!isBad) return plan;
  const { random, droneId, startUs } = context;
  let lastUs = -Infinity;
  plan.glitch = (position, atUs) => {
    const sinceUs = atUs - lastUs;
    if (!random.chance(GLITCH_CHANCE) || atUs - startUs < GOOD_FIRST_US) return null;
    if (sinceUs > SAME_ALERT_US_MAX && sinceUs < NEXT_ALERT_US_MIN) return null;
    lastUs = atUs;
    if (sinceUs >= NEXT_ALERT_US_MIN) {
      const notBeforeUs = Math.floor(atUs);
      plan.expectedAlerts.push({ kind: "position-glitch", droneId, notBeforeUs, byUs: notBeforeUs + SLACK_US });
    }
    return spoil(position, random);
  };
  return plan;
};

function spoil(position: Position, random: Random): TrueGlitch["sort"] {
  const sort = (["jump", "no-fix", "null-island"] as const)[random.whole(0, 2)]!;
  if (sort === "jump") {
    position.latE7 += random.whole(...JUMP_E7);
    position.lonE7 -= random.whole(...JUMP_E7);
    return sort;
  }
  Object.assign(position, { fixType: 1, satellites: 3, hAccMm: undefined, vAccMm: undefined });
  if (sort === "null-island") Object.assign(position, { latE7: 0, lonE7: 0, fixType: 0 });
  return sort;
}
