// Frames for the property tests.
import fc from "fast-check";
import type { FrameInit } from "./frames.ts";

const uint32 = fc.integer({ min: 0, max: 4_294_967_295 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const int32 = fc.integer({ min: -2_147_483_648, max: 2_147_483_647 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

const position = fc.record({
  latE7: int32,
  lonE7: int32,
  altMslMm: maybe(int32),
  altHomeMm: maybe(int32),
  vnCms: int32,
  veCms: int32,
  vdCms: int32,
  headingCdeg: maybe(uint32),
  hAccMm: maybe(uint32),
  vAccMm: maybe(uint32),
  fixType: uint32,
  satellites: maybe(uint32),
});
const battery = fc.record({
  id: uint32,
  voltageMv: maybe(uint32),
  currentCa: maybe(int32),
  remainingCpct: maybe(uint32),
  temperatureCdegc: maybe(int32),
  chargeState: uint32,
});
const obstacles = fc.record({
  sensorId: uint32,
  frame: uint32,
  maxRangeCm: uint32,
  hits: fc.array(
    fc.record({ bearingCdeg: int32, elevationCdeg: int32, rangeCm: uint32, rangeRateCms: maybe(int32) }),
    { maxLength: 5 },
  ),
});
const body = fc.oneof(
  position.map((value) => ({ case: "position" as const, value })),
  battery.map((value) => ({ case: "battery" as const, value })),
  obstacles.map((value) => ({ case: "obstacles" as const, value })),
);
/** Any frame that the contract can say: every field of every kind, at its limits as likely as between. */
export const frames: fc.Arbitrary<FrameInit> = fc.record({
  droneId: fc.string({ minLength: 1, maxLength: 16, unit: "grapheme" }),
  bootId: uint32,
  records: fc.uniqueArray(
    fc.record({
      seq: uint32,
      eventTimeUs: fc.bigInt({ min: 0n, max: 4_294_967_295_999_999n }),
      flags: uint32,
      body,
    }),
    { selector: ({ seq }) => seq, maxLength: 8 },
  ),
  group: fc.oneof(fc.constant(""), fc.constantFrom("show-1", "é".repeat(32), "g".repeat(65), "é".repeat(33))),
  alertAcks: fc.array(fc.record({ alertId: uint64, receivedTimeUs: uint64, revision: uint32 }), { maxLength: 3 }),
});
