// Windows and alerts of a range of time, a page at a time: each begins behind the last row of the one before, so that nothing is held
// between two of them, and other questions have their turn.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { AlertEvent, SlidingWindow, TumblingWindow } from "../outputs.ts";
import { ALERTS, placeOfAlert, placeOfWindow, SLIDING, TUMBLING } from "./columns.ts";
import { type Column, header, record } from "./csv.ts";
import { feature, type Geometry, HEAD, TAIL } from "./geojson.ts";

export type Format = "csv" | "geojson";

/** What is wanted: windows by their start, alerts by their last change; from inclusive, to exclusive, Unix µs. */
export type Wanted =
  & { fromUs: number; toUs: number }
  & ({ of: "windows"; kind: "tumbling" | "sliding"; fleet?: string | undefined; zone?: string | undefined } | {
    of: "alerts";
  });

/** The values of the last row by which rows are in order. */
export type After = readonly SQLInputValue[];

export interface PageQuery {
  wanted: Wanted;
  format: Format;
  /** Null: from the beginning. */
  after: After | null;
  rowsMax: number;
}

export interface Page {
  text: string;
  /** Null: there are no more. */
  after: After | null;
}

/** A page has about as many characters, whatever its rows have. */
const PAGE_CHARS = 256 << 10;

export function pageOf(db: DatabaseSync, { wanted, format, after, rowsMax }: PageQuery): Page {
  const { sql, values, order } = statementOf(wanted, after);
  const { head, row, tail } = writing(wanted, format);
  let text = after === null ? head : "";
  let [rows, last, isFirst]: [number, After, boolean] = [0, [], after === null];
  for (const found of db.prepare(sql).iterate(...values, rowsMax + 1)) {
    if (rows === rowsMax || text.length > PAGE_CHARS) return { text, after: last };
    text += row(JSON.parse(String(found.body)), isFirst);
    last = order.map((column) => found[column]!);
    [rows, isFirst] = [rows + 1, false];
  }
  return { text: text + tail, after: null };
}

interface Statement {
  sql: string;
  values: SQLInputValue[];
  /** Columns of a row by whose values the next page begins. */
  order: string[];
}

/** Rows in an order that goes on behind any of them. */
export function statementOf(wanted: Wanted, after: After | null): Statement {
  const ofAlerts = wanted.of === "alerts";
  const [table, order, equal] = ofAlerts
    ? ["alerts", ["changed_us", "alert_id", "rowid"], []]
    : ["windows", ["start_us", "fleet", "zone"], equalTo(wanted)];
  const [time] = order;
  const conditions = [...equal.map(([column]) => `${column} = ?`), `${time} >= ?`, `${time} < ?`];
  // An index knows the first of its columns: of equal ones the rest decides.
  if (after) conditions.push(`(${order.join(", ")}) > (${order.map(() => "?").join(", ")})`);
  const from = after?.[0] ?? wanted.fromUs;
  return {
    sql: `SELECT body, ${order.join(", ")} FROM ${table} WHERE ${conditions.join(" AND ")}
      ORDER BY ${order.join(", ")} LIMIT ?`,
    values: [...equal.map(([, value]) => value), from, wanted.toUs, ...after ?? []],
    order,
  };
}

function equalTo({ kind, fleet, zone }: Extract<Wanted, { of: "windows" }>): [column: string, value: string][] {
  const given: [string, string | undefined][] = [["kind", kind], ["fleet", fleet], ["zone", zone]];
  return given.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

interface Writing {
  head: string;
  /** Of what the sink has written, which is of the kind that was asked for. */
  row: (body: unknown, isFirst: boolean) => string;
  tail: string;
}

function writing(wanted: Wanted, format: Format): Writing {
  if (wanted.of === "alerts") return written<AlertEvent>(format, ALERTS, placeOfAlert);
  if (wanted.kind === "sliding") return written<SlidingWindow>(format, SLIDING, () => null);
  return written<TumblingWindow>(format, TUMBLING, placeOfWindow);
}

function written<Row extends object>(
  format: Format,
  columns: readonly Column<Row>[],
  place: (row: Row) => Geometry | null,
): Writing {
  if (format === "csv") return { head: header(columns), row: (body) => record(columns, body as Row), tail: "" };
  const row = (body: unknown, isFirst: boolean) => `${isFirst ? "" : ","}\n${feature(place(body as Row), body as Row)}`;
  return { head: HEAD, row, tail: TAIL };
}
