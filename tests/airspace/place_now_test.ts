import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { placeNow } from "../../aggregator/airspace/place_now.ts";
import { type Fix, ROW_WORDS, TrackFlag, Word, writeFix } from "../../aggregator/airspace/track_rows.ts";
import { emptyPoint, groundM } from "../../aggregator/airspace/earth.ts";
import fc from "fast-check";

const FIX: Fix = {
  ...{ latDeg: 47, lonDeg: 8, altM: 400, vnMps: 10, veMps: -10, climbMps: 2, hAccM: 3, vAccM: 5 },
  ...{ timeUs: 1e15, silenceUs: 3e6 },
};

function place(fix: Partial<Fix>, { ageS = 0, flag = 0 } = {}) {
  const rows = new Float64Array(ROW_WORDS);
  const said = { ...FIX, ...fix };
  writeFix(rows, 0, { fix: said, velocity: said, accuracy: { hAccM: 3, vAccM: 5 }, point: emptyPoint() });
  rows[Word.flags]! |= flag;
  return placeNow(rows, { track: 0, nowUs: said.timeUs + ageS * 1e6 });
}

describe("placeNow", () => {
  it("says how it flies: over ground, clockwise from north, and up", () => {
    const { trackCdeg, speedCms, climbCms, altMslMm, latE7, lonE7, ageMs } = place({});
    assertEquals([trackCdeg, speedCms, climbCms, altMslMm, ageMs], [31_500, 1414, 200, 400_000, 0]);
    assertEquals([latE7, lonE7], [470_000_000, 80_000_000]);
    assertEquals([[1, 0], [0, 1], [-1, 0], [0, -1]].map(([vnMps, veMps]) => place({ vnMps, veMps }).trackCdeg), [
      ...[0, 9000, 18_000, 27_000],
    ]);
  });

  it("has it flown on since its last position, wherever on earth that is", () => {
    for (const [latDeg, lonDeg] of [[47, 8], [-33, 179.9999], [70, -179.9999], [0, 0]] as const) {
      const { latE7, lonE7, altMslMm, ageMs } = place({ latDeg, lonDeg, vnMps: 30, veMps: 40 }, { ageS: 2 });
      const there = { latDeg: latE7 / 1e7, lonDeg: lonE7 / 1e7 };
      assertAlmostEquals(groundM({ latDeg, lonDeg }, there), 100, 1);
      assertEquals([altMslMm, ageMs], [404_000, 2000]);
      assert(Math.abs(lonE7) <= 1.8e9);
    }
  });

  it("leaves a ghost where it was, and says nothing of what is unknown", () => {
    const ghost = place({}, { ageS: 20, flag: TrackFlag.ghost });
    assertEquals([ghost.latE7, ghost.speedCms, ghost.trackCdeg, ghost.ageMs], [470_000_000, null, null, 20_000]);
    const still = place({ vnMps: NaN, veMps: NaN, climbMps: NaN, altM: NaN }, { ageS: 1 });
    assertEquals([still.altMslMm, still.speedCms, still.climbCms, still.crewed], [null, null, null, false]);
    assertEquals(place({}, { flag: TrackFlag.crewed }).crewed, true);
  });

  it("is within what the contract can say, whatever is in a row", () => {
    const upTo = (max: number) => fc.double({ min: -max, max, noNaN: true });
    const fix = fc.record({
      ...{ latDeg: upTo(90), lonDeg: upTo(180), altM: upTo(1e9), vnMps: upTo(1e6), veMps: upTo(1e6) },
      climbMps: upTo(1e7),
    });
    fc.assert(fc.property(fix, fc.double({ min: 0, max: 1e7, noNaN: true }), (fix, ageS) => {
      const said = place(fix, { ageS });
      assert(Object.values(said).every((value) => typeof value === "boolean" || Number.isInteger(value)));
      const { latE7, lonE7, altMslMm, trackCdeg } = said;
      assert(Math.abs(latE7) <= 9e8 && Math.abs(lonE7) <= 1.8e9 && Math.abs(altMslMm!) < 2 ** 31);
      assert(trackCdeg! >= 0 && trackCdeg! < 36_000);
    }));
  });
});
