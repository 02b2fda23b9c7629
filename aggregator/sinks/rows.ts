// Results of the pipeline, views of drones and reports of losses, as rows of the SQLite sink.
import type { Loss } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { canonical } from "../audit/record.ts";
import type { DeliveryPlace, Output } from "../outputs.ts";
import type { DroneView } from "../views.ts";
import type { DeliveryReport } from "../warnings/delivery_report.ts";
import { lossView } from "../batch/losses.ts";
import type { DeadLetter, Progress } from "../webhooks/progress.ts";
import type { Row, TableName } from "./schema.ts";

/** Where an output stood in the pipeline's life: the same again whenever the same journal is run again. */
export interface OutputPlace extends DeliveryPlace {
  ordinal: number;
}

/** Null for outputs that are not kept. */
export function outputRow(output: Output, { journalId, index, atUs, ordinal }: OutputPlace): [TableName, Row] | null {
  switch (output.type) {
    case "tumbling":
    case "sliding": {
      const { fleet, zone, startUs, endUs, revision, final } = output.window;
      const body = JSON.stringify(output.window);
      return ["windows", [output.type, fleet, zone, startUs, endUs, revision, final ? 1 : 0, body]];
    }
    case "alert": {
      const { alertId, kind, transition, changedTimeUs } = output.alert;
      return ["alerts", [
        journalId,
        alertId,
        kind,
        transition,
        changedTimeUs,
        atUs,
        JSON.stringify(output.alert),
        index,
      ]];
    }
    case "late": {
      const { edgeId, droneId, records, firstEventTimeUs, lastEventTimeUs } = output.late;
      const times = [firstEventTimeUs, lastEventTimeUs] as const;
      return ["late", [journalId, index, ordinal, atUs, edgeId, droneId, records, ...times]];
    }
    case "quarantine": {
      const { what, edgeId, batchId, records, error } = output.quarantine;
      return ["quarantine", [journalId, index, ordinal, atUs, what, edgeId, batchId, records, error]];
    }
    case "audit": {
      const { record } = output;
      return ["audit", [journalId, record.seq, record.atUs, canonical(record), record.hash]];
    }
    case "alert-open":
    case "erased":
    case "configuration":
      return null;
  }
}

/** What became of a warning; `atUs`: when, Unix µs. */
export function deliveryRow(report: DeliveryReport, { journalId, atUs }: { journalId: string; atUs: number }): Row {
  const { alertId, revision, droneId, outcome } = report;
  return [journalId, alertId, revision, droneId, atUs, outcome, JSON.stringify(report)];
}

/** How far a webhook has been told. */
export function webhookRow(name: string, { seenId, openIds }: Progress): Row {
  return [name, seenId, JSON.stringify(openIds)];
}

/** What a webhook will not be told; `atUs`: when that was clear, Unix µs. */
export function deadLetterRow(letter: DeadLetter, { name, atUs }: { name: string; atUs: number }): Row {
  const { firstId, changes, reason, key, why } = letter;
  return [name, firstId, atUs, changes, reason, key, why];
}

/** The latest state of a drone. */
export function droneRow(view: DroneView): Row {
  return [view.droneId, view.fleet, view.zone, view.lastIngestionTimeUs, JSON.stringify(view)];
}

/** One row of an edge's loss ledger. */
export function lossRow(loss: Loss, from: { edgeId: string; session: bigint }): Row {
  const { edgeId, session, timeUs, droneId, bootId, firstSeq, lastSeq, lane, reason, records } = lossView(loss, from);
  return [edgeId, session, timeUs, droneId, bootId, firstSeq, lastSeq, lane, reason, records];
}
