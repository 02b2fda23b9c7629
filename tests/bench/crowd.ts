// What must stay bounded however many come together: an update of a drone in a crowd, and a drone more than there is room for.
// Ours beside the plain way: testing all that are near, and looking for the drone that has been silent longest.
import { Airspace } from "../../aggregator/airspace/airspace.ts";
import { AIRSPACE_DEFAULTS } from "../../aggregator/airspace/settings.ts";
import { Alerts } from "../../aggregator/alerts/alerts.ts";
import { Drones } from "../../aggregator/pipeline/drones/drones.ts";
import type { Output } from "../../aggregator/outputs.ts";
import { Random } from "../../sim/random.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";

const CROWD = 2000;
/** Of the square that all of them are in: each is within the warning volume of each, or flies through it within seconds. */
const CROWD_SIDES_M = [50, 300];
const CROWD_MPS = 8;
const UPDATE_US_MAX = 50;
const DRONES_MAX = 65_536;
/** As much as a batch may be held up by one more drone. */
const NEW_ID_US_MAX = 50;
const T0_US = 1_790_000_000_000_000;
const PERIOD_US = 100_000;
const M_PER_DEG = 111_320;

/** ns an update in a crowd of undeclared drones and of one formation, and ns a new id beyond the bound. */
export function compareCrowds(settings: BenchSettings): Comparison[] {
  const crowds = CROWD_SIDES_M.flatMap((sideM) =>
    ["", "show"].map((formation) => compareCrowd(settings, { sideM, formation }))
  );
  return [...crowds, compareEviction(settings)];
}

function compareCrowd(
  { seed, smoke }: BenchSettings,
  { sideM, formation }: { sideM: number; formation: string },
): Comparison {
  const rounds = smoke ? 4 : 15;
  const ours = flyTogether({ seed, sideM, rounds, settings: AIRSPACE_DEFAULTS, formation });
  // Whoever is in reach is tested, and warned of one by one, up to the bounds.
  const all = { ...AIRSPACE_DEFAULTS, testsMax: CROWD, crowdPairs: CROWD };
  const rival = flyTogether({ seed, sideM, rounds: smoke ? 2 : 4, settings: all, formation: "" });
  const limitNs = UPDATE_US_MAX * 1000;
  return {
    name: `crowd, ${CROWD} drones${formation && " of one formation"} within ${sideM} m, flying at ${CROWD_MPS} m/s`,
    unit: "ns an update",
    ours: ours.nsPerUpdate,
    rival: { name: "all pairs tested, each told", value: rival.nsPerUpdate },
    limit: { name: "promised", value: limitNs },
    budget: { text: `≤ ${UPDATE_US_MAX} µs an update`, met: ours.nsPerUpdate <= limitNs },
    note: `alerts open at the end: ${ours.alerts}, ${rival.alerts} told one by one`,
  };
}

function flyTogether(
  { seed, sideM, rounds, settings, formation }: {
    seed: number;
    sideM: number;
    rounds: number;
    settings: typeof AIRSPACE_DEFAULTS;
    formation: string;
  },
): { nsPerUpdate: number; alerts: number } {
  const random = new Random(seed, 2);
  const flyers = Array.from({ length: CROWD }, (_, i) => {
    const courseRad = random.between(0, 2 * Math.PI);
    return {
      droneId: `drone-${i}`,
      formation,
      ...{ eastM: random.between(0, sideM), northM: random.between(0, sideM), upM: random.between(60, 80) },
      ...{ east: CROWD_MPS * Math.sin(courseRad), north: CROWD_MPS * Math.cos(courseRad) },
    };
  });
  const alerts = new Alerts({ openAlertsMax: 65_536, reminderUs: 60e6, urgentReminderUs: 5e6 });
  const airspace = new Airspace(settings, { tracksMax: 65_536, alerts });
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const outputs: Output[] = [];
    const startMs = performance.now();
    for (const [i, { droneId, eastM, northM, upM, east, north }] of flyers.entries()) {
      const timeUs = T0_US + round * PERIOD_US + Math.floor(i / CROWD * PERIOD_US);
      // To and fro: they stay together.
      const s = (round % 2) * PERIOD_US / 1e6;
      const place = {
        latDeg: 47.4 + (northM + north * s) / M_PER_DEG,
        lonDeg: 8.5 + (eastM + east * s) / 75_000,
        altM: upM,
      };
      const fix = { ...place, vnMps: north, veMps: east, climbMps: 0, hAccM: 1, vAccM: 1.5, timeUs };
      const step = { nowUs: timeUs, trigger: { droneId, eventTimeUs: timeUs }, outputs };
      airspace.update({ droneId, formation }, { ...fix, silenceUs: settings.ghostAfterUs }, step);
    }
    airspace.tick({ nowUs: T0_US + (round + 1) * PERIOD_US, trigger: null, outputs }, -Infinity);
    times.push((performance.now() - startMs) * 1e6 / CROWD);
  }
  return { nsPerUpdate: median(times.slice(1)), alerts: alerts.openCount };
}

function compareEviction({ smoke }: BenchSettings): Comparison {
  const drones = new Drones(DRONES_MAX, { beforeDrone: () => {} });
  let nowUs = T0_US;
  let next = 0;
  const add = () => {
    const drone = drones.add(`drone-${next++}`, { fleet: "fleet", zone: "north", nowUs: ++nowUs });
    drone.lastIngestionTimeUs = nowUs;
  };
  while (drones.size < DRONES_MAX) add();
  const count = smoke ? 2000 : 50_000;
  const startMs = performance.now();
  for (let i = 0; i < count; i++) add();
  const ours = (performance.now() - startMs) * 1e6 / count;
  const lookMs = performance.now();
  const looks = smoke ? 3 : 30;
  for (let i = 0; i < looks; i++) silentest(drones);
  const rival = (performance.now() - lookMs) * 1e6 / looks;
  return {
    name: `a new id beyond ${DRONES_MAX.toLocaleString("en-GB")} drones`,
    unit: "ns a new id",
    ours,
    rival: { name: "looking for the silentest of all", value: rival },
    limit: { name: "promised", value: NEW_ID_US_MAX * 1000 },
    budget: { text: `≤ ${NEW_ID_US_MAX} µs a new id`, met: ours <= NEW_ID_US_MAX * 1000 },
    note: "the drone itself is made, too",
  };
}

function silentest(drones: Drones): string | undefined {
  let [droneId, sinceUs] = [undefined as string | undefined, Infinity];
  for (const drone of drones.values()) {
    if (drone.lastIngestionTimeUs < sinceUs) [droneId, sinceUs] = [drone.droneId, drone.lastIngestionTimeUs];
  }
  return droneId;
}
