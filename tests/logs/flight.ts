// One flight as both autopilots log it: a circle of 5 s, with everything that is read and some that is not.
import * as dataflash from "./dataflash_writer.ts";
import * as topics from "./topics.ts";
import type { Logged } from "./ulog_writer.ts";

const SECONDS = 5;
const POSITIONS_A_SECOND = 5;
const BOOT_US = 41_250_000;
const SPEED = 5;
const DEGREES_A_METRE = 1 / 111_195;

interface Moment {
  timeUs: number;
  lat: number;
  lon: number;
  alt: number;
  course: number;
  velocity: [north: number, east: number, down: number];
}

function moments(): Moment[] {
  return Array.from({ length: SECONDS * POSITIONS_A_SECOND }, (_, i) => {
    const seconds = i / POSITIONS_A_SECOND;
    const course = seconds / 4;
    return {
      timeUs: BOOT_US + Math.round(seconds * 1e6),
      lat: 47.3977418 + 20 * Math.sin(course) * DEGREES_A_METRE,
      lon: 8.5455938 - 20 * Math.cos(course) * DEGREES_A_METRE / Math.cos(0.827),
      alt: 488.5 + seconds / 3,
      course,
      velocity: [SPEED * Math.cos(course), SPEED * Math.sin(course), -1 / 3],
    };
  });
}

export function px4Flight(): Logged[] {
  const home: Logged = { topic: topics.HOME, timeUs: BOOT_US - 5_000_000, values: { alt: 480.25, valid_alt: 1 } };
  const flown = moments().flatMap(({ timeUs, lat, lon, alt, course, velocity: [vx, vy, vz] }, i): Logged[] => {
    const fix = { fix_type: 3 + i % 4, satellites_used: 12 + i % 5, eph: 0.5 + i / 100, epv: 0.75 + i / 100 };
    const local = { vx, vy, vz, heading: course - Math.PI, xy_valid: 1, v_xy_valid: 1 };
    const pack = { voltage_v: 15.8 - i / 50, current_a: 12 + i / 7, remaining: 0.8 - i / 300, temperature: 31.25 };
    const distances = Array.from({ length: 72 }, (_, sector) => sector % 9 === i % 9 ? 300 + sector : 0xffff);
    const ring = { frame: 12, distances, increment: 5, min_distance: 20, max_distance: 1200, angle_offset: 2.5 };
    const look = {
      min_distance: 0.25,
      max_distance: 40,
      current_distance: alt - 480,
      orientation: 25,
      signal_quality: 90,
    };
    const often: Logged[] = [
      { topic: topics.GPS, timeUs: timeUs - 60_000, values: { ...fix, latitude_deg: lat, longitude_deg: lon } },
      { topic: topics.LOCAL, timeUs: timeUs - 20_000, values: local },
      {
        topic: topics.ATTITUDE,
        timeUs: timeUs - 10_000,
        values: { q: [Math.cos(course / 2), 0, 0, Math.sin(course / 2)] },
      },
      { topic: topics.GLOBAL, timeUs, values: { lat, lon, alt, lat_lon_valid: 1, alt_valid: 1 } },
    ];
    if (i % POSITIONS_A_SECOND !== 0) return often;
    return [
      ...often,
      { topic: topics.BATTERY, timeUs: timeUs + 1000, values: { ...pack, warning: i % 3, connected: 1 } },
      { topic: topics.BATTERY, instance: 1, timeUs: timeUs + 2000, values: { ...pack, current_a: -1, connected: 1 } },
      { topic: topics.RING, timeUs: timeUs + 3000, values: ring },
      { topic: topics.SENSOR, timeUs: timeUs + 4000, values: look },
    ];
  });
  return [home, ...flown];
}

export function arduPilotFlight(): dataflash.Logged[] {
  return moments().flatMap(({ timeUs: TimeUS, lat, lon, alt, course, velocity }, i): dataflash.Logged[] => {
    const place = { Lat: Math.round(lat * 1e7), Lng: Math.round(lon * 1e7) };
    const gps = { Status: 3, NSats: 12 + i % 5, HDop: 80 + i, Alt: Math.round(alt * 100), Spd: SPEED, VZ: velocity[2] };
    const accuracy = { VDop: 110, HAcc: 50 + i, VAcc: 75 + i, SAcc: 20 };
    const often: dataflash.Logged[] = [
      { kind: dataflash.GPS, values: { TimeUS, ...place, ...gps, GCrs: course * 180 / Math.PI } },
      { kind: dataflash.GPA, values: { TimeUS, ...accuracy } },
      { kind: dataflash.POS, values: { TimeUS: TimeUS + 500, ...place, Alt: alt, RelHomeAlt: alt - 480.25 } },
      {
        kind: dataflash.ALL,
        values: { TimeUS, b: -i, B: 255 - i, c: -101 * i, C: 60_000 + i, d: lat, e: -1001 * i, E: 3e9 + i },
      },
    ];
    if (i % POSITIONS_A_SECOND !== 0) return often;
    const pack = { Volt: 15.8 - i / 50, Curr: 12 + i / 7, Temp: 3125, RemPct: 80 - i };
    return [
      ...often,
      { kind: dataflash.BAT, values: { TimeUS: TimeUS + 1000, ...pack } },
      { kind: dataflash.BAT, values: { TimeUS: TimeUS + 2000, Inst: 1, ...pack } },
      { kind: dataflash.REST, values: { M: i, q: -1e15 - i, Q: 1e15 + i } },
    ];
  });
}
