// Windows as both sides tell them, made comparable: the aggregator's, of which the last revision counts, and those of flink/windows.sql.
import type { SlidingWindow, TumblingWindow } from "../../aggregator/outputs.ts";

/** A row of `fleet-metrics`. */
export type OwnRow = ({ kind: "tumbling" } & TumblingWindow) | ({ kind: "sliding" } & SlidingWindow);

/** A row of `fleet-metrics-flink`. */
export interface FlinkRow {
  kind: "tumbling" | "sliding" | "density";
  fleet: string;
  zone: string;
  start_us: number;
  end_us: number;
  drones: number;
  positions: number;
  batteries: number;
  obstacles: number;
  near_duplicates: number;
  average_cpct: number | null;
  min_cpct: number | null;
  low_count: number;
  known: number;
  speed_average_cms: number | null;
  cell: string | null;
}

/** What both say of a window, by name. */
export type Window = Record<string, number | null>;

/** Windows by what they are of, such as `tumbling ["survey","north"] 1760000000000000`. */
export type WindowTable = Map<string, Window>;

/** The aggregator's, as they were emitted last. @param rows in the order in which they were published */
export function ownWindows(rows: Iterable<OwnRow>): {
  windows: WindowTable;
  revisions: number;
  /** Windows of which the last word was not published. */
  open: number;
} {
  const windows: WindowTable = new Map();
  const open = new Set<string>();
  let revisions = 0;
  for (const row of rows) {
    const key = keyOf(row.kind, { ...row });
    if (row.revision > 0 && !row.final) revisions++;
    if (row.final) open.delete(key);
    else open.add(key);
    windows.set(key, row.kind === "tumbling" ? ownTumbling(row) : { speedAverageCms: row.speedAverageCms });
  }
  return { windows, revisions, open: open.size };
}

function ownTumbling({ dronesReporting, records, battery, density }: TumblingWindow): Window {
  const { position, obstacles, nearDuplicate } = records;
  const counts = { drones: dronesReporting, positions: position, batteries: records.battery, obstacles, nearDuplicate };
  return { ...counts, ...battery, ...Object.fromEntries(density.map(({ cell, drones }) => [`in ${cell}`, drones])) };
}

/** Flink's; `doubled`: rows of what it had told already. */
export function flinkWindows(rows: Iterable<FlinkRow>): { windows: WindowTable; doubled: number } {
  const windows: WindowTable = new Map();
  const cells: [key: string, cell: string, drones: number][] = [];
  const seen = new Set<string>();
  let doubled = 0;
  for (const row of rows) {
    const place = { fleet: row.fleet, zone: row.zone, startUs: row.start_us };
    const identity = `${keyOf(row.kind, place)} ${row.cell}`;
    if (seen.has(identity)) doubled++;
    seen.add(identity);
    if (row.kind === "density") cells.push([keyOf("tumbling", place), row.cell!, row.drones]);
    else windows.set(keyOf(row.kind, place), row.kind === "tumbling" ? tumbling(row) : sliding(row));
  }
  for (const [key, cell, drones] of cells) {
    const window = windows.get(key) ?? {};
    window[`in ${cell}`] = drones;
    windows.set(key, window);
  }
  return { windows, doubled };
}

function tumbling(row: FlinkRow): Window {
  return {
    ...{ drones: row.drones, positions: row.positions, batteries: row.batteries, obstacles: row.obstacles },
    ...{ nearDuplicate: row.near_duplicates, averageCpct: row.average_cpct, minCpct: row.min_cpct },
    ...{ lowCount: row.low_count, known: row.known },
  };
}

function sliding(row: FlinkRow): Window {
  return { speedAverageCms: row.speed_average_cms };
}

function keyOf(kind: string, { fleet, zone, startUs }: { fleet: string; zone: string; startUs: number }): string {
  return `${kind} ${JSON.stringify([fleet, zone])} ${startUs}`;
}
