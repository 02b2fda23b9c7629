// Entries for the pipeline, built the plain way: rows to columns of deltas, encoded and decoded again.
import { create, toBinary } from "@bufbuild/protobuf";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import type { Entry } from "../../aggregator/batch/entry.ts";
import { Codec, SealedBatchSchema, TelemetryBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";

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
  altHomeMm?: number;
  vnCms?: number;
  veCms?: number;
  vdCms?: number;
  headingCdeg?: number;
  hAccMm?: number;
  vAccMm?: number;
  /** Default 3. */
  fixType?: number;
}

export interface BatteryRow extends Base {
  kind: "battery";
  id?: number;
  voltageMv?: number;
  remainingCpct?: number;
  chargeState?: number;
}

export interface ObstacleRow extends Base {
  kind: "obstacles";
  sensorId?: number;
  frame?: number;
  hits?: { bearingCdeg?: number; elevationCdeg?: number; rangeCm: number; rangeRateCms?: number }[];
}

export type Row = PositionRow | BatteryRow | ObstacleRow | Base & { kind: "nearDuplicate" };

export interface SlotInit {
  slot: number;
  droneId: string;
  bootId?: number;
  fleet?: string;
  zone?: string;
  group?: string;
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
  const body = encodeRows(rows);
  const columns = decodeBatch(body);
  const sealed = create(SealedBatchSchema, {
    batchId: batchIdOf(batchId ?? ++lastBatchId),
    ...{ codec: Codec.NONE, rawBytes: body.length, body },
    records: columns.records,
    slots: slots.map((slot) => ({ bootId: 1, fleet: "fleet", zone: "unassigned", ...slot })),
  });
  return { edgeId, session, ingestionTimeUs, sealed, columns };
}

export function batchIdOf(number: number): Uint8Array<ArrayBuffer> {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, number);
  return id;
}

/** An encoded TelemetryBatch. */
export function encodeRows(rows: Row[]): Uint8Array {
  const sorted = rows.toSorted((a, b) => a.slot - b.slot);
  const positions = sorted.filter((row) => row.kind === "position");
  const batteries = sorted.filter((row) => row.kind === "battery");
  const scans = sorted.filter((row) => row.kind === "obstacles");
  const hits = scans.flatMap((row) => row.hits ?? []);
  const near = sorted.filter((row) => row.kind === "nearDuplicate");
  return toBinary(
    TelemetryBatchSchema,
    create(TelemetryBatchSchema, {
      positions: {
        ...common(positions),
        flags: deltas(positions, (row) => row.flags ?? 0),
        presence: deltas(
          positions,
          ({ altMslMm, altHomeMm, headingCdeg, hAccMm, vAccMm }) =>
            bits([altMslMm, altHomeMm, headingCdeg, hAccMm, vAccMm]),
        ),
        latE7: deltas(positions, (row) => row.latE7 ?? 0),
        lonE7: deltas(positions, (row) => row.lonE7 ?? 0),
        altMslMm: deltas(positions, (row) => row.altMslMm ?? 0),
        vnCms: deltas(positions, (row) => row.vnCms ?? 0),
        veCms: deltas(positions, (row) => row.veCms ?? 0),
        vdCms: deltas(positions, (row) => row.vdCms ?? 0),
        altHomeMm: deltas(positions, (row) => row.altHomeMm ?? 0),
        headingCdeg: deltas(positions, (row) => row.headingCdeg ?? 0),
        hAccMm: deltas(positions, (row) => row.hAccMm ?? 0),
        vAccMm: deltas(positions, (row) => row.vAccMm ?? 0),
        fixType: deltas(positions, (row) => row.fixType ?? 3),
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
      obstacles: {
        ...common(scans),
        flags: deltas(scans, (row) => row.flags ?? 0),
        sensorId: deltas(scans, (row) => row.sensorId ?? 0),
        frame: deltas(scans, (row) => row.frame ?? 0),
        hitCount: deltas(scans, (row) => row.hits?.length ?? 0),
        hits: hits.length,
        hitPresence: deltas(hits, (hit) => hit.rangeRateCms === undefined ? 0 : 1),
        bearingCdeg: deltas(hits, (hit) => hit.bearingCdeg ?? 0),
        elevationCdeg: deltas(hits, (hit) => hit.elevationCdeg ?? 0),
        rangeCm: deltas(hits, (hit) => hit.rangeCm),
        rangeRateCms: deltas(hits, (hit) => hit.rangeRateCms ?? 0),
      },
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

/** Bit i: the i-th is there. */
function bits(values: unknown[]): number {
  return values.reduce<number>((sum, value, i) => value === undefined ? sum : sum | 1 << i, 0);
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
