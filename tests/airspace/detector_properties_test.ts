import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  type CylinderResult,
  cylinderResult,
  detectCylinder,
  type Relative,
} from "../../aggregator/airspace/cylinder.ts";
import { detectWellClear, wellClearResult } from "../../aggregator/airspace/well_clear.ts";

/** DTHR or D, ZTHR or H, TTHR, TCOA and the look-ahead; a cylinder has no use for the thresholds of time. */
interface Thresholds {
  reachM: number;
  heightM: number;
  tthrS: number;
  tcoaS: number;
  lookAheadS: number;
}

interface Encounter {
  state: Relative;
  thresholds: Thresholds;
}

const RUNS = { numRuns: 2000 };
const SAMPLES = 100;
/** Nothing is asked of an encounter that is this near to a surface: rounding decides there. */
const MARGIN = 1e-6;

const detectors = {
  detectCylinder: {
    detect: (state: Relative, { reachM, heightM, lookAheadS }: Thresholds): CylinderResult =>
      detectCylinder(state, { radiusM: reachM, halfHeightM: heightM, lookAheadS }, cylinderResult()),
    timed: () => ({ tthrS: fc.constant(0), tcoaS: fc.constant(0) }),
  },
  detectWellClear: {
    detect: (state: Relative, { reachM, heightM, ...times }: Thresholds): CylinderResult =>
      detectWellClear(state, { dthrM: reachM, zthrM: heightM, ...times }, wellClearResult()),
    timed: () => ({ tthrS: fc.constantFrom(0, 5, 35), tcoaS: fc.constantFrom(0, 5, 20) }),
  },
};

/** The state `t` seconds on. */
function moved({ sx, sy, sz, vx, vy, vz }: Relative, t: number): Relative {
  return { sx: sx + t * vx, sy: sy + t * vy, sz: sz + t * vz, vx, vy, vz };
}

/** The definition, of a moment: with both thresholds of time at 0 this is the cylinder. */
function inside({ sx, sy, sz, vx, vy, vz }: Relative, { reachM, heightM, tthrS, tcoaS }: Thresholds): boolean {
  const approaching = sx * vx + sy * vy;
  const dcpaM = approaching < 0 ? Math.abs(sx * vy - sy * vx) / Math.hypot(vx, vy) : Infinity;
  const taumodS = (reachM ** 2 - sx ** 2 - sy ** 2) / approaching;
  const near = Math.hypot(sx, sy) <= reachM || (dcpaM <= reachM && taumodS >= 0 && taumodS <= tthrS);
  const level = Math.abs(sz) <= heightM || (vz * sz < 0 && -sz / vz <= tcoaS);
  return near && level;
}

/** The same thresholds, wider by a margin; narrower by a negative one. */
function widened(thresholds: Thresholds, margin: number): Thresholds {
  const { reachM, heightM, tthrS, tcoaS, lookAheadS } = thresholds;
  return {
    reachM: reachM + margin,
    heightM: heightM + margin,
    tthrS: tthrS + margin,
    tcoaS: tcoaS + margin,
    lookAheadS: lookAheadS + margin,
  };
}

// Steps, as on the wire, not fc.double, which draws mostly near 0: and drones at rest, aligned or alike do happen.
const thousandths = (min: number, max: number) => fc.integer({ min: min * 1000, max: max * 1000 }).map((n) => n / 1000);
const speed = (limitMs: number) =>
  fc.oneof(fc.constant(0), fc.integer({ min: -limitMs * 100, max: limitMs * 100 }).map((cms) => cms / 100));

/** Encounters that come near the volume at some moment, past, future or beyond the look-ahead, or miss it narrowly. */
function encounters(timed: () => { tthrS: fc.Arbitrary<number>; tcoaS: fc.Arbitrary<number> }) {
  const thresholds = fc.record({
    reachM: fc.constantFrom(5, 25, 50, 670.56),
    heightM: fc.constantFrom(10, 15, 76.2),
    ...timed(),
    lookAheadS: fc.constantFrom(10, 30, 180),
  });
  const velocity = fc.record({ vx: speed(30), vy: speed(30), vz: speed(5) });
  const miss = fc.tuple(thousandths(-1.5, 1.5), thousandths(-1.5, 1.5), thousandths(-1.5, 1.5));
  // When it is nearest sideways, in look-aheads, and how much later in height.
  const when = thousandths(-0.5, 1.5);
  const lag = fc.oneof(fc.constant(0), thousandths(-0.2, 0.2));
  return fc.tuple(thresholds, velocity, miss, when, lag).map(([thresholds, v, [x, y, z], at, lag]): Encounter => {
    const { reachM, heightM, lookAheadS } = thresholds;
    const state = {
      ...v,
      sx: x * reachM - at * lookAheadS * v.vx,
      sy: y * reachM - at * lookAheadS * v.vy,
      sz: z * heightM - (at + lag) * lookAheadS * v.vz,
    };
    return { state, thresholds };
  });
}

function assertWithin(actual: number, low: number, high: number, what: string): void {
  assert(actual >= low - MARGIN && actual <= high + MARGIN, `${what}: ${actual} is not in [${low}, ${high}]`);
}

for (const [name, { detect, timed }] of Object.entries(detectors)) {
  const every = encounters(timed);

  /** That `found` is what narrower and wider volumes allow of this encounter, as seen `aS` later. */
  const assertAgrees = ({ state, thresholds }: Encounter, found: CylinderResult, aS = 0) => {
    const seen = (margin: number) => {
      const { conflict, inS, outS } = detect(state, widened(thresholds, margin));
      return conflict && outS > aS ? { inS: Math.max(0, inS - aS), outS: outS - aS } : null;
    };
    const [narrow, wide] = [seen(-MARGIN), seen(MARGIN)];
    if (narrow) assert(found.conflict, "narrower thresholds find a conflict");
    if (!found.conflict) return assertEquals([found.inS, found.outS, found.violationNow], [NaN, NaN, false]);
    assert(wide, "wider thresholds find no conflict");
    assertWithin(found.inS, wide.inS, narrow?.inS ?? Infinity, "in");
    assertWithin(found.outS, narrow?.outS ?? -Infinity, wide.outS, "out");
  };

  describe(name, () => {
    it("is asked about conflicts now, later, and never, in the tests below", () => {
      const results = fc.sample(every, { numRuns: 1000, seed: 1 }).map(({ state, thresholds }) =>
        detect(state, thresholds)
      );
      const [now, any] = [results.filter((r) => r.violationNow).length, results.filter((r) => r.conflict).length];
      for (const count of [now, any - now, 1000 - any]) assertGreater(count, 100);
    });

    it("finds a conflict exactly in the moments that the definition says are inside", () => {
      fc.assert(
        fc.property(every, ({ state, thresholds }) => {
          const { violationNow, conflict, inS, outS } = detect(state, thresholds);
          const [narrow, wide] = [widened(thresholds, -MARGIN), widened(thresholds, MARGIN)];
          const claimed = (t: number) => conflict && t >= inS && t <= outS;
          const times = Array.from({ length: SAMPLES + 1 }, (_, i) => i * thresholds.lookAheadS / SAMPLES);
          if (conflict) times.push(inS, outS, (inS + outS) / 2);
          for (const t of times) {
            if (claimed(t)) assert(inside(moved(state, t), wide), `outside at ${t} s, but claimed`);
            else assert(!inside(moved(state, t), narrow), `inside at ${t} s, but not claimed`);
          }
          if (inside(state, narrow)) assert(violationNow, "inside now, but no violation");
          if (violationNow) assert(inside(state, wide), "a violation, but outside now");
        }),
        RUNS,
      );
    });

    it("orders its interval within the look-ahead, and begins a violation now at 0", () => {
      fc.assert(
        fc.property(every, ({ state, thresholds }) => {
          const { violationNow, conflict, inS, outS } = detect(state, thresholds);
          if (!conflict) return assertEquals([inS, outS, violationNow], [NaN, NaN, false]);
          assert(0 <= inS && inS <= outS && outS <= thresholds.lookAheadS, `[${inS}, ${outS}]`);
          if (violationNow) assertEquals(inS, 0);
        }),
        RUNS,
      );
    });

    it("tells the closest horizontal approach of all moments, and of those within the look-ahead", () => {
      const distanceM = (state: Relative, t: number) => Math.hypot(state.sx + t * state.vx, state.sy + t * state.vy);
      fc.assert(
        fc.property(every, thousandths(-2, 2), ({ state, thresholds }, share) => {
          const { tcpaS, dcpaM, hmdM } = detect(state, thresholds);
          const { lookAheadS } = thresholds;
          assertAlmostEquals(distanceM(state, tcpaS), dcpaM, MARGIN);
          assertLessOrEqual(dcpaM, distanceM(state, tcpaS + share * lookAheadS) + MARGIN);
          assertAlmostEquals(distanceM(state, Math.min(Math.max(0, tcpaS), lookAheadS)), hmdM, MARGIN);
          assertLessOrEqual(hmdM, distanceM(state, Math.abs(share / 2) * lookAheadS) + MARGIN);
        }),
        RUNS,
      );
    });

    it("says the same of own and intruder swapped", () => {
      fc.assert(
        fc.property(every, ({ state, thresholds }) => {
          const { sx, sy, sz, vx, vy, vz } = state;
          const swapped = { sx: -sx, sy: -sy, sz: -sz, vx: -vx, vy: -vy, vz: -vz };
          assertEquals(detect(swapped, thresholds), detect(state, thresholds));
        }),
        RUNS,
      );
    });

    it("says the same whichever way is north", () => {
      fc.assert(
        fc.property(every, thousandths(-3, 3), (encounter, turn) => {
          const { sx, sy, vx, vy, ...vertical } = encounter.state;
          const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
          const turned = {
            ...vertical,
            sx: sx * cos - sy * sin,
            sy: sx * sin + sy * cos,
            vx: vx * cos - vy * sin,
            vy: vx * sin + vy * cos,
          };
          const [found, before] = [turned, encounter.state].map((state) => detect(state, encounter.thresholds));
          assertAgrees(encounter, found!);
          for (const key of ["tcpaS", "dcpaM", "hmdM"] as const) {
            assertAlmostEquals(found![key], before![key], MARGIN, `${key}: ${found![key]}, not ${before![key]}`);
          }
        }),
        RUNS,
      );
    });

    it("says the same some time later, of what is left", () => {
      fc.assert(
        fc.property(every, thousandths(0, 0.9), (encounter, share) => {
          const { state, thresholds } = encounter;
          const aS = share * thresholds.lookAheadS;
          const rest = { ...thresholds, lookAheadS: thresholds.lookAheadS - aS };
          const [found, before] = [detect(moved(state, aS), rest), detect(state, thresholds)];
          assertAgrees(encounter, found, aS);
          const { vx, vy } = state;
          if (vx !== 0 || vy !== 0) assertAlmostEquals(found.tcpaS, before.tcpaS - aS, MARGIN);
          assertAlmostEquals(found.dcpaM, before.dcpaM, MARGIN);
        }),
        RUNS,
      );
    });

    it("finds drones at the same place in conflict until they have parted", () => {
      fc.assert(
        fc.property(every, ({ state, thresholds }) => {
          const { vx, vy, vz } = state;
          const found = detect({ ...state, sx: 0, sy: 0, sz: 0 }, thresholds);
          const { reachM, heightM, lookAheadS } = thresholds;
          const partedS = Math.min(reachM / Math.hypot(vx, vy), heightM / Math.abs(vz), lookAheadS);
          assertEquals([found.violationNow, found.conflict, found.inS, found.hmdM], [true, true, 0, 0]);
          assertAlmostEquals(found.outS, partedS, MARGIN);
        }),
        RUNS,
      );
    });

    it("finds drones that do not move relatively in conflict always or never", () => {
      fc.assert(
        fc.property(every, ({ state, thresholds }) => {
          const still = { ...state, vx: 0, vy: 0, vz: 0 };
          const { violationNow, conflict, inS, outS, tcpaS, dcpaM, hmdM } = detect(still, thresholds);
          assertEquals([conflict, tcpaS, dcpaM], [violationNow, 0, hmdM]);
          if (conflict) assertEquals([inS, outS], [0, thresholds.lookAheadS]);
          if (inside(still, widened(thresholds, -MARGIN))) assert(conflict);
        }),
        RUNS,
      );
    });

    it("reads no heights when they are unknown", () => {
      fc.assert(
        fc.property(every, ({ state, thresholds }) => {
          const unknown = detect({ ...state, sz: NaN, vz: NaN }, { ...thresholds, heightM: Infinity });
          const same = detect({ ...state, sz: 0, vz: 0 }, thresholds);
          assertEquals({ ...unknown, timeCoaltS: 0 }, { ...same, timeCoaltS: 0 });
        }),
        RUNS,
      );
    });

    it("answers in numbers, however large or small the numbers it is asked about", () => {
      const any = fc.double({ min: -1e50, max: 1e50, noNaN: true });
      const extreme = fc.oneof(
        any,
        fc.constantFrom(0, 5e-324, 1e-160, 1e-30, 1e-6, 2_147_483.647, 21_474_836.47, 1e50),
      );
      const states = fc.record({ sx: extreme, sy: extreme, sz: extreme, vx: extreme, vy: extreme, vz: extreme });
      const lookAheadS = fc.constantFrom(1e-9, 30, 1e9, Infinity);
      fc.assert(
        fc.property(every, states, lookAheadS, ({ thresholds }, state, lookAheadS) => {
          const { conflict, inS, outS, tcpaS, dcpaM, hmdM } = detect(state, { ...thresholds, lookAheadS });
          for (const value of [tcpaS, dcpaM, hmdM]) assert(Number.isFinite(value), `${value}`);
          assertEquals([Number.isNaN(inS), Number.isNaN(outS)], [!conflict, !conflict]);
          if (conflict) assert(0 <= inS && inS <= outS && outS <= lookAheadS, `[${inS}, ${outS}]`);
        }),
        RUNS,
      );
    });

    it("finds nothing where a position is unknown that it needs", () => {
      fc.assert(
        fc.property(every, fc.constantFrom("sx", "sy", "sz"), ({ state, thresholds }, missing) => {
          const { violationNow, conflict } = detect({ ...state, [missing]: NaN }, thresholds);
          assertEquals([violationNow, conflict], [false, false]);
        }),
        RUNS,
      );
    });
  });
}
