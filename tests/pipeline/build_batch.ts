// Entries for the pipeline, built the plain way: rows to columns of deltas, encoded and decoded again.
import { create, toBinary } from "@bufbuild/protobuf";
import { decodeBatch } from "../../aggregator/columns.ts";
import type { Entry } from "../../aggregator/pipeline/entry.ts";
import { SealedBatchSchema, TelemetryBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";

interface Base {
  slot: number;
  seq: number;
  eventTimeUs: number;
  flags?: number;
}

export interface PositionRow extends Base {
  kind: "position";
  latE7?: number;
  lonE7?: number;
  altMslMm?: number;
  vnCms?: number;
  veCms?: number;
}

export interface BatteryRow extends Base {
  kind: "battery";
  id?: number;
  voltageMv?: number;
  remainingCpct?: number;
  chargeState?: number;
}

export type Row = PositionRow | BatteryRow | Base & { kind: "obstacles" } | Base & { kind: "nearDuplicate" };

export interface SlotInit {
  slot: number;
  droneId: string;
  bootId?: number;
  fleet?: string;
  zone?: string;
}

export interface EntryInit {
  rows: Row[];
  slots?: SlotInit[];
  ingestionTimeUs: number;
  edgeId?: string;
  session?: bigint;
  batchId?: number;
}

let lastBatchId = 0;

/** The entry that an edge's batch of these rows becomes. */
export function makeEntry(
  { rows, slots = [], ingestionTimeUs, edgeId = "e1", session = 1n, batchId }: EntryInit,
): Entry {
  const columns = decodeBatch(encodeRows(rows));
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, batchId ?? ++lastBatchId);
  const sealed = create(SealedBatchSchema, {
    batchId: id,
    records: columns.records,
    slots: slots.map((slot) => ({ bootId: 1, fleet: "fleet", zone: "unassigned", ...slot })),
  });
  return { edgeId, session, ingestionTimeUs, sealed, columns };
}

/** An encoded TelemetryBatch. */
export function encodeRows(rows: Row[]): Uint8Array {
  const sorted = rows.toSorted((a, b) => a.slot - b.slot);
  const positions = sorted.filter((row) => row.kind === "position");
  const batteries = sorted.filter((row) => row.kind === "battery");
  const scans = sorted.filter((row) => row.kind === "obstacles");
  const near = sorted.filter((row) => row.kind === "nearDuplicate");
  return toBinary(
    TelemetryBatchSchema,
    create(TelemetryBatchSchema, {
      positions: {
        ...common(positions),
        flags: deltas(positions, (row) => row.flags ?? 0),
        presence: deltas(positions, (row) => row.altMslMm === undefined ? 0 : 1),
        latE7: deltas(positions, (row) => row.latE7 ?? 0),
        lonE7: deltas(positions, (row) => row.lonE7 ?? 0),
        altMslMm: deltas(positions, (row) => row.altMslMm ?? 0),
        vnCms: deltas(positions, (row) => row.vnCms ?? 0),
        veCms: deltas(positions, (row) => row.veCms ?? 0),
      },
      batteries: {
        ...common(batteries),
        flags: deltas(batteries, (row) => row.flags ?? 0),
        presence: deltas(
          batteries,
          (row) => (row.voltageMv === undefined ? 0 : 1) | (row.remainingCpct === undefined ? 0 : 4),
        ),
        id: deltas(batteries, (row) => row.id ?? 0),
        voltageMv: deltas(batteries, (row) => row.voltageMv ?? 0),
        remainingCpct: deltas(batteries, (row) => row.remainingCpct ?? 0),
        chargeState: deltas(batteries, (row) => row.chargeState ?? 0),
      },
      obstacles: { ...common(scans), flags: deltas(scans, (row) => row.flags ?? 0) },
      nearDuplicates: common(near),
    }),
  );
}

function common(rows: Row[]) {
  return {
    count: rows.length,
    slot: deltas(rows, (row) => row.slot),
    seq: deltas(rows, (row) => row.seq),
    eventS: deltas(rows, (row) => Math.floor(row.eventTimeUs / 1e6)),
    eventUs: deltas(rows, (row) => row.eventTimeUs % 1e6),
  };
}

function deltas<R>(rows: R[], value: (row: R) => number): number[] {
  let last = 0;
  const column = rows.map((row) => {
    const delta = (value(row) - last) | 0;
    last = value(row);
    return delta;
  });
  while (column.at(-1) === 0) column.pop();
  return column;
}
