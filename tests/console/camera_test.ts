import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  between,
  framing,
  offsetM,
  panned,
  placeAt,
  project,
  rests,
  scaleBar,
  unproject,
  zoomed,
} from "../../aggregator/console/camera.js";
import { encounterOf } from "../../aggregator/console/encounter.js";

const SIZE = { width: 900, height: 600 };
const PLACES = [
  { name: "in the middle of Europe", latDeg: 47.4, lonDeg: 8.5 },
  { name: "across the antimeridian", latDeg: -18, lonDeg: 179.9999 },
  { name: "at 80° north", latDeg: 80, lonDeg: 20 },
];

function near(actual: number[], expected: number[], tolerance: number): void {
  for (const [i, value] of expected.entries()) {
    assertAlmostEquals(actual[i]!, value, tolerance, `${actual}, not ${expected}`);
  }
}

for (const { name, latDeg, lonDeg } of PLACES) {
  const camera = { latDeg, lonDeg, pxPerM: 2, ...SIZE };

  describe(`a camera ${name}`, () => {
    it("finds the place under a pixel, and the pixel of a place", () => {
      const [lat, lon] = unproject(camera, 100, 500);
      near(project(camera, lat, lon), [100, 500], 1e-6);
      near(project(camera, ...(placeAt(camera, { east: 100, north: 50 }) as [number, number])), [650, 200], 1e-6);
    });

    it("keeps what is under the pointer there while it zooms", () => {
      const [lat, lon] = unproject(camera, 700, 100);
      const nearer = zoomed(camera, 3, [700, 100]);
      assertAlmostEquals(nearer.pxPerM, 6, 1e-9);
      near(project(nearer, lat, lon), [700, 100], 0.1);
    });

    it("moves with the hand", () => {
      const [lat, lon] = unproject(camera, 300, 300);
      near(project(panned(camera, 40, -25), lat, lon), [340, 275], 0.1);
    });

    it("frames a pair so that both are seen, far from one another on the screen", () => {
      const pair = [[latDeg, lonDeg], placeAt(camera, { east: 20, north: 0 })];
      const framed = framing(pair, { ...SIZE, spanMMin: 10, paddingPx: 100 });
      near(project(framed, ...(pair[0] as [number, number])), [100, 300], 0.5);
      near(project(framed, ...(pair[1] as [number, number])), [800, 300], 0.5);
    });
  });
}

describe("a camera", () => {
  const camera = { latDeg: 47.4, lonDeg: 8.5, pxPerM: 2, ...SIZE };
  const square = [[-50, -50], [50, 50]].map(([east, north]) => placeAt(camera, { east, north }));

  it("frames nothing of nobody, and not less than it is told to", () => {
    assertEquals(framing([], SIZE), null);
    assertAlmostEquals(framing([[47.4, 8.5]], { ...SIZE, spanMMin: 200, paddingPx: 50 })!.pxPerM, 500 / 200, 1e-9);
  });

  it("is not zoomed away by one of a hundred whose position is wrong", () => {
    const fleet = Array.from({ length: 200 }, (_, i) => placeAt(camera, { east: i, north: i }));
    const glitch = [...fleet, [0, 0]];
    assert(framing(glitch, SIZE)!.pxPerM > 1, "the fleet fills the picture");
  });

  it("rests while all are in the picture, and follows when they leave or are lost in it", () => {
    const wanted = framing(square, SIZE);
    const resting = zoomed(wanted, 0.8);
    assertEquals(rests(resting, square, wanted), true);
    assertEquals(rests(panned(resting, 500, 0), square, wanted), false, "one is out of it");
    assertEquals(rests(zoomed(wanted, 0.5), square, wanted), false, "they are a dot in it");
    assertEquals(rests({ ...resting, width: 800 }, square, wanted), false, "the window changed");
  });

  it("flies from one picture to another, and arrives", () => {
    const to = { ...camera, lonDeg: 8.6, pxPerM: 8 };
    const half = between(camera, to, 0.5);
    near([half.lonDeg, half.pxPerM], [8.575, 4], 1e-3);
    const [x] = project(camera, to.latDeg, to.lonDeg) as [number, number];
    near(project(half, to.latDeg, to.lonDeg), [(x + 450) / 2, 300], 0.5);
    near([between(camera, to, 0).lonDeg], [8.5], 1e-9);
    assertEquals(between(camera, to, 1), to);
  });

  it("has a round scale bar that fits", () => {
    for (const [pxPerM, text] of [[2, "50 m"], [0.05, "2 km"], [40, "2 m"], [0.01, "10 km"]] as const) {
      const bar = scaleBar({ pxPerM }, 140);
      assertEquals(bar.text, text);
      assert(bar.stepPx <= 140 && bar.stepPx > 140 / 2.6, `${bar.stepPx}`);
    }
  });

  it("zooms neither beyond the earth nor into a grain of sand", () => {
    assertEquals([zoomed(camera, 1e9).pxPerM, zoomed(camera, 1e-9).pxPerM], [50, 1e-4]);
  });
});

describe("encounterOf", () => {
  const camera = { latDeg: 47.4, lonDeg: 8.5 };
  const drone = (east: number, north: number, velocity: object) => {
    const [latDeg, lonDeg] = placeAt(camera, { east, north });
    return { latDeg, lonDeg, vnMps: 0, veMps: 0, ghostM: null, ...velocity };
  };

  it("says where two that fly at each other are closest, and when", () => {
    const [a, b] = [drone(-100, 0, { veMps: 10 }), drone(100, 30, { veMps: -10 })];
    const { distanceM, inS, closestM, at } = encounterOf(a, b);
    near([distanceM, inS, closestM], [202.2, 10, 30], 0.1);
    near(at.map(([lat, lon]: number[]) => offsetM(camera, lat!, lon!).east), [0, 0], 0.1);
  });

  it("means now of two that part, that fly abreast, and of those whose velocity nobody knows", () => {
    const pairs = [
      [drone(-100, 0, { veMps: -10 }), drone(100, 0, { veMps: 10 })],
      [drone(0, 0, { veMps: 10 }), drone(0, 40, { veMps: 10 })],
      [drone(0, 0, { veMps: null, vnMps: null }), drone(40, 0, {})],
      [drone(0, 0, { veMps: 10, ghostM: 30 }), drone(40, 0, {})],
      // Closest in 142 s: nobody flies straight on for so long.
      [drone(-1420, 0, { veMps: 5 }), drone(0, 0, { veMps: -5 })],
    ];
    for (const [a, b] of pairs) assertEquals(encounterOf(a, b).inS, 0);
  });
});
