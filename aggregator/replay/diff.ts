// What a replay says against what was emitted live: window by window, alert by alert, in the state each came to.
import type { DatabaseSync } from "node:sqlite";
import type { Output } from "../outputs.ts";

export interface DiffSettings {
  /** The journal's name, which tells its alerts from those of others. */
  journalId: string;
  fromUs: number;
  toUs: number;
}

export type Difference =
  | { type: "changed"; what: string; live: unknown; replayed: unknown }
  | { type: "only-live" | "only-replayed"; what: string; value: unknown };

export interface DiffResult {
  equal: number;
  /** Windows that one of both saw further than the other: that is no difference. */
  furtherRevised: number;
  differences: Difference[];
}

/** A window as it was emitted last. */
interface Window {
  body: string;
  revision: number;
  final: boolean;
}

/**
 * Gathers what a replay emits, then compares. Of a window that is not final, on one side or on both, equal revisions are
 * compared, and no others: a replay may end earlier than the life that it repeats, or the database have been written later.
 */
export class Diff {
  readonly #settings: DiffSettings;
  readonly #windows = new Map<string, Window>();
  readonly #alerts = new Map<string, string>();

  constructor(settings: DiffSettings) {
    this.#settings = settings;
  }

  add(output: Output): void {
    if (output.type === "alert") this.#alerts.set(`alert ${output.alert.alertId}`, JSON.stringify(output.alert));
    if (output.type !== "tumbling" && output.type !== "sliding") return;
    const { fleet, zone, startUs, revision, final } = output.window;
    const body = JSON.stringify(output.window);
    this.#windows.set(windowKey({ kind: output.type, fleet, zone, startUs }), { body, revision, final });
  }

  /** @param db of the SQLite sink that the live run wrote */
  compare(db: DatabaseSync): DiffResult {
    const { journalId, fromUs, toUs } = this.#settings;
    const result: DiffResult = { equal: 0, furtherRevised: 0, differences: [] };
    this.#compareWindows(result, db);
    const alerts = db.prepare(
      "SELECT alert_id, body FROM alerts WHERE journal = ? AND written_us >= ? AND written_us < ?",
    )
      .all(journalId, fromUs, Math.min(toUs, Number.MAX_SAFE_INTEGER));
    compare(result, this.#alerts, new Map(alerts.map(({ alert_id, body }) => [`alert ${alert_id}`, `${body}`])));
    return result;
  }

  #compareWindows(result: DiffResult, db: DatabaseSync): void {
    const all = boundsOf(this.#windows.keys());
    const finals = [...this.#windows].filter(([, { final }]) => final);
    // Final windows that began before the outputs did, or ended after them, may rightly be missing here.
    const settled = boundsOf(finals.map(([key]) => key));
    const replayed = new Map(finals.map(([key, { body }]) => [key, body]));
    const live = new Map<string, string>();
    const rows = db.prepare("SELECT kind, revision, final, body FROM windows WHERE start_us BETWEEN ? AND ?");
    for (const { kind, revision, final, body } of rows.iterate(all.firstUs, all.lastUs)) {
      // Names as the body has them: SQLite's own text ends at a NUL.
      const { fleet, zone, startUs } = JSON.parse(`${body}`);
      const key = windowKey({ kind: `${kind}`, fleet, zone, startUs });
      const window = this.#windows.get(key);
      const isSettled = final === 1 && startUs >= settled.firstUs && startUs <= settled.lastUs;
      const isSame = window !== undefined && window.revision === revision && window.final === (final === 1);
      if (isSettled || isSame) live.set(key, `${body}`);
      if (isSame) replayed.set(key, window.body);
      else if (window && !window.final && !isSettled) result.furtherRevised++;
    }
    compare(result, replayed, live);
  }
}

/** When the first and the last of windows begin; of none, bounds that nothing is within. */
function boundsOf(keys: Iterable<string>): { firstUs: number; lastUs: number } {
  let [firstUs, lastUs] = [Number.MAX_SAFE_INTEGER, 0];
  for (const key of keys) {
    const startUs = startOf(key);
    firstUs = Math.min(firstUs, startUs);
    lastUs = Math.max(lastUs, startUs);
  }
  return { firstUs, lastUs };
}

/** Names may hold any character. */
interface WindowName {
  kind: string;
  fleet: string;
  zone: string;
  startUs: number;
}

function windowKey({ kind, fleet, zone, startUs }: WindowName): string {
  return JSON.stringify([kind, fleet, zone, startUs]);
}

function startOf(key: string): number {
  return JSON.parse(key)[3];
}

function compare(result: DiffResult, replayed: Map<string, string>, live: Map<string, string>): void {
  for (const [what, body] of replayed) {
    const other = live.get(what);
    if (other === body) result.equal++;
    else if (other === undefined) result.differences.push({ type: "only-replayed", what, value: JSON.parse(body) });
    else result.differences.push({ type: "changed", what, live: JSON.parse(other), replayed: JSON.parse(body) });
  }
  for (const [what, body] of live) {
    if (!replayed.has(what)) result.differences.push({ type: "only-live", what, value: JSON.parse(body) });
  }
}
