// From a TelemetryBatch's bytes to columns of numbers: deltas summed, trailing zeros put back, bounds checked.
import { fromBinary } from "@bufbuild/protobuf";
import { TelemetryBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";

/** What every kind of record has. Records are sorted by slot, and in order of arrival within one. */
export interface RecordColumns {
  count: number;
  slot: Uint32Array;
  seq: Uint32Array;
  /** Unix µs as the drone sent it. */
  eventTimeUs: Float64Array;
}

export interface PositionColumns extends RecordColumns {
  flags: Uint32Array;
  /** Bits of PositionPresence. */
  presence: Int32Array;
  latE7: Int32Array;
  lonE7: Int32Array;
  altMslMm: Int32Array;
  altHomeMm: Int32Array;
  vnCms: Int32Array;
  veCms: Int32Array;
  vdCms: Int32Array;
  headingCdeg: Uint32Array;
  hAccMm: Uint32Array;
  vAccMm: Uint32Array;
  fixType: Uint32Array;
  satellites: Uint32Array;
}

export interface BatteryColumns extends RecordColumns {
  flags: Uint32Array;
  /** Bits of BatteryPresence. */
  presence: Int32Array;
  id: Uint32Array;
  voltageMv: Uint32Array;
  currentCa: Int32Array;
  remainingCpct: Uint32Array;
  temperatureCdegc: Int32Array;
  chargeState: Uint32Array;
}

export interface ObstacleColumns extends RecordColumns {
  flags: Uint32Array;
  sensorId: Uint32Array;
  frame: Uint32Array;
  maxRangeCm: Uint32Array;
  /** Hits of each scan; the hit columns run through all scans one after another. */
  hitCount: Uint32Array;
  hits: number;
  /** Bit 0: rangeRateCms is there. */
  hitPresence: Int32Array;
  bearingCdeg: Int32Array;
  elevationCdeg: Int32Array;
  rangeCm: Uint32Array;
  rangeRateCms: Int32Array;
}

export interface DecodedBatch {
  /** Of every kind, near-duplicates included. */
  records: number;
  positions: PositionColumns;
  batteries: BatteryColumns;
  obstacles: ObstacleColumns;
  nearDuplicates: RecordColumns;
}

/** Of one batch, of all kinds. */
export const RECORDS_MAX = 16_384;
const HITS_MAX = 131_072;

interface EncodedRecords {
  count: number;
  slot: number[];
  seq: number[];
  eventS: number[];
  eventUs: number[];
}

const NONE: EncodedRecords = { count: 0, slot: [], seq: [], eventS: [], eventUs: [] };

/**
 * @throws {RangeError} when counts and columns contradict each other or exceed the limits
 * @throws {Error} when the bytes are not a TelemetryBatch
 */
export function decodeBatch(raw: Uint8Array): DecodedBatch {
  const { positions: p, batteries: b, obstacles: o, nearDuplicates } = read(raw);
  const records = [p, b, o, nearDuplicates].reduce((sum, group) => sum + (group?.count ?? 0), 0);
  if (records > RECORDS_MAX) throw new RangeError(`Cannot read the batch: ${records} records, at most ${RECORDS_MAX}`);
  const pn = p?.count ?? 0;
  const bn = b?.count ?? 0;
  return {
    records,
    positions: {
      ...common(p ?? NONE),
      flags: unsigned(p?.flags, pn),
      presence: signed(p?.presence, pn),
      latE7: signed(p?.latE7, pn),
      lonE7: signed(p?.lonE7, pn),
      altMslMm: signed(p?.altMslMm, pn),
      altHomeMm: signed(p?.altHomeMm, pn),
      vnCms: signed(p?.vnCms, pn),
      veCms: signed(p?.veCms, pn),
      vdCms: signed(p?.vdCms, pn),
      headingCdeg: unsigned(p?.headingCdeg, pn),
      hAccMm: unsigned(p?.hAccMm, pn),
      vAccMm: unsigned(p?.vAccMm, pn),
      fixType: unsigned(p?.fixType, pn),
      satellites: unsigned(p?.satellites, pn),
    },
    batteries: {
      ...common(b ?? NONE),
      flags: unsigned(b?.flags, bn),
      presence: signed(b?.presence, bn),
      id: unsigned(b?.id, bn),
      voltageMv: unsigned(b?.voltageMv, bn),
      currentCa: signed(b?.currentCa, bn),
      remainingCpct: unsigned(b?.remainingCpct, bn),
      temperatureCdegc: signed(b?.temperatureCdegc, bn),
      chargeState: unsigned(b?.chargeState, bn),
    },
    obstacles: obstacles(o),
    nearDuplicates: common(nearDuplicates ?? NONE),
  };
}

function read(raw: Uint8Array) {
  try {
    return fromBinary(TelemetryBatchSchema, raw, { readUnknownFields: false });
  } catch (error) {
    throw new TypeError("Cannot read the batch: its body is not a TelemetryBatch", { cause: error });
  }
}

function obstacles(o: ReturnType<typeof read>["obstacles"]): ObstacleColumns {
  const count = o?.count ?? 0;
  const hits = o?.hits ?? 0;
  if (hits > HITS_MAX) throw new RangeError(`Cannot read the batch: ${hits} hits, at most ${HITS_MAX}`);
  const hitCount = unsigned(o?.hitCount, count);
  const counted = hitCount.reduce((sum, n) => sum + n, 0);
  if (counted !== hits) throw new RangeError(`Cannot read the batch: ${hits} hits stated, ${counted} counted`);
  return {
    ...common(o ?? NONE),
    flags: unsigned(o?.flags, count),
    sensorId: unsigned(o?.sensorId, count),
    frame: unsigned(o?.frame, count),
    maxRangeCm: unsigned(o?.maxRangeCm, count),
    hitCount,
    hits,
    hitPresence: signed(o?.hitPresence, hits),
    bearingCdeg: signed(o?.bearingCdeg, hits),
    elevationCdeg: signed(o?.elevationCdeg, hits),
    rangeCm: unsigned(o?.rangeCm, hits),
    rangeRateCms: signed(o?.rangeRateCms, hits),
  };
}

function common({ count, slot, seq, eventS, eventUs }: EncodedRecords): RecordColumns {
  const seconds = unsigned(eventS, count);
  const micros = unsigned(eventUs, count);
  const eventTimeUs = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    if (micros[i]! >= 1e6) throw new RangeError(`Cannot read the batch: ${micros[i]} µs within a second`);
    eventTimeUs[i] = seconds[i]! * 1e6 + micros[i]!;
  }
  return { count, slot: unsigned(slot, count), seq: unsigned(seq, count), eventTimeUs };
}

function signed(deltas: number[] | undefined, count: number): Int32Array {
  const column = new Int32Array(count);
  if (!deltas) return column;
  const given = deltas.length;
  if (given > count) throw new RangeError(`Cannot read the batch: a column of ${given} values for ${count} records`);
  let value = 0;
  for (let i = 0; i < given; i++) column[i] = value = (value + deltas[i]!) | 0;
  if (value !== 0) column.fill(value, given);
  return column;
}

function unsigned(deltas: number[] | undefined, count: number): Uint32Array {
  return new Uint32Array(signed(deltas, count).buffer);
}
