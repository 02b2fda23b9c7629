// A fifth of the drones, all airborne, meets obstacles that come near; the sensors of the others see a thing for a
// single look at times, of which nobody should be warned.
import { ApproachingObstacles } from "../approaching_obstacles.ts";
import { ClutteredSensor } from "../cluttered_sensor.ts";
import { ObstacleFrame } from "../obstacles.ts";
import { isChosen, plainPlan, type Scenario } from "../plan.ts";

const SHARE = 0.2;
/** Urgent is what would hit within 5 s, seen twice: here with noise, and with time for both looks. */
const EARLIEST_US = 5.5e6;
const LATEST_US = 4.2e6;
const SLACK_US = 0.5e6;

/** Warned of are the approaches, each once; not the clutter. */
export const obstacle: Scenario = (context) => {
  const { random, startUs, droneId, index } = context;
  if (!isChosen(context, SHARE)) {
    const plan = plainPlan(context);
    return { ...plan, obstacles: new ClutteredSensor(plan.obstacles, { random, startUs }) };
  }
  const plan = plainPlan(context, { staysAirborne: true });
  plan.obstacles = new ApproachingObstacles({
    random,
    startUs,
    frame: Math.floor(index * SHARE) % 2 === 0 ? ObstacleFrame.body : ObstacleFrame.north,
    onApproach: ({ hitUs }) => {
      const byUs = hitUs - LATEST_US + SLACK_US;
      plan.expectedAlerts.push({ kind: "obstacle", droneId, notBeforeUs: hitUs - EARLIEST_US, byUs });
    },
  });
  return plan;
};
