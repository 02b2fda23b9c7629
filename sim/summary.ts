// A run of the demo in one object: what was sent, what became of it, and whether the alerts are the true ones.
import type { Observation } from "./observer.ts";
import type { Flight } from "./fleet_words.ts";
import type { RunSummary } from "./run.ts";
import { type AlertComparison, compareAlerts, type ExpectedAlert, type SeenAlert, subjectOf } from "./truth.ts";

export interface DemoSummary extends RunSummary {
  seed: number;
  /** How late the simulator sent at the end. */
  lateMs: number;
  edge: Observation["edge"];
  fleet: Observation["fleet"];
  /** received = forwarded + duplicate + near-duplicate + malformed + refused + shed, at the edge. */
  conserved: boolean;
  alerts: SeenAlert[];
  expectedAlerts: ExpectedAlert[] | null;
  /** Null when there is no truth to compare with, as for recordings. */
  alertsMatch: AlertComparison | null;
}

export function summarize({ flight, seen, seed }: { flight: Flight; seen: Observation; seed: number }): DemoSummary {
  const { summary, expectedAlerts, endUs } = flight;
  const { received, forwarded, duplicate, nearDuplicate, malformed, refused, shed } = seen.edge.records;
  const alerts = seen.alerts.map(({ kind, droneIds, raisedTimeUs }) => (
    { kind, droneId: subjectOf(droneIds), raisedUs: raisedTimeUs }
  ));
  return {
    ...summary,
    seed,
    lateMs: flight.lagMs,
    edge: seen.edge,
    fleet: seen.fleet,
    conserved: received === forwarded + duplicate + nearDuplicate + malformed + refused + shed,
    alerts,
    expectedAlerts,
    alertsMatch: expectedAlerts && compareAlerts(expectedAlerts, { seen: alerts, endUs: endUs }),
  };
}

/** From so much on it is said that the simulator was late. */
const LATE_MS_MIN = 1000;

/** For people. */
export function summaryText(
  { sent, acknowledged, lost, durationS, lateMs, conserved, alerts, alertsMatch }: DemoSummary,
): string {
  const verdict = alertsMatch === null
    ? ""
    : alertsMatch.matches
    ? ", exactly those of the ground truth"
    : `, but ${alertsMatch.missing.length} missing and ${alertsMatch.unexpected.length} unexpected`;
  const lostCount = Object.values(lost).reduce((sum, records) => sum + records, 0);
  return [
    `${durationS} s: sent ${sent.records} records, ${acknowledged} acknowledged, ${lostCount} lost`,
    `edge: received = forwarded + duplicate + near-duplicate + malformed + refused + shed: ${conserved ? "yes" : "NO"}`,
    `alerts: ${alerts.length}${verdict}`,
    ...lateMs > LATE_MS_MIN
      ? [`this machine is too slow for it: at the end it was ${(lateMs / 1000).toFixed(1)} s late`]
      : [],
  ].join("\n");
}
