// A fix that shows no movement worth forwarding. Every doubt forwards: another boot, time going back or standing still, an
// altitude that appears or disappears, a velocity that contradicts the place, a cadence at which the next fix would leave
// a gap over 1 s.
import { cosE7, haversine } from "./haversine";
import {
  DRONE_ALERT_OPEN,
  FIX_ALT_HOME,
  FIX_ALT_MSL,
  FIX_COS_LAT,
  FIX_FLAGS,
  FIX_LAT,
  FIX_LON,
  FIX_MS,
  FIX_NEARBY_COS,
  FIX_NEARBY_LAT,
  FIX_PRESENCE,
  FIX_PREVIOUS_MS,
  FIX_PREVIOUS_US,
  FIX_SLOT,
  FIX_TIME_US,
  FIX_TYPE,
  RECORD_EVENT_S,
  RECORD_EVENT_US,
  RECORD_FLAGS,
  RECORD_PAYLOAD,
  RECORD_PRESENCE,
} from "./layout";

const POSITION_ALT_MSL: usize = RECORD_PAYLOAD + 8;
const POSITION_ALT_HOME: usize = RECORD_PAYLOAD + 12;
const POSITION_VN: usize = RECORD_PAYLOAD + 16;
const POSITION_VE: usize = RECORD_PAYLOAD + 20;
const POSITION_VD: usize = RECORD_PAYLOAD + 24;
const POSITION_FIX_TYPE: usize = RECORD_PAYLOAD + 40;
const FLAG_NO_VELOCITY: u32 = 128;
const ALT_MSL_PRESENT: u32 = 1;
const ALT_HOME_PRESENT: u32 = 2;
const SAME_PLACE_M: f64 = 0.5;
const SAME_ALTITUDE_MM: i64 = 500;
const SAME_FIX_US: i64 = 1000000;
const SAME_FIX_MS: f64 = 1000;
/** So far behind the arrivals, a drone's clock does not tell how long it is since. */
const CLOCK_LAG_MS: f64 = 200;
/** 1 m, in cm · ms of speed and time: told to be faster, a drone has moved. */
const SAME_PLACE_CM_MS: f64 = 100 * 1000;
/** 0.5 m along a meridian are 44.97 of these units. */
const SAME_PLACE_E7: i64 = 46;
const LAT_E7_MAX: i64 = 900000000;
const HALF_TURN_E7: i64 = 1800000000;
/** 0.01°: over it the cosine changes by less than `NEARBY_COS_ERROR`. */
const NEARBY_E7: i64 = 100000;
const NEARBY_COS_ERROR: f64 = 2e-4;

function eventTimeUs(record: usize): i64 {
  return <i64> load<u32>(record + RECORD_EVENT_S) * 1000000 + <i64> load<u32>(record + RECORD_EVENT_US);
}

/** Decides about a position of the boot with this slot that arrives now, and notes its times. */
export function isNearDuplicate(drone: usize, slot: u32, record: usize, nowMs: f64): bool {
  const timeUs = eventTimeUs(record);
  const previousUs = load<i64>(drone + FIX_PREVIOUS_US);
  const previousMs = load<f64>(drone + FIX_PREVIOUS_MS);
  store<i64>(drone + FIX_PREVIOUS_US, timeUs);
  store<f64>(drone + FIX_PREVIOUS_MS, nowMs);
  if (load<u32>(drone + FIX_SLOT) != slot || load<u32>(drone + DRONE_ALERT_OPEN) != 0) return false;
  const sinceUs = timeUs - load<i64>(drone + FIX_TIME_US);
  if (sinceUs < 0 || sinceUs >= SAME_FIX_US || sinceUs + (timeUs - previousUs) > SAME_FIX_US) return false;
  const sinceMs = nowMs - load<f64>(drone + FIX_MS);
  const byClockMs = <f64> sinceUs / 1000;
  const isBehind = sinceMs - byClockMs > CLOCK_LAG_MS;
  if (sinceMs >= SAME_FIX_MS || (isBehind && sinceMs + (nowMs - previousMs) > SAME_FIX_MS)) return false;
  if (hasMoved(record, isBehind ? sinceMs : byClockMs)) return false;
  if (load<u32>(drone + FIX_FLAGS) != load<u32>(record + RECORD_FLAGS)) return false;
  if (load<u32>(drone + FIX_TYPE) != load<u32>(record + POSITION_FIX_TYPE)) return false;
  return isSameAltitude(drone, record) && isSamePlace(drone, record);
}

/** The position is forwarded: the next ones are compared with it. */
export function keepFix(drone: usize, slot: u32, record: usize, nowMs: f64): void {
  store<f64>(drone + FIX_MS, nowMs);
  store<u32>(drone + FIX_SLOT, slot);
  store<u32>(drone + FIX_FLAGS, load<u32>(record + RECORD_FLAGS));
  store<u32>(drone + FIX_PRESENCE, load<u32>(record + RECORD_PRESENCE));
  store<u32>(drone + FIX_TYPE, load<u32>(record + POSITION_FIX_TYPE));
  store<u64>(drone + FIX_LAT, load<u64>(record + RECORD_PAYLOAD));
  store<u64>(drone + FIX_ALT_MSL, load<u64>(record + POSITION_ALT_MSL));
  store<i64>(drone + FIX_TIME_US, eventTimeUs(record));
  store<f64>(drone + FIX_COS_LAT, NaN);
}

// By the velocity it tells, if it tells one: a receiver whose place is frozen goes on telling it.
function hasMoved(record: usize, ms: f64): bool {
  if ((load<u32>(record + RECORD_FLAGS) & FLAG_NO_VELOCITY) != 0) return false;
  const vn = <f64> load<i32>(record + POSITION_VN);
  const ve = <f64> load<i32>(record + POSITION_VE);
  const vd = <f64> load<i32>(record + POSITION_VD);
  return (vn * vn + ve * ve + vd * vd) * (ms * ms) >= SAME_PLACE_CM_MS * SAME_PLACE_CM_MS;
}

function isSameAltitude(drone: usize, record: usize): bool {
  const presence = load<u32>(record + RECORD_PRESENCE);
  const both = ALT_MSL_PRESENT | ALT_HOME_PRESENT;
  if (((presence ^ load<u32>(drone + FIX_PRESENCE)) & both) != 0) return false;
  if ((presence & ALT_MSL_PRESENT) != 0 && isFar(drone + FIX_ALT_MSL, record + POSITION_ALT_MSL)) return false;
  return (presence & ALT_HOME_PRESENT) == 0 || !isFar(drone + FIX_ALT_HOME, record + POSITION_ALT_HOME);
}

function isFar(a: usize, b: usize): bool {
  return abs<i64>(<i64> load<i32>(a) - <i64> load<i32>(b)) >= SAME_ALTITUDE_MM;
}

function isSamePlace(drone: usize, record: usize): bool {
  const latE7 = load<i32>(record + RECORD_PAYLOAD);
  const dLatE7 = <i64> latE7 - <i64> load<i32>(drone + FIX_LAT);
  const dLonE7 = <i64> load<i32>(record + RECORD_PAYLOAD + 4) - <i64> load<i32>(drone + FIX_LON);
  if (isClearlyFarther(drone, latE7, abs<i64>(dLatE7), abs<i64>(dLonE7))) return false;
  let cosLat = load<f64>(drone + FIX_COS_LAT);
  if (cosLat != cosLat) {
    cosLat = cosE7(load<i32>(drone + FIX_LAT));
    store<f64>(drone + FIX_COS_LAT, cosLat);
  }
  return haversine(dLatE7, dLonE7, cosLat, cosE7(latE7)) < SAME_PLACE_M;
}

// Never true within 0.5 m: the difference of latitude alone is a lower bound, and so is that of longitude times the
// smaller cosine times 2/π (sin x ≥ 2x/π up to a quarter turn). Spares a moving drone all trigonometry.
function isClearlyFarther(drone: usize, latE7: i32, dLatE7: i64, dLonE7: i64): bool {
  if (abs<i64>(latE7) > LAT_E7_MAX || abs<i64>(<i64> load<i32>(drone + FIX_LAT)) > LAT_E7_MAX) return false;
  if (dLatE7 >= SAME_PLACE_E7) return true;
  if (dLonE7 > HALF_TURN_E7) return false;
  const nearbyLatE7 = <i64> load<i32>(drone + FIX_NEARBY_LAT);
  let cos = load<f64>(drone + FIX_NEARBY_COS);
  if (cos == 0 || abs<i64>(<i64> latE7 - nearbyLatE7) > NEARBY_E7) {
    cos = cosE7(latE7);
    store<f64>(drone + FIX_NEARBY_COS, cos);
    store<i32>(drone + FIX_NEARBY_LAT, latE7);
  }
  return (cos - NEARBY_COS_ERROR) * <f64> dLonE7 > 1.6 * <f64> SAME_PLACE_E7;
}
