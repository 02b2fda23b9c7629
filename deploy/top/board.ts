// What is known of a system, as its events tell it: the fleet now and a moment ago, and the alerts that are open.
import type { Alert, Fleet } from "./facts.ts";

export interface Board {
  /** Where it is heard. */
  url: string;
  /** Why nothing is heard now; null: it is. */
  trouble: string | null;
  fleet: Fleet | null;
  /** The report before, by which rates are told. */
  before: Fleet | null;
  /** By number. */
  alerts: ReadonlyMap<number, Alert>;
}

/** However many are open: the newest of these. */
const ALERTS_MAX = 1000;

export function emptyBoard(url: string): Board {
  return { url, trouble: "connecting", fleet: null, before: null, alerts: new Map() };
}

/** All alerts that are open, as somebody hears who has just come. */
export function connected(board: Board, alerts: readonly Alert[]): Board {
  const open = alerts.slice(-ALERTS_MAX).map((alert): [number, Alert] => [alert.alertId, alert]);
  return { ...board, trouble: null, alerts: new Map(open) };
}

/** What was known stays, and is old. */
export function lost(board: Board, why: string): Board {
  return { ...board, trouble: why, before: null };
}

export function reported(board: Board, fleet: Fleet): Board {
  return { ...board, fleet, before: board.fleet };
}

export function changed(board: Board, alert: Alert): Board {
  const alerts = new Map(board.alerts);
  alerts.delete(alert.alertId);
  if (alert.transition !== "resolve") alerts.set(alert.alertId, alert);
  if (alerts.size > ALERTS_MAX) alerts.delete(alerts.keys().next().value!);
  return { ...board, alerts };
}
