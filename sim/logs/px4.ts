// What the topics of a PX4 log say: the estimated position with what the receiver last said of its fix, each pack's
// battery, and what looked for obstacles.
import {
  batteryRow,
  fixTypeOf,
  type Measured,
  positionRow,
  scaled,
  scaledAbove0,
  scaledMetres,
  type Values,
  type Velocity,
  velocityOf,
} from "./measured.ts";
import { lookRow, ringRow } from "./px4_obstacles.ts";

/** One message of a topic. */
export interface Px4Message {
  topic: string;
  /** Of several receivers, packs or sensors. */
  instance: number;
  /** Since boot. */
  timeUs: number;
  values: Values;
}

const ESTIMATE = "vehicle_global_position";
/** The receiver's own, the one that is flown by before any one of several. */
const RECEIVERS = ["vehicle_gps_position", "sensor_gps"] as const;
const FIX_US_MAX = 10_000_000;
const VELOCITY_US_MAX = 1_000_000;
const DEGREES = 180 / Math.PI;
/** battery_status.warning, to MAV_BATTERY_CHARGE_STATE: none, low, critical, emergency, failed; unhealthy, charging. */
const CHARGE_STATES = [1, 2, 3, 4, 5, 0, 6, 7];

/** Of all topics, those that this reads. */
export const PX4_TOPICS: ReadonlySet<string> = new Set([
  ESTIMATE,
  ...RECEIVERS,
  "vehicle_local_position",
  "home_position",
  "battery_status",
  "obstacle_distance",
  "distance_sensor",
]);

interface Heard<T> {
  timeUs: number;
  value: T;
}

interface Fix {
  fixType: number;
  satellites: number | undefined;
  hAccMm: number | undefined;
  vAccMm: number | undefined;
}

export class Px4Flight {
  readonly #hasEstimate: boolean;
  readonly #receiver: string | undefined;
  #fix: Heard<Fix> | null = null;
  #motion: Heard<{ velocity: Velocity | undefined; headingCdeg: number | undefined }> | null = null;
  #homeM: number | undefined;

  /** @param topics that the log has messages of */
  constructor(topics: ReadonlySet<string>) {
    this.#hasEstimate = topics.has(ESTIMATE);
    this.#receiver = RECEIVERS.find((topic) => topics.has(topic));
  }

  /** The row that a message makes, given those before it; null: none. */
  take({ topic, instance, timeUs, values }: Px4Message): Measured | null {
    if (topic === "battery_status") return battery(timeUs, { instance, values });
    if (topic === "obstacle_distance") return ringRow(timeUs, values);
    if (topic === "distance_sensor") return lookRow(timeUs, { instance, values });
    if (instance !== 0) return null;
    if (topic === ESTIMATE) return this.#estimated(timeUs, values);
    if (topic === this.#receiver) return this.#received(timeUs, values);
    if (topic === "vehicle_local_position") this.#motion = { timeUs, value: motionOf(values) };
    if (topic === "home_position") this.#homeM = values.valid_alt === false ? undefined : finite(values.alt);
    return null;
  }

  #estimated(timeUs: number, values: Values): Measured | null {
    if (values.lat_lon_valid === false) return null;
    const altM = values.alt_valid === false ? undefined : finite(values.alt);
    const motion = fresh(this.#motion, timeUs - VELOCITY_US_MAX);
    return positionRow(timeUs, {
      latE7: scaled(values.lat, 1e7),
      lonE7: scaled(values.lon, 1e7),
      ...this.#heights(altM),
      // Before PX4 1.11 it was in this topic.
      velocity: velocityOf(values.vel_n, values.vel_e, { down: values.vel_d }) ?? motion?.velocity,
      headingCdeg: motion?.headingCdeg,
      ...fresh(this.#fix, timeUs - FIX_US_MAX),
    });
  }

  // Degrees and metres since PX4 1.14, integers before.
  #received(timeUs: number, values: Values): Measured | null {
    const fix = {
      fixType: fixTypeOf(values.fix_type),
      satellites: scaledAbove0(values.satellites_used, 1),
      hAccMm: scaledAbove0(values.eph, 1000),
      vAccMm: scaledAbove0(values.epv, 1000),
    };
    this.#fix = { timeUs, value: fix };
    if (this.#hasEstimate) return null;
    const altMm = finite(values.alt);
    return positionRow(timeUs, {
      latE7: scaled(values.latitude_deg, 1e7) ?? scaled(values.lat, 1),
      lonE7: scaled(values.longitude_deg, 1e7) ?? scaled(values.lon, 1),
      ...this.#heights(finite(values.altitude_msl_m) ?? (altMm === undefined ? undefined : altMm / 1000)),
      velocity: values.vel_ned_valid === false
        ? undefined
        : velocityOf(values.vel_n_m_s, values.vel_e_m_s, { down: values.vel_d_m_s }),
      ...fix,
    });
  }

  #heights(altM: number | undefined) {
    const altHomeM = altM === undefined || this.#homeM === undefined ? undefined : altM - this.#homeM;
    return { altMslMm: scaledMetres(altM, 1000), altHomeMm: scaledMetres(altHomeM, 1000) };
  }
}

function motionOf(values: Values) {
  const degrees = finite(values.heading) ?? finite(values.yaw);
  const isValid = values.v_xy_valid !== false;
  return {
    velocity: isValid ? velocityOf(values.vx, values.vy, { down: values.vz }) : undefined,
    headingCdeg: degrees === undefined ? undefined : ((scaled(degrees * DEGREES, 100) ?? 0) % 36_000 + 36_000) % 36_000,
  };
}

function battery(timeUs: number, { instance, values }: { instance: number; values: Values }): Measured | null {
  if (values.connected === false) return null;
  const currentA = finite(values.current_a);
  const remaining = finite(values.remaining);
  return batteryRow(timeUs, {
    id: instance,
    voltageMv: scaledAbove0(values.voltage_v, 1000),
    // −1: not measured.
    currentCa: currentA === -1 ? undefined : scaled(currentA, 100),
    remainingCpct: remaining === undefined || remaining < 0 || remaining > 1 ? undefined : scaled(remaining, 10_000),
    temperatureCdegc: scaled(values.temperature, 100),
    chargeState: CHARGE_STATES[finite(values.warning) ?? -1] ?? 0,
  });
}

function fresh<T>(heard: Heard<T> | null, sinceUs: number): T | undefined {
  return heard && heard.timeUs >= sinceUs ? heard.value : undefined;
}

function finite(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
