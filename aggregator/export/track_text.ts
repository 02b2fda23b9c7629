// Positions as rows of a table, and as lines on a map. A line has a bounded number of positions, and so have all lines that are not
// written yet: of a drone that flew for long there are several.
import { type Column, header, moment, record } from "./csv.ts";
import { crosses, feature, HEAD, type Position, TAIL } from "./geojson.ts";
import type { Format } from "./pages.ts";
import type { Fix } from "./tracks.ts";

const COLUMNS: Column<Fix>[] = [
  ["time", ({ timeUs }) => moment(timeUs)],
  ["timeUs", ({ timeUs }) => timeUs],
  ["retimed", ({ retimed }) => retimed],
  ["droneId", ({ droneId }) => droneId],
  ["latDeg", ({ latDeg }) => latDeg],
  ["lonDeg", ({ lonDeg }) => lonDeg],
  ["altMslM", ({ altMslM }) => altMslM],
  ["altHomeM", ({ altHomeM }) => altHomeM],
  ["vnMps", ({ vnMps }) => vnMps],
  ["veMps", ({ veMps }) => veMps],
  ["vdMps", ({ vdMps }) => vdMps],
  ["headingDeg", ({ headingDeg }) => headingDeg],
  ["fixType", ({ fixType }) => fixType],
  ["flags", ({ flags }) => flags],
  ["edgeId", ({ edgeId }) => edgeId],
  ["bootId", ({ bootId }) => bootId],
  ["seq", ({ seq }) => seq],
];

const LINE_POSITIONS_MAX = 1000;
const POSITIONS_MAX = 100_000;

/** Text, a piece at a time: with some of the positions, or none yet. */
export function* trackText(fixes: Iterable<Fix>, format: Format): Generator<string> {
  if (format === "csv") {
    yield header(COLUMNS);
    for (const fix of fixes) yield record(COLUMNS, fix);
    return;
  }
  yield HEAD;
  let comma = "";
  for (const line of linesOf(fixes)) {
    yield `${comma}\n${line}`;
    comma = ",";
  }
  yield TAIL;
}

function* linesOf(fixes: Iterable<Fix>): Generator<string> {
  const open = new Map<string, Fix[]>();
  let held = 0;
  const end = (droneId: string) => {
    const line = open.get(droneId)!;
    open.delete(droneId);
    held -= line.length;
    return lineOf(line);
  };
  for (const fix of fixes) {
    const { droneId, bootId } = fix;
    const last = open.get(droneId)?.at(-1);
    if (last && (last.bootId !== bootId || crosses(at(last), at(fix)))) yield end(droneId);
    const line = open.get(droneId) ?? [];
    // Heard of last, it is last: the first is the one that waits for longest.
    open.delete(droneId);
    open.set(droneId, line);
    line.push(fix);
    held++;
    if (line.length >= LINE_POSITIONS_MAX) yield end(droneId);
    else if (held >= POSITIONS_MAX) yield end(open.keys().next().value!);
  }
  for (const droneId of [...open.keys()]) yield end(droneId);
}

function at({ lonDeg, latDeg }: Fix): Position {
  return [lonDeg, latDeg];
}

/** With a list for each position's own; the altitude is none that RFC 7946 has: it is above the sea, not the ellipsoid. */
function lineOf(line: readonly Fix[]): string {
  const { droneId, bootId } = line[0]!;
  const coordinates = line.map(at);
  const [only] = coordinates;
  const geometry = coordinates.length > 1
    ? { type: "LineString", coordinates } as const
    : { type: "Point", coordinates: only! } as const;
  return feature(geometry, {
    droneId,
    bootId,
    start: moment(line[0]!.timeUs),
    end: moment(line.at(-1)!.timeUs),
    timesUs: line.map(({ timeUs }) => timeUs),
    altMslM: line.map(({ altMslM }) => altMslM),
    altHomeM: line.map(({ altHomeM }) => altHomeM),
    retimed: line.some(({ retimed }) => retimed),
  });
}
