import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { emptyPoint, surfacePoint } from "../../aggregator/airspace/earth.ts";
import { Grid } from "../../aggregator/airspace/grid.ts";
import { Separation } from "../../aggregator/airspace/separation.ts";
import { ROW_WORDS, TrackFlag, Word } from "../../aggregator/airspace/track_rows.ts";
import { Tracks } from "../../aggregator/airspace/tracks.ts";
import { type Place, Sky } from "./sky.ts";

const maybe = (arbitrary: fc.Arbitrary<number>) => fc.oneof({ weight: 9, arbitrary }, fc.constant(NaN));
const metres = (max: number) => fc.double({ min: -max, max, noNaN: true });

const place: fc.Arbitrary<Place & { crewed: boolean }> = fc.record({
  eastM: metres(2500),
  northM: metres(2500),
  upM: maybe(metres(60)),
  east: metres(25),
  north: maybe(metres(25)),
  up: metres(4),
  hAccM: maybe(fc.double({ min: 0, max: 10, noNaN: true })),
  crewed: fc.boolean(),
}).map(({ north, east, up, ...rest }) =>
  Number.isNaN(north) ? { ...rest, north, east: NaN, up: NaN } : { ...rest, north, east, up }
);

const where = fc.constantFrom(
  { latDeg: 47.4, lonDeg: 8.5 },
  { latDeg: -18, lonDeg: 180 },
  { latDeg: 85, lonDeg: -180 },
  { latDeg: 0, lonDeg: 0 },
  { latDeg: -89.5, lonDeg: 12 },
);

/** A grid in which these places are, and what it finds in reach of the first. */
function placed(places: readonly { latDeg: number; lonDeg: number }[], { reach }: { reach: number }) {
  const grid = new Grid(64);
  const rows = new Float64Array(64 * ROW_WORDS);
  for (const [track, at] of places.entries()) {
    const [x, y, z] = pointM(at);
    const words = { x, y, z, ...at, alt: NaN, reach, heightReach: 1 };
    for (const [name, value] of Object.entries(words)) {
      rows[track * ROW_WORDS + Word[name as keyof typeof words]] = value;
    }
    grid.place(rows, track);
  }
  const into = { tracks: new Int32Array(64), shares: new Float32Array(64), count: 0 };
  const look = () => {
    into.count = 0;
    grid.inReach(rows, 0, into);
    return [...into.tracks.subarray(0, into.count)].sort((a, b) => a - b);
  };
  return { grid, rows, look };
}

describe("the search", () => {
  it("finds every pair that a look at all pairs finds", () => {
    let found = 0;
    fc.assert(
      fc.property(where, fc.array(place, { minLength: 2, maxLength: 40 }), (at, places) => {
        const sky = new Sky({ ...at, settings: { crowdPairs: 40 } });
        const tracks = new Tracks(100);
        const separation = new Separation(sky.settings);
        const ids = places.map(({ crewed }, i) => `${crewed && i % 5 === 0 ? "crewed-" : "drone-"}${100 + i}`);
        for (const [i, each] of places.entries()) {
          const track = tracks.add(ids[i]!)!;
          tracks.write(track, { fix: sky.fix(each), accuracy: sky.settings });
          if (ids[i]!.startsWith("crewed-")) tracks.mark(track, TrackFlag.crewed);
        }
        separation.at(tracks.rows, sky.nowUs);
        const expected: string[] = [];
        for (let a = 0; a < places.length; a++) {
          for (let b = a + 1; b < places.length; b++) {
            if (separation.assess(a, b, 0) > 0) expected.push([ids[a], ids[b]].sort().join("|"));
          }
        }
        // Twice: the one that reaches farther finds the other when its turn comes.
        for (let turn = 0; turn < 2; turn++) for (const [i, each] of places.entries()) sky.tell(ids[i]!, each);
        assertEquals(sky.alerts.open().map(({ droneIds }) => droneIds.join("|")).sort(), expected.sort());
        found += expected.length;
      }),
      { numRuns: 300 },
    );
    assert(found > 300, `${found} pairs`);
  });

  it("tests a bounded number of a crowd at each update, and all of it in turn", () => {
    const sky = new Sky({ settings: { testsMax: 20 } });
    // All of them fly east, 100 m apart: in reach of each other, and clear.
    const formation = (i: number): Place => ({ eastM: (i % 20) * 100, northM: Math.floor(i / 20) * 100, upM: 100 });
    for (let i = 0; i < 200; i++) sky.tell(`d${i}`, { ...formation(i), east: 12 });
    for (let i = 0; i < 200; i++) sky.tell(`d${i}`, { ...formation(i), east: 12 });
    assertEquals(sky.alerts.openCount, 0, "all fly the same way");
    // One turns around, into the path of others, which go on: each of them is found, whatever its place in the crowd.
    const intruder = { eastM: 2100, northM: 400, upM: 100, east: -12 };
    sky.tell("intruder", { ...intruder, east: 12 });
    assertEquals(sky.alerts.openCount, 0);
    for (let turn = 1; turn < 30; turn++) sky.tell("intruder", intruder);
    const unlimited = new Sky({ settings: { testsMax: 1000 } });
    for (let i = 0; i < 200; i++) unlimited.tell(`d${i}`, { ...formation(i), east: 12 });
    unlimited.tell("intruder", intruder);
    const pairs = (of: Sky) => of.alerts.open().map(({ droneIds }) => droneIds.join()).sort();
    assertGreater(pairs(unlimited).length, 5);
    assertEquals(pairs(sky), pairs(unlimited));
  });

  it("opens a bounded number of conflicts of one drone, and counts the rest", () => {
    // Of a crowd it is less: here none is.
    const sky = new Sky({ settings: { pairsOfDroneMax: 4, crowdPairs: 100 } });
    for (let i = 0; i < 10; i++) sky.tell(`d${i}`, { eastM: i });
    const ofEach = Map.groupBy(sky.alerts.open().flatMap(({ droneIds }) => droneIds), (id) => id);
    assertEquals([...ofEach.values()].map(({ length }) => length), Array(10).fill(4));
    assert(sky.airspace.view.conflictsNotOpened > 0);
  });

  it("opens no conflict of a drone in the middle of so many that they are its crowd", () => {
    const sky = new Sky();
    for (let i = 0; i < 7; i++) {
      const angle = i * 2 * Math.PI / 7;
      sky.tell(`d${i}`, { eastM: 45 * Math.cos(angle), northM: 45 * Math.sin(angle) });
    }
    // Each with the two beside it.
    assertEquals([sky.airspace.view.conflicts, sky.airspace.view.crowds], [7, 0]);
    sky.tell("middle", {});
    assertEquals([sky.airspace.view.conflicts, sky.airspace.view.crowds], [7, 1]);
  });

  it("tracks a bounded number of drones, and counts the rest", () => {
    const tracks = new Tracks(2);
    assertEquals([tracks.add("a"), tracks.add("b"), tracks.add("c")], [0, 1, null]);
    assertEquals(tracks.notTracked, 1);
    tracks.write(0, { fix: new Sky().fix({}), accuracy: { hAccM: 1, vAccM: 1 } });
    tracks.drop(0);
    assertEquals(tracks.add("c"), 0);
  });
});

describe("Grid", () => {
  it("finds all within a radius, wherever on earth, and each once", () => {
    const lat = fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, 90, 89.95, 0));
    const lon = fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, 180, 0));
    const near = fc.double({ min: -0.02, max: 0.02, noNaN: true });
    fc.assert(
      fc.property(lat, lon, fc.array(fc.tuple(near, near), { maxLength: 50 }), (latDeg, lonDeg, offsets) => {
        const places = [[0, 0] as const, ...offsets].map(([dLat, dLon]) => ({
          latDeg: Math.max(-90, Math.min(90, latDeg + dLat)),
          lonDeg: (lonDeg + dLon / Math.max(0.01, Math.cos(latDeg * Math.PI / 180)) + 540) % 360 - 180,
        }));
        const { grid, rows, look } = placed(places, { reach: 500 });
        const expected = places.flatMap((at, track) => distanceM(at, places[0]!) <= 1000 ? [track] : []);
        assertEquals(look(), expected);
        for (const track of expected.slice(1)) grid.remove(track);
        assertEquals(look(), [0]);
        for (const track of expected.slice(1)) grid.place(rows, track);
        assertEquals(look(), expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("finds the same for one that reaches over more cells than there are", () => {
    const places = [0, 0.001, 0.1, 0.35, 0.37, 1].map((offset) => ({ latDeg: 47 + offset, lonDeg: 8 }));
    const { grid, rows, look } = placed(places, { reach: 20_000 });
    assertEquals(look(), [0, 1, 2, 3]);
    grid.remove(3);
    assertEquals(look(), [0, 1, 2]);
    grid.place(rows, 3);
    assertEquals(look(), [0, 1, 2, 3]);
  });
});

function pointM({ latDeg, lonDeg }: { latDeg: number; lonDeg: number }): [number, number, number] {
  const point = emptyPoint();
  surfacePoint(latDeg, lonDeg, point);
  return [point.xM, point.yM, point.zM];
}

function distanceM(a: { latDeg: number; lonDeg: number }, b: { latDeg: number; lonDeg: number }): number {
  const [p, q] = [pointM(a), pointM(b)];
  return Math.sqrt((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2);
}
