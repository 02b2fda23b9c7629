import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cellToBoundary, latLngToCell } from "h3-js";
import { placeOfWindow } from "../../aggregator/export/columns.ts";
import { cut, type Position } from "../../aggregator/export/geojson.ts";

/** Counter-clockwise: above zero. */
function areaOf(ring: readonly Position[]): number {
  return ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length]!;
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}

function isRing(ring: readonly Position[]): boolean {
  return ring.length > 3 && JSON.stringify(ring[0]) === JSON.stringify(ring.at(-1));
}

const ringOf = (lat: number, lon: number) =>
  cellToBoundary(latLngToCell(lat, lon, 5), true).map(([x, y]): Position => [x!, y!]);

describe("a ring", () => {
  for (const [place, lat, lon] of [["Zürich", 47.4, 8.5], ["Quito", -0.2, -78.5], ["Sydney", -33.9, 151.2]] as const) {
    it(`of a cell at ${place} is closed and counter-clockwise, and stays as it is`, () => {
      const ring = ringOf(lat, lon);
      assertEquals(cut(ring), [ring]);
      assert(isRing(ring));
      assertGreater(areaOf(ring), 0);
    });
  }

  for (const lat of [-17, 0, 65]) {
    it(`across the antimeridian at ${lat}° is cut into two that are as large together, each on its own side`, () => {
      const ring = ringOf(lat, 180);
      const rings = cut(ring);
      assertEquals(rings.length, 2);
      for (const part of rings) {
        assert(isRing(part), JSON.stringify(part));
        assertGreater(areaOf(part), 0);
        const sides = new Set(part.map(([lon]) => lon).filter((lon) => Math.abs(lon) !== 180).map(Math.sign));
        assertEquals(sides.size, 1);
      }
      const whole = areaOf(ring.map(([lon, lat]) => [lon < 0 ? lon + 360 : lon, lat]));
      assertGreater(1e-9, Math.abs(rings.reduce((sum, part) => sum + areaOf(part), 0) - whole));
    });
  }
});

describe("the place of a window", () => {
  it("has a polygon of each cell, and is none where there are no cells", () => {
    const density = [[47.4, 8.5], [47.5, 8.5]].map(([lat, lon]) => ({
      cell: latLngToCell(lat!, lon!, 9),
      drones: 1,
      dronesPerKm2: 1,
    }));
    const place = placeOfWindow({ density });
    assertEquals([place?.type, place?.coordinates.length], ["MultiPolygon", 2]);
    assertEquals([placeOfWindow({ density: [] }), placeOfWindow({})], [null, null]);
  });
});
