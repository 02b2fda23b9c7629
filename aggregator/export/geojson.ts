// Features as RFC 7946 has them: longitude first, rings counter-clockwise and closed, nothing across the antimeridian.

export type Position = readonly [lonDeg: number, latDeg: number];

export type Geometry =
  | { type: "Point"; coordinates: Position }
  | { type: "LineString"; coordinates: readonly Position[] }
  | { type: "MultiPolygon"; coordinates: readonly (readonly Position[])[][] };

export const HEAD = '{"type":"FeatureCollection","features":[';
export const TAIL = "]}\n";

/** @param geometry null: nobody knows where it was */
export function feature(geometry: Geometry | null, properties: object): string {
  return JSON.stringify({ type: "Feature", geometry, properties });
}

/** Whether the shorter way from one to the other leads across the antimeridian. */
export function crosses([a]: Position, [b]: Position): boolean {
  return Math.abs(a - b) > 180;
}

/** The ring as rings that stay on their side of the antimeridian. @param ring closed, and narrower than half the earth */
export function cut(ring: readonly Position[]): Position[][] {
  if (!ring.some((at, i) => i > 0 && crosses(ring[i - 1]!, at))) return [[...ring]];
  const east = ring.map(([lon, lat]): Position => [lon < 0 ? lon + 360 : lon, lat]);
  const beyond = clipped(east, -1).map(([lon, lat]): Position => [lon - 360, lat]);
  return [clipped(east, 1), beyond].filter(({ length }) => length > 3);
}

/** What of a ring is west (side 1) or east (-1) of 180°. Sutherland and Hodgman, "Reentrant polygon clipping", 1974. */
function clipped(ring: readonly Position[], side: 1 | -1): Position[] {
  const isInside = ([lon]: Position) => side * (180 - lon) >= 0;
  const kept: Position[] = [];
  for (let i = 1; i < ring.length; i++) {
    const [from, to] = [ring[i - 1]!, ring[i]!];
    if (isInside(from) !== isInside(to)) {
      const share = (180 - from[0]) / (to[0] - from[0]);
      kept.push([180, from[1] + share * (to[1] - from[1])]);
    }
    if (isInside(to)) kept.push(to);
  }
  return kept.length === 0 ? [] : [...kept, kept[0]!];
}
