import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { LaneIndex } from "../../wasm/limits.ts";
import { encode, load, type RecordInit } from "./frames.ts";

const T0 = 1_790_000_000_000_000n;
const NO_VELOCITY = 128;

interface Fix {
  /** When it arrives, and what its drone's clock says then. */
  arrivesMs: number;
  clockMs: number;
  vnCms?: number;
  veCms?: number;
  vdCms?: number;
  flags?: number;
  latE7?: number;
}

/** The fixes of a drone that are forwarded, by their place in the list. */
async function forwarded(fixes: Fix[]): Promise<number[]> {
  const hotPath = await load();
  return forwardedBy(hotPath, "d", fixes);
}

function forwardedBy(hotPath: Awaited<ReturnType<typeof load>>, droneId: string, fixes: Fix[]): number[] {
  const kept: number[] = [];
  for (const [i, { arrivesMs, clockMs, flags = 3, latE7 = 470_000_000, ...velocity }] of fixes.entries()) {
    const value = { latE7, lonE7: 80_000_000, altMslMm: 400_000, fixType: 3, ...velocity };
    const eventTimeUs = T0 + BigInt(Math.round(clockMs * 1000));
    const record = { seq: i + 1, eventTimeUs, flags, body: { case: "position", value } } as RecordInit;
    hotPath.push(encode({ droneId, bootId: 1, records: [record] }), arrivesMs);
    if (hotPath.forwarded > 0) kept.push(i);
  }
  return kept;
}

const each = (count: number, of: (i: number) => Fix) => Array.from({ length: count }, (_, i) => of(i));
const all = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("a drone that hovers", () => {
  it("is forwarded once a second when its clock stands still", async () => {
    const kept = await forwarded(each(100, (i) => ({ arrivesMs: 5000 + 100 * i, clockMs: 0 })));
    assertEquals(kept, all(10).map((i) => 10 * i));
  });

  it("is forwarded with each fix while its clock runs backwards", async () => {
    const kept = await forwarded(each(30, (i) => ({ arrivesMs: 100 * i, clockMs: 60_000 - 100 * i })));
    assertEquals(kept, all(30));
  });

  it("is suppressed as ever when its fixes come some ms early or late", async () => {
    const kept = await forwarded(each(100, (i) => ({ arrivesMs: 1000 + 100 * i + i * 37 % 90, clockMs: 100 * i })));
    assertEquals(kept, all(10).map((i) => 10 * i));
  });

  it("has of a backlog that arrives at once a fix for each second of its time", async () => {
    const kept = await forwarded(each(100, (i) => ({ arrivesMs: 5000, clockMs: 100 * i })));
    assertEquals(kept, all(10).map((i) => 10 * i));
  });

  it("never leaves a gap over a second and one fix, whatever its clock does", async () => {
    const hotPath = await load();
    const clock = fc.array(fc.integer({ min: -500, max: 1500 }), { minLength: 30, maxLength: 60 });
    let drone = 0;
    fc.assert(fc.property(clock, fc.integer({ min: 20, max: 400 }), (stepsMs, periodMs) => {
      let clockMs = 1e6;
      const fixes = stepsMs.map((stepMs, i) => ({ arrivesMs: periodMs * i, clockMs: clockMs += stepMs }));
      const kept = forwardedBy(hotPath, `d${++drone}`, fixes);
      for (const lane of [LaneIndex.safety, LaneIndex.bulk]) hotPath.seal(lane);
      const arrivals = [...kept.map((i) => fixes[i]!.arrivesMs), fixes.at(-1)!.arrivesMs];
      const gaps = arrivals.slice(1).map((atMs, i) => atMs - arrivals[i]!);
      assertEquals(Math.max(...gaps) <= 1000 + periodMs, true, `${gaps}`);
    }));
  });
});

describe("a receiver whose place is frozen", () => {
  it("is forwarded with each fix when it tells 20 m/s", async () => {
    const kept = await forwarded(
      each(50, (i) => ({ arrivesMs: 100 * i, clockMs: 100 * i, vnCms: 1600, veCms: -1200 })),
    );
    assertEquals(kept, all(50));
  });

  for (
    const [name, fix, expected] of [
      ["1.00 m of movement to the north", { vnCms: 1000 }, all(3)],
      ["0.99 m of it", { vnCms: -990 }, [0, 2]],
      ["1.00 m of it to the east", { veCms: -1000 }, all(3)],
      ["1.00 m of climb", { vdCms: 1000 }, all(3)],
      ["1.02 m of it in all directions together", { vnCms: 600, veCms: 600, vdCms: 570 }, all(3)],
      ["the fastest that can be said", { vnCms: -2_147_483_648, veCms: 2_147_483_647 }, all(3)],
      ["a velocity that was not measured", { vnCms: 2000, flags: 3 | NO_VELOCITY }, [0]],
    ] as const
  ) {
    it(`is forwarded ${expected.length} times of 3 with ${name} a fix`, async () => {
      assertEquals(await forwarded(each(3, (i) => ({ arrivesMs: 100 * i, clockMs: 100 * i, ...fix }))), expected);
    });
  }

  it("and whose clock stands still as well has moved by the time that has passed here", async () => {
    const fixes = each(6, (i) => ({ arrivesMs: 100 * i, clockMs: 0, vnCms: 300 }));
    // 0.9 m after 300 ms, 1.2 m after 400.
    assertEquals(await forwarded(fixes), [0, 4]);
  });

  it("is judged by its own time when its fixes arrive together", async () => {
    const fixes = each(3, (i) => ({ arrivesMs: 5000, clockMs: 100 * i, vnCms: 2000 }));
    assertEquals(await forwarded(fixes), all(3));
  });
});

describe("a fix that was lost", () => {
  it("is not what the next ones are compared with", async () => {
    const hotPath = await load();
    const push = (seq: number, droneId = "d") => {
      const value = { latE7: 470_000_000, lonE7: 80_000_000, fixType: 3 };
      const record = { seq, eventTimeUs: T0 + BigInt(seq * 1000), body: { case: "position", value } } as RecordInit;
      hotPath.push(encode({ droneId, bootId: 1, records: [record] }), seq);
      return hotPath.forwarded;
    };
    assertEquals([push(1), push(1, "other"), push(2)], [1, 1, 0]);
    const ofD = [...hotPath.seal(LaneIndex.safety)!.receipt].slice(0, 2);
    hotPath.forget(Uint32Array.from(ofD));
    assertEquals([push(3), push(2, "other"), push(4)], [1, 0, 0]);
  });
});
