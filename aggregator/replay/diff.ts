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
  differences: Difference[];
}

/** Gathers what a replay emits, then compares. Windows that the replay did not see to their end are left out. */
export class Diff {
  readonly #settings: DiffSettings;
  readonly #windows = new Map<string, string>();
  readonly #alerts = new Map<string, string>();

  constructor(settings: DiffSettings) {
    this.#settings = settings;
  }

  add(output: Output): void {
    if (output.type === "alert") this.#alerts.set(`alert ${output.alert.alertId}`, JSON.stringify(output.alert));
    if (output.type !== "tumbling" && output.type !== "sliding") return;
    const { fleet, zone, startUs, final } = output.window;
    if (final) this.#windows.set(windowKey({ kind: output.type, fleet, zone, startUs }), JSON.stringify(output.window));
  }

  /** @param db of the SQLite sink that the live run wrote */
  compare(db: DatabaseSync): DiffResult {
    const { journalId, fromUs, toUs } = this.#settings;
    const result: DiffResult = { equal: 0, differences: [] };
    const starts = [...this.#windows.keys()].map(startOf);
    // Windows that began before the outputs did, or ended after them, may rightly be missing here.
    const [firstUs, lastUs] = [
      starts.reduce((a, b) => Math.min(a, b), Infinity),
      starts.reduce((a, b) => Math.max(a, b), 0),
    ];
    const windows = db.prepare(
      "SELECT kind, body FROM windows WHERE final = 1 AND start_us BETWEEN ? AND ?",
    )
      .all(Number.isFinite(firstUs) ? firstUs : 0, lastUs);
    compare(
      result,
      this.#windows,
      // Names as the body has them: SQLite's own text ends at a NUL.
      new Map(windows.map(({ kind, body }) => {
        const { fleet, zone, startUs } = JSON.parse(`${body}`);
        return [windowKey({ kind: `${kind}`, fleet, zone, startUs }), `${body}`];
      })),
    );
    const alerts = db.prepare(
      "SELECT alert_id, body FROM alerts WHERE journal = ? AND written_us >= ? AND written_us < ?",
    )
      .all(journalId, fromUs, Math.min(toUs, Number.MAX_SAFE_INTEGER));
    compare(result, this.#alerts, new Map(alerts.map(({ alert_id, body }) => [`alert ${alert_id}`, `${body}`])));
    return result;
  }
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
