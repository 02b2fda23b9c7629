// A fifth of the drones has a bad GPS receiver: single positions jump by kilometres, the fix is lost, or all is zero.
// Some frames are damaged on the way as well.
import { isChosen, plainPlan, type Scenario } from "../plan.ts";

const GLITCH_CHANCE = 0.02;
/** About 1 to 5 km. */
const JUMP_E7 = [100_000, 450_000] as const;

export const glitch: Scenario = (context) => {
  const plan = { ...plainPlan(context), malformedChance: 0.002 };
  if (!isChosen(context, 0.2)) return plan;
  const { random } = context;
  return {
    ...plan,
    glitch(position) {
      if (!random.chance(GLITCH_CHANCE)) return null;
      const sort = (["jump", "no-fix", "null-island"] as const)[random.whole(0, 2)]!;
      if (sort === "jump") {
        position.latE7 += random.whole(...JUMP_E7);
        position.lonE7 -= random.whole(...JUMP_E7);
      } else {
        Object.assign(position, { fixType: 1, satellites: 3, hAccMm: undefined, vAccMm: undefined });
        if (sort === "null-island") Object.assign(position, { latE7: 0, lonE7: 0, fixType: 0 });
      }
      return sort;
    },
  };
};
