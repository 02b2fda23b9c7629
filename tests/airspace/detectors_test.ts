import { assert, assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cylinderResult, detectCylinder, type Relative } from "../../aggregator/airspace/cylinder.ts";
import { detectWellClear, wellClearResult } from "../../aggregator/airspace/well_clear.ts";

const VECTORS = new URL("vectors.csv", import.meta.url);
const CYLINDER = { radiusM: 25, halfHeightM: 10, lookAheadS: 30 };
const WELL_CLEAR = { dthrM: 100, zthrM: 20, tthrS: 10, tcoaS: 0, lookAheadS: 60 };

/** One line of the vectors, see vectors.md: a column's text, as it was printed, by its name. */
type Vector = Record<string, string>;

async function readVectors(): Promise<Vector[]> {
  const [header, ...lines] = (await Deno.readTextFile(VECTORS)).trim().split("\n").map((line) => line.split(","));
  return lines.map((cells) => Object.fromEntries(header!.map((name, i) => [name, cells[i]!])));
}

function relativeOf(vector: Vector): Relative {
  const difference = (of: string, axis: string) => Number(vector[`${of}o${axis}`]) - Number(vector[`${of}i${axis}`]);
  return {
    sx: difference("s", "x"),
    sy: difference("s", "y"),
    sz: difference("s", "z"),
    vx: difference("v", "x"),
    vy: difference("v", "y"),
    vz: difference("v", "z"),
  };
}

/**
 * Empty means undefined: NaN. Otherwise within 1e-6 s or m, or half a unit of the last printed digit if that is more:
 * the vectors carry ten significant digits, so that a time of 19414.57782 s is only known to 5e-6 s.
 */
function assertPrinted(actual: number, printed: string, what: string): void {
  if (printed === "") return assert(Number.isNaN(actual), `${what}: ${actual}, not undefined`);
  const [mantissa, exponent = "0"] = printed.split("e");
  const unit = 10 ** (Number(exponent) - (mantissa!.split(".")[1] ?? "").length);
  assertAlmostEquals(actual, Number(printed), Math.max(1e-6, unit / 2), `${what}: ${actual}, not ${printed}`);
}

/** What one vector says, whichever detector it is for. */
function assertVector(vector: Vector): void {
  const [reach, height, lookAheadS] = [Number(vector.D_m), Number(vector.H_m), Number(vector.T_s)];
  // With both time thresholds at 0 the well-clear volume is the cylinder: its vectors are for both detectors.
  const thresholds = { dthrM: reach, zthrM: height, tthrS: Number(vector.TTHR_s), tcoaS: Number(vector.TCOA_s) };
  const wellClear = detectWellClear(relativeOf(vector), { ...thresholds, lookAheadS }, wellClearResult());
  const results = [wellClear];
  if (vector.detector === "CYL") {
    const volume = { radiusM: reach, halfHeightM: height, lookAheadS };
    results.push({ ...wellClear, ...detectCylinder(relativeOf(vector), volume, cylinderResult()) });
  }
  for (const result of results) {
    const what = `case ${vector.case} (${vector.kind}, ${vector.detector})`;
    assertEquals(String(result.violationNow), vector.violation_now, `${what}: violation now`);
    assertEquals(String(result.conflict), vector.conflict, `${what}: conflict`);
    assertPrinted(result.inS, vector.t_in!, `${what}: in`);
    assertPrinted(result.outS, vector.t_out!, `${what}: out`);
    assertPrinted(result.tcpaS, vector.tcpa_s!, `${what}: time of closest approach`);
    assertPrinted(result.dcpaM, vector.dcpa_m!, `${what}: distance at closest approach`);
    assertPrinted(result.hmdM, vector.hmd_m!, `${what}: horizontal miss distance`);
    assertPrinted(result.taumodS, vector.taumod_s!, `${what}: modified tau`);
    assertPrinted(result.timeCoaltS, vector.time_coalt_s!, `${what}: time to co-altitude`);
  }
}

const vectors = await readVectors();

describe("the vectors of DAIDALUS", () => {
  it("are all here", () => assertEquals(vectors.length, 1800));

  for (const [group, cases] of Map.groupBy(vectors, ({ detector, kind }) => `${detector} ${kind}`)) {
    it(`agree with ${group}, in all of ${cases.length}`, () => cases.forEach(assertVector));
  }
});

/** At rest at the same place unless told otherwise. */
function relative(state: Partial<Relative>): Relative {
  return { sx: 0, sy: 0, sz: 0, vx: 0, vy: 0, vz: 0, ...state };
}

/** `[in, out]`, null without a conflict. */
type Interval = [number, number] | null;

function cylinderInterval(state: Partial<Relative>, volume: Partial<typeof CYLINDER> = {}): Interval {
  const { conflict, inS, outS } = detectCylinder(relative(state), { ...CYLINDER, ...volume }, cylinderResult());
  return conflict ? [inS, outS] : null;
}

function wellClearInterval(state: Partial<Relative>, volume: Partial<typeof WELL_CLEAR> = {}): Interval {
  const { conflict, inS, outS } = detectWellClear(relative(state), { ...WELL_CLEAR, ...volume }, wellClearResult());
  return conflict ? [inS, outS] : null;
}

describe("detectCylinder", () => {
  const cases: [string, Interval, Partial<Relative>, Partial<typeof CYLINDER>?][] = [
    ["the same place and velocity are a conflict all the time", [0, 30], {}],
    ["the same place is left at the speed of separation", [0, 5], { vx: 3, vy: -4 }],
    ["no movement at a distance is never a conflict", null, { sx: 26 }],
    ["no movement inside is a conflict all the time", [0, 30], { sx: -15, sy: 15, sz: 9 }],
    ["no movement inside, in height only", null, { sx: -15, sy: 15, sz: 11 }],
    ["an overtaking drone is inside from 25 m behind to 25 m ahead", [27.5, 30], { sx: -300, vx: 10 }],
    ["an overtaking drone is out again", [27.5, 32.5], { sx: -300, vx: 10 }, { lookAheadS: 60 }],
    ["an overtaking drone is too far behind", null, { sx: -300, vx: 10 }, { lookAheadS: 27 }],
    ["a slower drone ahead drops back", [4, 6], { sy: 125, vy: -25 }],
    ["a faster drone ahead only gets away", null, { sy: 125, vy: 25 }],
    ["a descent through another's height", [22.5, 27.5], { sz: 100, vz: -4 }],
    ["a climb through another's height", [22.5, 27.5], { sz: -100, vz: 4 }],
    ["a descent beside another", null, { sx: 26, sz: 100, vz: -4 }],
    ["a descent that is not there in time", null, { sz: 100, vz: -3 }],
    ["a crossing above", null, { sx: -100, vx: 10, sz: 11 }],
    ["a crossing that sinks into the band too late", null, { sx: -100, vx: 10, sz: 27, vz: -1 }],
    ["a crossing that sinks into the band midway", [9, 12.5], { sx: -100, vx: 10, sz: 19, vz: -1 }],
    ["a crossing that climbs out of the band midway", [7.5, 10], { sx: -100, vx: 10, sz: 0, vz: 1 }],
    ["unknown heights are inside vertically", [7.5, 12.5], { sx: -100, vx: 10, sz: NaN, vz: NaN }, {
      halfHeightM: Infinity,
    }],
    ["a look-ahead without end", [27.5, 32.5], { sx: -300, vx: 10 }, { lookAheadS: Infinity }],
    ["no movement, without end", [0, Infinity], {}, { lookAheadS: Infinity }],
    ["a touch sideways is none", null, { sx: 25, sy: -100, vy: 10 }],
    ["a touch in height is none", null, { sx: -100, vx: 10, sz: 10 }],
    ["an entry as the look-ahead ends is none", null, { sx: -325, vx: 10 }],
    ["an exit now is none", null, { sx: 25, vx: 10 }],
    ["an exit upwards now is none", null, { sz: 10, vz: 1 }],
  ];
  for (const [name, expected, state, volume] of cases) {
    it(`finds: ${name}`, () => assertEquals(cylinderInterval(state, volume), expected));
  }

  it("tells a closest approach that is past, coming, and beyond the look-ahead", () => {
    const approach = (state: Partial<Relative>) => {
      const { tcpaS, dcpaM, hmdM } = detectCylinder(relative(state), CYLINDER, cylinderResult());
      return [tcpaS, dcpaM, hmdM];
    };
    assertEquals(approach({ sx: 30, sy: 40, vx: 10 }), [-3, 40, 50]);
    assertEquals(approach({ sx: -30, sy: 40, vx: 10 }), [3, 40, 40]);
    assertEquals(approach({ sx: -330, sy: 40, vx: 10 }), [33, 40, 50]);
    assertEquals(approach({ sx: 30, sy: 40, vz: 10 }), [0, 50, 50]);
  });
});

describe("detectWellClear", () => {
  // Head on at 20 m/s from 1,000 m: DTHR from 45 to 55 s. Modified tau is 10 s at u = 5 + √(25 + 25) s before 50 s.
  const headOn = { sx: -1000, vx: 20 };
  const tauS = 50 - 5 - Math.sqrt(50);
  const cases: [string, Interval, Partial<Relative>, Partial<typeof WELL_CLEAR>?][] = [
    ["modified tau begins before the circle", [tauS, 55], headOn],
    ["without a time threshold it is the circle", [45, 55], headOn, { tthrS: 0 }],
    ["modified tau runs out within the look-ahead", null, headOn, { lookAheadS: 37 }],
    ["modified tau asks for a close miss", null, { ...headOn, sy: 101 }],
    ["the same place and velocity violate all the time", [0, 60], {}],
    ["no movement at a distance is well clear", null, { sx: 101 }],
    ["no movement inside violates all the time", [0, 60], { sx: 60, sy: -79 }],
    ["diverging outside is well clear", null, { sx: 101, vx: 20 }],
    ["diverging inside is left at the circle", [0, 2], { sx: 60, vx: 20 }],
    ["a descent is entered at ZTHR", [20, 30], { sz: 100, vz: -4 }],
    ["a fast descent is entered at the time to co-altitude", [10, 30], { sz: 100, vz: -4 }, { tcoaS: 15 }],
    ["a slow descent is entered at ZTHR all the same", [20, 30], { sz: 100, vz: -4 }, { tcoaS: 4 }],
    ["a climb is entered at the time to co-altitude", [10, 30], { sz: -100, vz: 4 }, { tcoaS: 15 }],
    ["a level flight above is well clear", null, { ...headOn, sz: 21 }, { tcoaS: 15 }],
    ["a descent into it midway", [47, 55], { ...headOn, sz: 67, vz: -1 }],
    ["unknown heights are inside vertically", [tauS, 55], { ...headOn, sz: NaN, vz: NaN }, { zthrM: Infinity }],
    ["a look-ahead without end", [tauS, 55], headOn, { lookAheadS: Infinity }],
    ["a touch sideways is one", [10, 10], { sx: 100, sy: -100, vy: 10 }, { tthrS: 0 }],
    ["a touch in height is one", [9, 29], { sx: -190, vx: 10, sz: 20 }, { tthrS: 0 }],
    ["an entry as the look-ahead ends is one", [60, 60], { sx: -700, vx: 10 }, { tthrS: 0 }],
    ["an exit now is one", [0, 0], { sx: 100, vx: 10 }],
  ];
  for (const [name, expected, state, volume] of cases) {
    it(`finds: ${name}`, () => {
      const found = wellClearInterval(state, volume);
      assertEquals(found === null, expected === null);
      for (const i of [0, 1] as const) assertAlmostEquals(found?.[i] ?? 0, expected?.[i] ?? 0, 1e-9);
    });
  }

  it("finds a violation now by modified tau or by the time to co-altitude, as well as by distance", () => {
    const violates = (state: Partial<Relative>, tcoaS = 0) => {
      const result = detectWellClear(relative(state), { ...WELL_CLEAR, tcoaS }, wellClearResult());
      assertEquals(result.violationNow, result.conflict && result.inS === 0);
      return result.violationNow;
    };
    const nearM = 20 * (50 - tauS);
    assertEquals([violates({ sx: -nearM - 0.1, vx: 20 }), violates({ sx: -nearM + 0.1, vx: 20 })], [false, true]);
    assertEquals([violates({ sx: nearM, vx: 20 }), violates({ sx: -nearM, sy: 101, vx: 20 })], [false, false]);
    assertEquals([violates({ sz: 60.1, vz: -4 }, 15), violates({ sz: 59.9, vz: -4 }, 15)], [false, true]);
    assertEquals([violates({ sz: 59.9, vz: 4 }, 15), violates({ sz: 59.9 }, 15)], [false, false]);
    // On the surface, to the bit: modified tau is (100² − 200²) / (−200 · 15) s.
    const onSurface = [{ sx: -200, vx: 15 }, { sx: 100, vx: 1 }, { sz: 60, vz: -4 }, { sz: 20, vz: 1 }];
    assertEquals(onSurface.map((state) => violates(state, 15)), [true, true, true, true]);
  });
});

describe("a result", () => {
  it("is the caller's object, and keeps nothing of the encounter before", () => {
    const [near, far] = [relative({ sx: -100, vx: 10, vz: 1 }), relative({ sy: 5000, vy: 1 })];
    const [cylinder, wellClear] = [cylinderResult(), wellClearResult()];
    for (const encounter of [near, far, near]) {
      assertStrictEquals(detectCylinder(encounter, CYLINDER, cylinder), cylinder);
      assertEquals(cylinder, detectCylinder(encounter, CYLINDER, cylinderResult()));
      assertStrictEquals(detectWellClear(encounter, WELL_CLEAR, wellClear), wellClear);
      assertEquals(wellClear, detectWellClear(encounter, WELL_CLEAR, wellClearResult()));
    }
  });
});
