import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Fleet } from "../../sim/fleet.ts";
import { readRecordings } from "../../sim/recording.ts";
import { replayPlan } from "../../sim/replay.ts";
import { forwardedFixes, pairsInAir, predictsConflict } from "./straight_line.ts";

const START_US = 1_760_000_000_000_000;
const SEEDS = [1, 2, 3];
const SECONDS = 60;
console.log(`sim spacing seeds ${SEEDS}`);

describe("a fleet on its pads", () => {
  for (const scenario of ["calm", "link-loss", "glitch"] as const) {
    it(`${scenario}: no two drones are ever predicted to come near each other, not even while one is silent`, () => {
      for (const seed of SEEDS) {
        const fleet = new Fleet({ drones: 16, seed, scenario, startUs: START_US, coalesce: false });
        const endUs = START_US + SECONDS * 1e6;
        const near: string[] = [];
        let looked = 0;
        const fixes = forwardedFixes(fleet, endUs);
        for (const { atUs, droneIds, a, b } of pairsInAir(fixes, { fromUs: START_US, toUs: endUs })) {
          looked++;
          if (predictsConflict(a, b, { atUs, volume: "inflated" })) {
            near.push(`${droneIds} at ${(atUs - START_US) / 1e6}`);
          }
        }
        assertEquals(near, [], `seed ${seed}`);
        assertGreater(looked, 1000);
      }
    });
  }
});

describe("copies of a recording", () => {
  const places = [
    { name: "in the north", lat: 63.417, lon: 10.408 },
    { name: "in the south, west of the antimeridian", lat: -39.495, lon: 176.748 },
    { name: "at the equator", lat: 0.001, lon: -77.7 },
  ];
  for (const { name, lat, lon } of places) {
    it(`${name} are at least 3 km from each other`, () => {
      const header = "t_ms,drone_id,lat_deg,lon_deg,alt_m,vn_mps,ve_mps,vd_mps,battery_v,battery_pct";
      const recordings = readRecordings(`${header}\n0,a,${lat},${lon},100,0,0,0,,\n`, "a.csv");
      const plan = replayPlan({ recordings, speed: 1, copies: 250, bootId: 1 });
      const spots = plan.begin(START_US).advance(Infinity).map(({ records: [record] }) => {
        if (record?.body.case !== "position") throw new Error("Cannot place a copy: it has no position");
        return onSphere(record.body.value.latE7 / 1e7, record.body.value.lonE7 / 1e7);
      });
      assertEquals(spots.length, 250);
      for (const [i, a] of spots.entries()) {
        for (const b of spots.slice(i + 1)) assertGreater(Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z), 3000);
      }
    });
  }
});

/** Metres from the middle of the Earth; straight through it, which is a little shorter than around. */
function onSphere(latDeg: number, lonDeg: number) {
  const [lat, lon] = [latDeg * Math.PI / 180, lonDeg * Math.PI / 180];
  const radiusM = 6_371_008.8;
  return {
    x: radiusM * Math.cos(lat) * Math.cos(lon),
    y: radiusM * Math.cos(lat) * Math.sin(lon),
    z: radiusM * Math.sin(lat),
  };
}
