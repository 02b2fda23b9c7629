// The airspace on one core: position updates through the grid and the pairs, at constant density as the fleet grows. The
// rival is the matrix of all pairs, a snapshot at a time, as BlueSky's state-based detection does it.
import { Airspace } from "../../aggregator/airspace/airspace.ts";
import { AIRSPACE_DEFAULTS } from "../../aggregator/airspace/settings.ts";
import type { Fix } from "../../aggregator/airspace/track_rows.ts";
import { Alerts } from "../../aggregator/pipeline/alerts.ts";
import type { Output } from "../../aggregator/pipeline/outputs.ts";
import { Random } from "../../sim/random.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { compareCrowds } from "./crowd.ts";

const DRONES_PER_KM2 = 100;
const SIZES = [500, 2_000, 10_000, 50_000];
const BUDGET = { drones: 10_000, hz: 10 };
/** The matrix of more takes minutes: its time is taken from this many, with n². */
const MATRIX_DRONES_MAX = 10_000;
const PERIOD_US = 100_000;
const SPEED_MPS_MAX = 14;
/** Courses of one eighth of the compass share a layer, as free flight at such a density would be ordered. */
const LAYERS = 8;
const LAYER_M = 30;
const M_PER_DEG = 111_320;
const CENTRE = { latDeg: 47.4, lonDeg: 8.5 };
const T0_US = 1_790_000_000_000_000;

interface Flyer {
  droneId: string;
  eastM: number;
  northM: number;
  upM: number;
  east: number;
  north: number;
}

interface Measured {
  nsPerUpdate: number;
  conflicts: number;
}

/** ns an update at each size, and the matrix beside it where it ends in reasonable time. */
export function compareAirspace(settings: BenchSettings): Promise<Comparison[]> {
  const { seed, smoke } = settings;
  const comparisons: Comparison[] = [];
  for (const drones of smoke ? SIZES.slice(0, 2) : SIZES) {
    const ours = flyThrough(fleet(drones, seed), smoke ? 4 : 15);
    const few = Math.min(drones, MATRIX_DRONES_MAX);
    const matrixNs = median([1, 2, 3].map(() => matrix(fleet(few, seed)))) * drones / few;
    const perS = 1e9 / ours.nsPerUpdate;
    const wanted = BUDGET.drones * BUDGET.hz;
    comparisons.push({
      name: `airspace, ${drones} drones over ${drones / DRONES_PER_KM2} km², each at ${BUDGET.hz} Hz`,
      unit: "ns an update",
      ours: ours.nsPerUpdate,
      rival: {
        name: drones > MATRIX_DRONES_MAX ? "all pairs (from 10,000 drones, n²)" : "all pairs, a matrix a snapshot",
        value: matrixNs,
      },
      limit: { name: `one core at ${BUDGET.hz} Hz`, value: 1e9 / (drones * BUDGET.hz) },
      budget: drones === BUDGET.drones
        ? { text: `≥ ${wanted.toLocaleString("en-GB")} updates/s (${Math.round(perS / 1000)} k)`, met: perS >= wanted }
        : null,
      note:
        `${ours.conflicts} conflicts were open at the end; ours keeps and explains them, the matrix only finds them`,
    });
  }
  return Promise.resolve([...comparisons, ...compareCrowds(settings)]);
}

function fleet(drones: number, seed: number): Flyer[] {
  const random = new Random(seed, 1);
  const sideM = Math.sqrt(drones / DRONES_PER_KM2) * 1000;
  return Array.from({ length: drones }, (_, i) => {
    const course = random.between(0, 2 * Math.PI);
    const mps = random.between(0, SPEED_MPS_MAX);
    return {
      droneId: `drone-${i}`,
      eastM: random.between(0, sideM),
      northM: random.between(0, sideM),
      upM: 30 + Math.floor(course / (2 * Math.PI) * LAYERS) * LAYER_M,
      east: mps * Math.sin(course),
      north: mps * Math.cos(course),
    };
  });
}

function fixOf({ eastM, northM, upM, east, north }: Flyer, seconds: number, timeUs: number): Fix {
  const latDeg = CENTRE.latDeg + (northM + north * seconds) / M_PER_DEG;
  const lonDeg = CENTRE.lonDeg + (eastM + east * seconds) / M_PER_DEG / Math.cos(CENTRE.latDeg * Math.PI / 180);
  const known = { latDeg, lonDeg, altM: upM, vnMps: north, veMps: east, climbMps: 0, hAccM: 1, vAccM: 1.5 };
  return { ...known, timeUs, silenceUs: AIRSPACE_DEFAULTS.ghostAfterUs };
}

// Each round is one update of every drone, spread over the period; the first fills the sky.
function flyThrough(flyers: Flyer[], rounds: number): Measured {
  const alerts = new Alerts({ openMax: 65_536, reminderUs: 60e6, urgentReminderUs: 5e6 });
  const airspace = new Airspace({ ...AIRSPACE_DEFAULTS, tracksMax: 65_536 }, alerts);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const roundUs = T0_US + round * PERIOD_US;
    const fixes = flyers.map((flyer, i) => {
      const timeUs = roundUs + Math.floor(i / flyers.length * PERIOD_US);
      return fixOf(flyer, (timeUs - T0_US) / 1e6, timeUs);
    });
    const outputs: Output[] = [];
    const startMs = performance.now();
    for (const [i, fix] of fixes.entries()) {
      const { droneId } = flyers[i]!;
      airspace.update({ droneId, formation: "" }, fix, {
        nowUs: fix.timeUs,
        trigger: { droneId, eventTimeUs: fix.timeUs },
        outputs,
      });
    }
    airspace.tick({ nowUs: roundUs + PERIOD_US, trigger: null, outputs }, -Infinity);
    if (round > 1) times.push((performance.now() - startMs) * 1e6 / flyers.length);
  }
  return { nsPerUpdate: median(times), conflicts: airspace.view.conflicts };
}

// ns for each drone of a snapshot: time and distance of every pair's closest approach, and the test of the cylinder.
function matrix(flyers: Flyer[]): number {
  const [x, y, z] = [flyers.map((f) => f.eastM), flyers.map((f) => f.northM), flyers.map((f) => f.upM)];
  const [vx, vy] = [flyers.map((f) => f.east), flyers.map((f) => f.north)];
  const { radiusM, halfHeightM, lookAheadS } = AIRSPACE_DEFAULTS.warn;
  const startMs = performance.now();
  let conflicts = 0;
  for (let a = 0; a < flyers.length; a++) {
    for (let b = 0; b < flyers.length; b++) {
      const [sx, sy, wx, wy] = [x[a]! - x[b]!, y[a]! - y[b]!, vx[a]! - vx[b]!, vy[a]! - vy[b]!];
      const v2 = Math.max(1e-9, wx * wx + wy * wy);
      const tcpaS = -(sx * wx + sy * wy) / v2;
      const dcpa2 = Math.abs(sx * sx + sy * sy - tcpaS * tcpaS * v2);
      const halfS = Math.sqrt(Math.max(0, radiusM * radiusM - dcpa2) / v2);
      const near = dcpa2 < radiusM * radiusM && tcpaS + halfS > 0 && tcpaS - halfS < lookAheadS;
      if (a !== b && near && Math.abs(z[a]! - z[b]!) < halfHeightM) conflicts++;
    }
  }
  const ns = (performance.now() - startMs) * 1e6 / flyers.length;
  if (conflicts % 2 !== 0) throw new Error(`Cannot trust the matrix: ${conflicts} conflicts are not pairs`);
  return ns;
}
