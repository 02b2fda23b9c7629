// Pairs of drones meet again and again, on straight tracks: every second time they pass through each other's protected
// cylinder, the other times they just miss it. A last drone without a partner flies a mission, far from all of them.
import { EncounterFlight } from "../encounters/flight.ts";
import type { Round } from "../encounters/round.ts";
import { encounterRounds } from "../encounters/script.ts";
import type { Point } from "../geo.ts";
import { plainPlan, type PlanContext, type Scenario } from "../plan.ts";
import { subjectOf, type TrueEncounter } from "../truth.ts";

/** Pairs fly so far apart that only partners meet. */
const PAIR_SPACING_M = 3000;
/** A conflict is warned of at least so long before the closest approach. */
const WARNED_BEFORE_US = 8e6;

/** Warned of are the conflicts, each once; not the near-misses. */
export const crossing: Scenario = (context) => {
  const { index, drones, seed } = context;
  const pair = index >> 1;
  const plan = { ...plainPlan(context, { staysAirborne: true }), site: siteOf(pair, Math.ceil(drones / 2)) };
  if ((index ^ 1) >= drones) return plan;
  const side = index % 2 === 0 ? 0 : 1;
  // One of the two tells the truth for both.
  const onRound = (round: Round) => {
    if (side === 1) return;
    const encounter = encounterOf(round, context);
    plan.encounters.push(encounter);
    if (!encounter.conflict) return;
    const { droneIds, fromUs, atUs } = encounter;
    const droneId = subjectOf(droneIds);
    plan.expectedAlerts.push({ kind: "conflict", droneId, notBeforeUs: fromUs, byUs: atUs - WARNED_BEFORE_US });
  };
  return { ...plan, flight: new EncounterFlight(encounterRounds({ seed, pair }), { side, onRound }) };
};

function encounterOf(round: Round, { index, startUs, idOf }: PlanContext): TrueEncounter {
  const { kind, conflict, fromS, closestS, horizontalM, verticalM } = round;
  const atTime = (s: number) => Math.floor(startUs + s * 1e6);
  return {
    droneIds: [idOf(index), idOf(index + 1)],
    kind,
    conflict,
    fromUs: atTime(fromS),
    atUs: atTime(closestS),
    horizontalM,
    verticalM,
  };
}

// On a square grid around the fleet's centre.
function siteOf(pair: number, pairs: number): Point {
  const columns = Math.ceil(Math.sqrt(pairs));
  return {
    eastM: (pair % columns - (columns - 1) / 2) * PAIR_SPACING_M,
    northM: (Math.floor(pair / columns) - (columns - 1) / 2) * PAIR_SPACING_M,
    upM: 0,
  };
}
