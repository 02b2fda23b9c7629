import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readUlog } from "../../sim/logs/ulog.ts";
import type { RecordedRow, Recording } from "../../sim/recording.ts";
import { MemoryFile } from "./memory_file.ts";
import * as topics from "./topics.ts";
import { type Logged, ulogOf } from "./ulog_writer.ts";

const { GLOBAL, LOCAL, GPS, HOME, BATTERY, RING, SENSOR, ATTITUDE } = topics;
const PLACE = { lat: 47.3977418, lon: 8.5455938, alt: 488.5, lat_lon_valid: 1, alt_valid: 1 };

async function rowsOf(...logged: Logged[]): Promise<RecordedRow[]> {
  return (await read(ulogOf(logged))).rows;
}

async function read(bytes: Uint8Array): Promise<Recording> {
  return await readUlog(new MemoryFile(bytes), { droneId: "a", fileName: "a.ulg" });
}

/** What is known of each measurement, without what all messages have. */
function told({ offsetUs, position, battery, obstacles }: RecordedRow): [number, Record<string, unknown>] {
  const { $typeName: _, ...known } = { ...position, ...battery, ...obstacles };
  const hits = obstacles?.hits.map((hit) => [hit.bearingCdeg, hit.elevationCdeg, hit.rangeCm]);
  return [offsetUs, hits ? { ...known, hits } : known];
}

describe("a recording from a log of PX4", () => {
  it("has the estimated position, with the velocity, height and fix that were known then", async () => {
    const rows = await rowsOf(
      { topic: HOME, timeUs: 900_000, values: { alt: 480, valid_alt: 1 } },
      {
        topic: GPS,
        timeUs: 950_000,
        values: { latitude_deg: 1, longitude_deg: 2, fix_type: 6, satellites_used: 17, eph: 0.75, epv: 1.25 },
      },
      { topic: LOCAL, timeUs: 980_000, values: { vx: 1.25, vy: -2.5, vz: 0.5, heading: -Math.PI / 2, v_xy_valid: 1 } },
      { topic: ATTITUDE, timeUs: 990_000, values: { q: [1, 0, 0, 0] } },
      { topic: GLOBAL, timeUs: 1_000_000, values: PLACE },
      { topic: GLOBAL, timeUs: 1_200_000, values: { ...PLACE, lat: 47.3977419 } },
    );
    const position = {
      ...{ latE7: 473_977_418, lonE7: 85_455_938, altMslMm: 488_500, altHomeMm: 8500 },
      ...{ vnCms: 125, veCms: -250, vdCms: 50, headingCdeg: 27_000 },
      ...{ hAccMm: 750, vAccMm: 1250, fixType: 6, satellites: 17 },
    };
    assertEquals(rows.map(told), [[0, position], [200_000, { ...position, latE7: 473_977_419 }]]);
    assertEquals(rows.map(({ hasVelocity }) => hasVelocity), [true, true]);
  });

  it("leaves out what was told too long before, or as not valid", async () => {
    const gps = { topic: GPS, timeUs: 0, values: { fix_type: 3, satellites_used: 9 } };
    const local = { topic: LOCAL, timeUs: 10_000_001, values: { vx: 1, heading: 1, v_xy_valid: 0 } };
    const rows = await rowsOf(
      ...[gps, { ...local, timeUs: 0, values: { ...local.values, v_xy_valid: 1 } }],
      { topic: GLOBAL, timeUs: 1_000_001, values: { ...PLACE, alt_valid: 0 } },
      local,
      { topic: GLOBAL, timeUs: 10_000_001, values: PLACE },
      { topic: GLOBAL, timeUs: 10_500_000, values: { ...PLACE, lat_lon_valid: 0 } },
      { topic: GLOBAL, timeUs: 10_600_000, values: { lat_lon_valid: 1 } },
    );
    const seen = rows.map(({ position: p, hasVelocity }) => [p?.altMslMm, hasVelocity, p?.headingCdeg, p?.fixType]);
    assertEquals(seen, [[undefined, false, undefined, 3], [488_500, false, 5730, 0]]);
  });

  it("reads the velocity where versions before 1.11 have it", async () => {
    const values = { ...PLACE, vel_n: 3, vel_e: -4, vel_d: 0.25 };
    const [row] = await rowsOf({ topic: topics.GLOBAL_WITH_VELOCITY, timeUs: 5, values });
    const { vnCms, veCms, vdCms } = row!.position!;
    assertEquals([vnCms, veCms, vdCms, row!.hasVelocity], [300, -400, 25, true]);
  });

  it("has the receiver's position where none was estimated, in the units of any version", async () => {
    const fix = {
      fix_type: 3,
      vel_n_m_s: 1,
      vel_e_m_s: 2,
      vel_d_m_s: 3,
      vel_ned_valid: 1,
      satellites_used: 8,
      eph: 1.5,
    };
    const degrees = { ...fix, latitude_deg: -33.5, longitude_deg: 151.25, altitude_msl_m: 12.5 };
    const integers = { ...fix, lat: -335_000_000, lon: 1_512_500_000, alt: 12_500 };
    const position = {
      ...{ latE7: -335_000_000, lonE7: 1_512_500_000, altMslMm: 12_500 },
      ...{ vnCms: 100, veCms: 200, vdCms: 300, hAccMm: 1500, fixType: 3, satellites: 8 },
    };
    for (
      const [topic, values] of [[GPS, degrees], [topics.RECEIVER, degrees], [topics.GPS_IN_INTEGERS, integers]] as const
    ) {
      assertEquals((await rowsOf({ topic, timeUs: 7, values })).map(told), [[0, position]]);
    }
    const [still] = await rowsOf({ topic: GPS, timeUs: 7, values: { ...degrees, vel_ned_valid: 0, fix_type: 8 } });
    assertEquals([still!.hasVelocity, still!.position!.vnCms, still!.position!.fixType], [false, 0, 3]);
  });

  it("goes by the receiver that the drone goes by, and by the first of several", async () => {
    const at = (latitude_deg: number) => ({ latitude_deg, longitude_deg: 8, fix_type: 3 });
    const rows = await rowsOf(
      { topic: topics.RECEIVER, timeUs: 1, values: at(1) },
      { topic: GPS, instance: 1, timeUs: 2, values: at(2) },
      { topic: GPS, timeUs: 3, values: at(3) },
    );
    assertEquals(rows.map(({ position }) => position?.latE7), [30_000_000]);
  });

  it("has each pack's battery, and leaves absent what is not known", async () => {
    const full = { voltage_v: 15.25, current_a: 12.5, remaining: 0.815, temperature: 31.5, warning: 2, connected: 1 };
    const unknown = { voltage_v: 0, current_a: -1, remaining: -1, temperature: NaN, warning: 9, connected: 1 };
    const rows = await rowsOf(
      { topic: GLOBAL, timeUs: 0, values: PLACE },
      { topic: BATTERY, timeUs: 1000, values: full },
      { topic: BATTERY, instance: 1, timeUs: 2000, values: { ...unknown, voltage_v: 14 } },
      { topic: BATTERY, timeUs: 3000, values: unknown },
      { topic: BATTERY, timeUs: 4000, values: { ...full, connected: 0 } },
      ...[0, 1, 3, 4, 5, 6, 7].map((warning) => ({ topic: BATTERY, timeUs: 5000, values: { ...unknown, warning } })),
    );
    assertEquals(rows.slice(1, 3).map(told), [
      [1000, {
        id: 0,
        voltageMv: 15_250,
        currentCa: 1250,
        remainingCpct: 8150,
        temperatureCdegc: 3150,
        chargeState: 3,
      }],
      [2000, { id: 1, voltageMv: 14_000, chargeState: 0 }],
    ]);
    assertEquals(rows.slice(3).map(({ battery }) => battery?.chargeState), [1, 2, 4, 5, 6, 7]);
  });

  it("has the nearest 16 of a ring of distances, from where it begins", async () => {
    const ring = { frame: 12, sensor_type: 2, increment: 5, angle_offset: -10, min_distance: 20, max_distance: 1000 };
    const distances = [500, 19, 20, 1000, 1001, 0xffff, ...new Array<number>(66).fill(0xffff)];
    const rows = await rowsOf(
      { topic: GLOBAL, timeUs: 0, values: PLACE },
      { topic: RING, timeUs: 1, values: { ...ring, distances } },
      {
        topic: RING,
        timeUs: 2,
        values: { ...ring, frame: 0, distances: Array.from({ length: 72 }, (_, i) => 900 - i) },
      },
    );
    const [seen, many] = rows.slice(1).map(told);
    const hits = [[35_000, 0, 500], [0, 0, 20], [500, 0, 1000]];
    assertEquals(seen, [1, { sensorId: 1002, frame: 1, maxRangeCm: 1000, hits }]);
    const nearest = Array.from({ length: 16 }, (_, i) => [(56 + i) * 500 - 1000, 0, 844 - i]);
    assertEquals(many, [2, { sensorId: 1002, frame: 0, maxRangeCm: 1000, hits: nearest }]);
  });

  it("has looks around, straight up and down", async () => {
    const look = { min_distance: 0.25, max_distance: 40, current_distance: 12.5, signal_quality: -1 };
    const rows = await rowsOf(
      { topic: GLOBAL, timeUs: 0, values: PLACE },
      ...[0, 6, 24, 25, 8].map((orientation) => ({ topic: SENSOR, timeUs: 1, values: { ...look, orientation } })),
      { topic: SENSOR, instance: 3, timeUs: 2, values: { ...look, current_distance: 40.5 } },
      { topic: SENSOR, timeUs: 3, values: { ...look, signal_quality: 0 } },
    );
    const scan = (sensorId: number, ...hits: number[][]) => ({ sensorId, frame: 1, maxRangeCm: 4000, hits });
    assertEquals(rows.slice(1).map(told), [
      [1, scan(0, [0, 0, 1250])],
      [1, scan(0, [27_000, 0, 1250])],
      [1, scan(0, [0, 9000, 1250])],
      [1, scan(0, [0, -9000, 1250])],
      [2, scan(3)],
    ]);
  });

  it("is in order of time, which a log is not", async () => {
    const rows = await rowsOf(
      { topic: GLOBAL, timeUs: 5_000_000, values: PLACE },
      { topic: GLOBAL, timeUs: 4_000_000, values: { ...PLACE, lat: 1 } },
    );
    assertEquals(rows.map(({ offsetUs, position }) => [offsetUs, position?.latE7]), [[0, 1e7], [
      1_000_000,
      473_977_418,
    ]]);
  });

  it("is refused where nothing in it says where the drone is", async () => {
    const log = ulogOf([{ topic: BATTERY, timeUs: 1, values: { voltage_v: 15, connected: 1 } }]);
    await assertRejects(() => read(log), SyntaxError, "Cannot read a.ulg: nothing in it says where the drone is");
  });
});
