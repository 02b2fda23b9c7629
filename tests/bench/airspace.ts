// The airspace on one core: a position update through the grid and the pairs, at constant density as the fleet grows. The
// plain way is a row of the matrix of all pairs, as BlueSky's state-based detection does it.
import { Airspace } from "../../aggregator/airspace/airspace.ts";
import { NO_FORMATION } from "../../aggregator/airspace/formations.ts";
import { AIRSPACE_DEFAULTS } from "../../aggregator/airspace/settings.ts";
import type { Fix } from "../../aggregator/airspace/track_rows.ts";
import { Alerts } from "../../aggregator/alerts/alerts.ts";
import type { Output } from "../../aggregator/outputs.ts";
import { Random } from "../../sim/random.ts";
import type { BenchCase } from "./bench_case.ts";
import type { BenchSettings } from "./comparison.ts";

const DRONES_PER_KM2 = 100;
const SIZES = [500, 2_000, 10_000, 50_000];
const BUDGET = { drones: 10_000, hz: 10 };
/** By then the sky is full, and what is in conflict from the beginning has been found. */
const ROUNDS_BEFORE = 2;
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
  /** Of its square. */
  sideM: number;
}

/** One update at each size, and one row of the matrix beside it. */
export function airspaceCases({ seed, smoke }: BenchSettings): BenchCase[] {
  return (smoke ? SIZES.slice(0, 2) : SIZES).map((drones) => {
    const ours = new Sky(fleet(drones, seed));
    const plain = new Matrix(fleet(drones, seed));
    return {
      name: `airspace: ${drones.toLocaleString("en-GB")} drones over ${drones / DRONES_PER_KM2} km²`,
      unit: "an update",
      ours: () => ours.update(),
      plain: { name: "all pairs, a row of the matrix", run: () => plain.row() },
      budget: drones === BUDGET.drones ? airspaceBudget : undefined,
      note: `each at ${1e6 / PERIOD_US} Hz; ${ours.conflicts} conflicts were open at the beginning; ours keeps and ` +
        "explains them, the matrix only finds them",
    };
  });
}

function airspaceBudget({ ours }: { ours: number }) {
  const [perS, wanted] = [1e9 / ours, BUDGET.drones * BUDGET.hz];
  return {
    text: `≥ ${wanted.toLocaleString("en-GB")} updates/s (${Math.round(perS / 1000)} k)`,
    met: perS >= wanted,
  };
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
      sideM,
    };
  });
}

/** Where it is after so many seconds: within its square, whose edges it is reflected by, so that it stays as dense. */
function fixOf({ eastM, northM, upM, east, north, sideM }: Flyer, seconds: number, timeUs: number): Fix {
  const [x, veMps] = reflected(eastM, east, { seconds, sideM });
  const [y, vnMps] = reflected(northM, north, { seconds, sideM });
  const latDeg = CENTRE.latDeg + y / M_PER_DEG;
  const lonDeg = CENTRE.lonDeg + x / M_PER_DEG / Math.cos(CENTRE.latDeg * Math.PI / 180);
  const known = { latDeg, lonDeg, altM: upM, vnMps, veMps, climbMps: 0, hAccM: 1, vAccM: 1.5 };
  return { ...known, timeUs, silenceUs: AIRSPACE_DEFAULTS.ghostAfterUs };
}

/** Place and speed of what flies to and fro between 0 and `sideM`. */
function reflected(
  fromM: number,
  mps: number,
  { seconds, sideM }: { seconds: number; sideM: number },
): [m: number, mps: number] {
  const there = fromM + mps * seconds;
  const m = there - Math.floor(there / (2 * sideM)) * 2 * sideM;
  return m > sideM ? [2 * sideM - m, -mps] : [m, mps];
}

/** A fleet whose updates are spread over each period; after the last one of a period comes a tick. */
class Sky {
  readonly #flyers: Flyer[];
  readonly #airspace: Airspace;
  #outputs: Output[] = [];
  #next = 0;
  #roundUs = T0_US;

  constructor(flyers: Flyer[]) {
    this.#flyers = flyers;
    const alerts = new Alerts({ openAlertsMax: 65_536, reminderUs: 60e6, urgentReminderUs: 5e6 });
    this.#airspace = new Airspace(AIRSPACE_DEFAULTS, { tracksMax: 65_536, alerts });
    for (let i = 0; i < ROUNDS_BEFORE * flyers.length; i++) this.update();
    if (this.tracks !== flyers.length) {
      throw new Error(`Cannot trust the sky: ${this.tracks} of ${flyers.length} drones are in it`);
    }
  }

  get tracks(): number {
    return this.#airspace.view.tracks;
  }

  get conflicts(): number {
    return this.#airspace.view.conflicts;
  }

  update(): void {
    const flyer = this.#flyers[this.#next]!;
    const { droneId } = flyer;
    const timeUs = this.#roundUs + Math.floor(this.#next / this.#flyers.length * PERIOD_US);
    const fix = fixOf(flyer, (timeUs - T0_US) / 1e6, timeUs);
    const trigger = { droneId, eventTimeUs: timeUs };
    this.#airspace.update({ droneId, formation: NO_FORMATION }, fix, {
      nowUs: timeUs,
      trigger,
      outputs: this.#outputs,
    });
    if (++this.#next < this.#flyers.length) return;
    this.#next = 0;
    this.#roundUs += PERIOD_US;
    this.#airspace.tick({ nowUs: this.#roundUs, trigger: null, outputs: this.#outputs }, -Infinity);
    this.#outputs = [];
  }
}

/** Of a snapshot: time and distance of every pair's closest approach, and the test of the cylinder, a drone after another. */
class Matrix {
  readonly #x: number[];
  readonly #y: number[];
  readonly #z: number[];
  readonly #vx: number[];
  readonly #vy: number[];
  #next = 0;
  #conflicts = 0;

  constructor(flyers: Flyer[]) {
    [this.#x, this.#y, this.#z] = [flyers.map((f) => f.eastM), flyers.map((f) => f.northM), flyers.map((f) => f.upM)];
    [this.#vx, this.#vy] = [flyers.map((f) => f.east), flyers.map((f) => f.north)];
  }

  row(): void {
    const [x, y, z, vx, vy] = [this.#x, this.#y, this.#z, this.#vx, this.#vy];
    const { radiusM, halfHeightM, lookAheadS } = AIRSPACE_DEFAULTS.warning;
    const a = this.#next;
    let conflicts = 0;
    for (let b = 0; b < x.length; b++) {
      const [sx, sy, wx, wy] = [x[a]! - x[b]!, y[a]! - y[b]!, vx[a]! - vx[b]!, vy[a]! - vy[b]!];
      const v2 = Math.max(1e-9, wx * wx + wy * wy);
      const tcpaS = -(sx * wx + sy * wy) / v2;
      const dcpa2 = Math.abs(sx * sx + sy * sy - tcpaS * tcpaS * v2);
      const halfS = Math.sqrt(Math.max(0, radiusM * radiusM - dcpa2) / v2);
      const near = dcpa2 < radiusM * radiusM && tcpaS + halfS > 0 && tcpaS - halfS < lookAheadS;
      if (a !== b && near && Math.abs(z[a]! - z[b]!) < halfHeightM) conflicts++;
    }
    this.#conflicts += conflicts;
    if (++this.#next < x.length) return;
    if (this.#conflicts % 2 !== 0) {
      throw new Error(`Cannot trust the matrix: ${this.#conflicts} conflicts are no pairs`);
    }
    this.#next = 0;
    this.#conflicts = 0;
  }
}
