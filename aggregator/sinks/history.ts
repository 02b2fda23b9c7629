// Questions to what the SQLite sink has written, answered as JSON. Rows still in its queue are not seen. Each question finds its
// rows in the order of an index (schema.ts): it reads as many as it answers, however many there are.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { AuditRecord } from "../audit/record.ts";
import type { Erased } from "../outputs.ts";
import { type After, pageOf, type PageQuery } from "../export/pages.ts";
import { bodyWithout } from "./forgetting/forgetting.ts";
import { AGE_COLUMNS, type AgingTable } from "./schema.ts";

/** Which windows are asked for. */
export interface WindowQuery {
  kind: "tumbling" | "sliding";
  fleet?: string | undefined;
  zone?: string | undefined;
  /** Unix µs of a window's start: from inclusive, to exclusive. */
  fromUs?: number | undefined;
  toUs?: number | undefined;
  limit: number;
}

/** What can be asked; `without`: drones that are erased, and of whom the database may still say something. */
export type Question = Asked & { without?: readonly Erased[] };

/** What the answer is as JSON. */
type Asked =
  /** Latest revision of each window, newest first: `(TumblingWindow | SlidingWindow)[]`. */
  | { what: "windows" } & WindowQuery
  /** Latest state of each alert of every run, newest change first: `AlertEvent[]`. */
  | { what: "alerts"; limit: number }
  /** What became of warnings, of one alert if that is given, the latest first: `DeliveryReport[]`. */
  | { what: "deliveries"; alertId?: number | undefined; limit: number }
  /** Changes of alerts that webhooks were not told, newest first: `DeadLetterView[]`. */
  | { what: "dead-letters"; limit: number }
  /** The drone as last written: `DroneView`, or 404 when it was never seen. */
  | { what: "drone"; droneId: string }
  /** Newest first: `LossView[]`. */
  | { what: "losses"; limit: number }
  /** Entries that made the pipeline throw, newest first: `QuarantinedView[]`. */
  | { what: "quarantined"; limit: number }
  /** Records of what was done, newest first, of those before this id if it is given: `AuditView[]`. */
  | { what: "audit"; beforeId?: number | undefined; limit: number }
  /** Some rows of an export, as text. */
  | { what: "page" } & PageQuery
  /** The age (see AGE_COLUMNS) of the row that so many are newer than: `number`, or null when there is none. */
  | { what: "age"; table: AgingTable; newerRows: number };

/** Why there is no answer, with the HTTP status that says so. */
export interface Unanswered {
  status: 400 | 404 | 503 | 504;
  error: string;
}

/** JSON as UTF-8, or why there is none; of an export its text, and behind which row it goes on, null where that was all. */
export type Answer = { json: Uint8Array<ArrayBuffer>; after?: After | null } | Unanswered;

/** Asks the history; never rejects. */
export type Ask = (question: Question) => Promise<Answer>;

/** One entry of the journal that made the pipeline throw; of a batch also whose. */
export interface QuarantinedView {
  entry: number;
  atUs: number;
  what: string;
  edgeId: string;
  batchId: string;
  records: number;
  error: string;
}

/** Changes of alerts that a webhook will not be told: one by its key, or several that the database had no more. */
export interface DeadLetterView {
  webhook: string;
  atUs: number;
  changes: number;
  reason: string;
  key: string;
  why: string;
}

/** An audit record as it is kept: `id` grows from one to the next, of whatever journal. */
export interface AuditView extends AuditRecord {
  id: number;
  journal: string;
}

/** An answer has no more characters; windows of a crowd can have thousands each. */
const ANSWER_CHARS_MAX = 8 << 20;
/** Where the asker's own thread answers, it answers with no more rows. */
const HERE_ROWS_MAX = 100;

const LOSS =
  `json_object('edgeId', edge_id, 'session', session, 'timeUs', time_us, 'droneId', drone_id, 'bootId', boot_id,
  'firstSeq', first_seq, 'lastSeq', last_seq, 'lane', lane, 'reason', reason, 'records', records)`;
const QUARANTINED = `json_object('entry', entry, 'atUs', at_us, 'what', what, 'edgeId', edge_id, 'batchId', batch_id,
  'records', records, 'error', error)`;
const DEAD_LETTER = `json_object('webhook', webhook, 'atUs', at_us, 'changes', changes, 'reason', reason,
  'key', change_key, 'why', why)`;
// The record as it was hashed, with more members: it is not parsed, for SQLite's text ends at a NUL.
const AUDIT =
  `substr(body, 1, length(body) - 1) || ',' || substr(json_object('hash', hash, 'journal', journal, 'id', id), 2)`;

/** Answers with JSON straight from the rows: nothing is parsed. */
export function answer(db: DatabaseSync, question: Question): Answer {
  try {
    return jsonOf(db, question);
  } catch (error) {
    // A disk that cannot be read, a database that another process holds.
    return { status: 503, error: `Cannot look it up: ${error instanceof Error ? error.message : error}` };
  }
}

/**
 * Answers on the asker's thread, with few rows at a time: for a database in memory, which no other thread can see.
 */
export function askHere(db: DatabaseSync): Ask {
  return (question) => {
    return Promise.resolve(answer(db, small(question)));
  };
}

function small(question: Question): Question {
  if ("limit" in question) return { ...question, limit: Math.min(question.limit, HERE_ROWS_MAX) };
  return "rowsMax" in question ? { ...question, rowsMax: Math.min(question.rowsMax, HERE_ROWS_MAX) } : question;
}

function jsonOf(db: DatabaseSync, question: Question): Answer {
  if (question.what === "page") {
    const { text, after } = pageOf(db, question);
    return { ...encode(text), after };
  }
  const { sql, values } = statementOf(question);
  const bodies: string[] = [];
  let chars = 2;
  for (const { body } of db.prepare(sql).iterate(...values)) {
    const text = without(String(body), question.without);
    if (text === null) continue;
    chars += text.length + 1;
    if (chars > ANSWER_CHARS_MAX) {
      const error = `Cannot answer with more than ${ANSWER_CHARS_MAX >> 20} MiB: ask for fewer by limit`;
      return { status: 400, error };
    }
    bodies.push(text);
  }
  const [one] = bodies;
  switch (question.what) {
    case "drone":
      if (one !== undefined) return encode(one);
      return {
        status: 404,
        error: `Cannot find drone ${JSON.stringify(question.droneId)}: it was never seen`,
      };
    case "age":
      return encode(one ?? "null");
    default:
      return encode(`[${bodies.join(",")}]`);
  }
}

function without(body: string, erased: readonly Erased[] = []): string | null {
  return erased.reduce<string | null>((left, drone) => left && bodyWithout(left, drone), body);
}

function encode(json: string): { json: Uint8Array<ArrayBuffer> } {
  return { json: new TextEncoder().encode(json) };
}

/** What SQLite is asked; each row's `body` is JSON. */
export function statementOf(question: Exclude<Question, { what: "page" }>): { sql: string; values: SQLInputValue[] } {
  switch (question.what) {
    case "windows":
      return windowsStatement(question);
    case "alerts":
      return {
        sql: "SELECT body FROM alerts ORDER BY changed_us DESC, alert_id DESC LIMIT ?",
        values: [question.limit],
      };
    case "deliveries": {
      const { alertId, limit } = question;
      const of = alertId === undefined ? "" : "WHERE alert_id = ?";
      return {
        sql: `SELECT body FROM deliveries ${of} ORDER BY at_us DESC LIMIT ?`,
        values: alertId === undefined ? [limit] : [alertId, limit],
      };
    }
    case "drone":
      return { sql: "SELECT body FROM drones WHERE drone_id = ?", values: [question.droneId] };
    case "losses":
      return {
        sql: `SELECT ${LOSS} AS body FROM losses ORDER BY time_us DESC, rowid DESC LIMIT ?`,
        values: [question.limit],
      };
    case "quarantined":
      return {
        sql: `SELECT ${QUARANTINED} AS body FROM quarantine ORDER BY at_us DESC, entry DESC LIMIT ?`,
        values: [question.limit],
      };
    case "dead-letters":
      return {
        sql: `SELECT ${DEAD_LETTER} AS body FROM dead_letters ORDER BY at_us DESC, rowid DESC LIMIT ?`,
        values: [question.limit],
      };
    case "audit": {
      const { beforeId = Number.MAX_SAFE_INTEGER, limit } = question;
      return {
        sql: `SELECT ${AUDIT} AS body FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?`,
        values: [beforeId, limit],
      };
    }
    case "age": {
      const { table, newerRows } = question;
      const column = AGE_COLUMNS[table];
      return {
        sql: `SELECT ${column} AS body FROM ${table} ORDER BY ${column} DESC LIMIT 1 OFFSET ?`,
        values: [newerRows],
      };
    }
  }
}

function windowsStatement({ kind, fleet, zone, fromUs, toUs, limit }: WindowQuery) {
  const conditions: [string, SQLInputValue | undefined][] = [
    ["kind = ?", kind],
    ["fleet = ?", fleet],
    ["zone = ?", zone],
    ["start_us >= ?", fromUs],
    ["start_us < ?", toUs],
  ];
  const given = conditions.filter((condition): condition is [string, SQLInputValue] => condition[1] !== undefined);
  const where = given.map(([sql]) => sql).join(" AND ");
  return {
    sql: `SELECT body FROM windows WHERE ${where} ORDER BY start_us DESC, fleet, zone LIMIT ?`,
    values: [...given.map(([, value]) => value), limit],
  };
}
