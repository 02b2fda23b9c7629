// What an upgrade must not do: lose, double, tell twice.
import { DatabaseSync } from "node:sqlite";
import { AlertKind } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { compareAlerts, type GroundTruth, subjectOf } from "../../sim/truth.ts";
import { isKept, type Verdict } from "../chaos/oracle.ts";
import type { Told } from "./flyers.ts";

/** Alerts of conflicts. */
export interface AlertCounts {
  /** By the ground truth, and of those the ones that were not raised in time. */
  expected: number;
  missing: number;
  /** Raised beyond the truth: without cause, or once more under another number. */
  beyond: number;
  /** Alerts that a drone was told of again under another number. */
  toldTwice: number;
  /** Numbers under which different alerts stand. */
  reused: number;
}

/** Two conflicts of one pair are at least so far apart. */
const APART_US = 10e6;

export function countAlerts(
  { truth, alerts, told, endUs }: { truth: GroundTruth; alerts: StoredAlert[]; told: readonly Told[]; endUs: number },
): AlertCounts {
  const conflicts = alerts.filter(({ kind }) => kind === "conflict");
  const seen = conflicts.map(({ kind, droneIds, raisedTimeUs }) => (
    { kind, droneId: subjectOf(droneIds), raisedUs: raisedTimeUs }
  ));
  const expected = truth.expectedAlerts.filter(({ byUs, kind }) => kind === "conflict" && byUs <= endUs);
  const { missing, unexpected } = compareAlerts(truth.expectedAlerts, { seen, endUs });
  return {
    expected: expected.length,
    missing: missing.length,
    beyond: unexpected.length,
    toldTwice: toldTwice(told),
    reused: reused(alerts, told),
  };
}

/** An alert as the database has it. */
export type StoredAlert = Pick<AlertEvent, "alertId" | "kind" | "droneIds" | "raisedTimeUs">;

export function storedAlerts(sqlitePath: string): StoredAlert[] {
  using db = new DatabaseSync(sqlitePath, { readOnly: true, timeout: 5000 });
  return db.prepare("SELECT body FROM alerts WHERE journal != 'operations'").all()
    .map(({ body }) => JSON.parse(String(body)) as AlertEvent);
}

function toldTwice(told: readonly Told[]): number {
  const first = new Map<string, Told[]>();
  let count = 0;
  for (const alert of told) {
    if (alert.kind !== AlertKind.CONFLICT) continue;
    const subject = `${alert.droneId} ${subjectOf(alert.droneIds)}`;
    const known = first.get(subject) ?? [];
    first.set(subject, known);
    if (known.some(({ alertId }) => alertId === alert.alertId)) continue;
    if (known.some(({ raisedTimeUs }) => Math.abs(raisedTimeUs - alert.raisedTimeUs) < APART_US)) count++;
    known.push(alert);
  }
  return count;
}

function reused(alerts: readonly StoredAlert[], told: readonly Told[]): number {
  const subjects = new Map<number, Set<string>>();
  const note = (alertId: number, subject: string) => {
    subjects.set(alertId, (subjects.get(alertId) ?? new Set()).add(subject));
  };
  for (const { alertId, kind, droneIds } of alerts) if (kind === "conflict") note(alertId, subjectOf(droneIds));
  for (const { alertId, kind, droneIds } of told) {
    if (kind === AlertKind.CONFLICT) note(Number(alertId), subjectOf(droneIds));
  }
  return [...subjects.values()].filter(({ size }) => size > 1).length;
}

/** What of the promises was broken; empty: nothing. */
export function brokenPromises({ records, alerts }: { records: Verdict; alerts: AlertCounts }): string[] {
  const { lost, doubled, uncounted, sent, acknowledged } = records;
  const wrong: [boolean, string][] = [
    [!isKept(records), `${lost} lost, ${doubled} doubled, ${uncounted} not counted`],
    [acknowledged < sent, `${sent - acknowledged} records were never acknowledged`],
    [alerts.expected === 0, "there was no conflict to be warned of"],
    [alerts.missing > 0, `${alerts.missing} conflicts were not warned of in time`],
    [alerts.beyond > 0, `${alerts.beyond} conflicts were raised without cause, or twice`],
    [alerts.toldTwice > 0, `${alerts.toldTwice} alerts were told again under another number`],
    [alerts.reused > 0, `${alerts.reused} numbers of alerts were given twice`],
  ];
  return wrong.filter(([isBroken]) => isBroken).map(([, what]) => what);
}
