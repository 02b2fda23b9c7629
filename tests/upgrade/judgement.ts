// What an upgrade must not do: lose, double, tell twice.
import { DatabaseSync } from "node:sqlite";
import { AlertKind } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { compareAlerts, type GroundTruth, subjectOf } from "../../sim/truth.ts";
import { isKept, type Verdict } from "../chaos/oracle.ts";
import type { Told } from "./flyers.ts";

/** Alerts of conflicts. */
export interface AlertCounts {
  /** By the ground truth, and of those the ones that were not raised in time, for all that nobody was heard meanwhile. */
  expected: number;
  missing: number;
  /** Raised beyond the truth: of drones that were not heard for long enough to be anywhere. */
  beyond: number;
  /** Conflicts that were raised, or told to a drone, once more under another number. */
  toldTwice: number;
  /** Numbers under which different alerts stand. */
  reused: number;
}

/** Two conflicts of one pair are at least so far apart. */
const APART_US = 10e6;

export function countAlerts(
  { truth, alerts, told, endUs, blindUs }: {
    truth: GroundTruth;
    alerts: StoredAlert[];
    told: readonly Told[];
    /** Unix µs of the last record. */
    endUs: number;
    /** For how long nobody was heard, at worst. */
    blindUs: number;
  },
): AlertCounts {
  const conflicts = alerts.filter(({ kind }) => kind === "conflict");
  const seen = conflicts.map(({ kind, droneIds, raisedTimeUs }) => (
    { kind, droneId: subjectOf(droneIds), raisedUs: raisedTimeUs }
  ));
  const expected = truth.expectedAlerts.filter(({ kind }) => kind === "conflict")
    .map((alert) => ({ ...alert, byUs: alert.byUs + blindUs }));
  const { missing, unexpected } = compareAlerts(expected, { seen, endUs });
  const raised = conflicts.map((conflict) => ({ ...conflict, to: "" }));
  const heard = told.filter(({ kind }) => kind === AlertKind.CONFLICT)
    .map(({ droneId, alertId, ...conflict }) => ({ ...conflict, alertId: Number(alertId), to: droneId }));
  return {
    expected: expected.filter(({ byUs }) => byUs <= endUs).length,
    missing: missing.length,
    beyond: unexpected.length,
    toldTwice: twice(raised) + twice(heard),
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

type To = Pick<StoredAlert, "alertId" | "droneIds" | "raisedTimeUs"> & { to: string };

function twice(conflicts: readonly To[]): number {
  const known = new Map<string, To[]>();
  let count = 0;
  for (const conflict of conflicts) {
    const subject = `${conflict.to} ${subjectOf(conflict.droneIds)}`;
    const before = known.get(subject) ?? [];
    known.set(subject, before);
    if (before.some(({ alertId }) => alertId === conflict.alertId)) continue;
    if (before.some(({ raisedTimeUs }) => Math.abs(raisedTimeUs - conflict.raisedTimeUs) < APART_US)) count++;
    before.push(conflict);
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
  const { lost, doubled, uncounted, invented, unreported, sent, acknowledged, shed } = records;
  const wrong: [boolean, string][] = [
    [
      !isKept(records),
      `${lost} lost, ${doubled} doubled, ${uncounted} not counted, ${invented} made up, ${unreported} in no ledger`,
    ],
    [acknowledged + shed < sent, `${sent - acknowledged - shed} records were never answered`],
    [alerts.expected === 0, "there was no conflict to be warned of"],
    [alerts.missing > 0, `${alerts.missing} conflicts were not warned of in time`],
    [alerts.toldTwice > 0, `${alerts.toldTwice} alerts were told again under another number`],
    [alerts.reused > 0, `${alerts.reused} numbers of alerts were given twice`],
  ];
  return wrong.filter(([isBroken]) => isBroken).map(([, what]) => what);
}
