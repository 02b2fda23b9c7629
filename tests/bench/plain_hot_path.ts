// The edge's hot path the plain TypeScript way: @bufbuild/protobuf for both ends, a Map for the drones, objects for the
// records. The rival of the benchmarks, and the model that end-to-end tests compare the real one with.
import { create, fromBinary } from "@bufbuild/protobuf";
import { sizeDelimitedEncode } from "@bufbuild/protobuf/wire";
import {
  type Battery,
  type ObstacleScan,
  type Position,
  RecordFlag,
  type Telemetry,
  TelemetryFrameSchema,
} from "../../proto/gen/slipstream/v1/telemetry_pb.ts";

/** What became of one record. */
export type RecordFate = "safety" | "bulk" | "duplicate" | "near-duplicate" | "malformed";

/** Counts of records by fate; received = the sum of the others. */
export interface PlainCounts {
  received: number;
  forwarded: number;
  duplicate: number;
  nearDuplicate: number;
  malformed: number;
}

/** The settings of the real hot path that its verdicts depend on. */
export interface PlainSettings {
  /** Sequence numbers below the highest within which a duplicate is known. */
  windowSeqs: number;
  /** Told the fate of each record, in order; undefined in benchmarks. */
  onFate?: (record: Telemetry, fate: RecordFate) => void;
}

interface Boot {
  droneId: string;
  bootId: number;
  highestSeq: number;
  /** One bit a sequence number, at its value modulo the window. */
  seen: Uint32Array;
  forwardedFix: { position: Position; flags: number; eventTimeUs: number } | null;
  previousFixTimeUs: number;
  lanes: { safety: Telemetry[]; bulk: Telemetry[] };
}

const EARTH_RADIUS_M = 6371008.8;
const SAME_PLACE_M = 0.5;
const SAME_ALTITUDE_MM = 500;
const SAME_FIX_US = 1_000_000;
/** 1 m, in cm · µs of speed and time. */
const MOVED_CM_US = 100 * 1_000_000;
const EVENT_TIME_US_MAX = 4294967296000000n;
const URGENT_RANGE_CM = 1000;
const URGENT_TIME_S = 5;
const CRITICAL_CHARGE_STATES = new Set([3, 4, 5]);
const CRITICAL_REMAINING_CPCT = 1000;

export class PlainHotPath {
  readonly #boots = new Map<string, Map<number, Boot>>();
  /** Boots that have records waiting, in the order of their first. */
  readonly #waiting: Record<"safety" | "bulk", Boot[]> = { safety: [], bulk: [] };
  readonly #openAlerts = new Set<string>();
  readonly #settings: PlainSettings;
  readonly counts: PlainCounts = { received: 0, forwarded: 0, duplicate: 0, nearDuplicate: 0, malformed: 0 };

  constructor(settings: PlainSettings = { windowSeqs: 1024 }) {
    this.#settings = settings;
  }

  /** Drones it has heard of. */
  get drones(): number {
    return this.#boots.size;
  }

  setAlertOpen(droneId: string, open: boolean): void {
    if (open) this.#openAlerts.add(droneId);
    else this.#openAlerts.delete(droneId);
  }

  /** One frame as it came from the socket. */
  push(bytes: Uint8Array): "accepted" | "malformed" {
    let frame;
    try {
      frame = fromBinary(TelemetryFrameSchema, bytes);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#countMalformed(1);
      return "malformed";
    }
    if (frame.droneId.length === 0 || frame.droneId.length > 64) {
      this.#countMalformed(Math.max(1, frame.records.length));
      return "malformed";
    }
    const boot = this.#boot(frame.droneId, frame.bootId);
    for (const record of frame.records) {
      const fate = this.#fate(boot, record);
      this.#count(boot, record, fate);
      this.#settings.onFate?.(record, fate);
    }
    return "accepted";
  }

  /** Empties a lane as rows: for each drone one TelemetryFrame behind its length. */
  seal(lane: "safety" | "bulk"): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const { droneId, bootId, lanes } of this.#waiting[lane]) {
      const frame = create(TelemetryFrameSchema, { droneId, bootId, records: lanes[lane] });
      parts.push(sizeDelimitedEncode(TelemetryFrameSchema, frame));
      lanes[lane] = [];
    }
    this.#waiting[lane] = [];
    const batch = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let offset = 0;
    for (const part of parts) {
      batch.set(part, offset);
      offset += part.length;
    }
    return batch;
  }

  #countMalformed(records: number): void {
    this.counts.received += records;
    this.counts.malformed += records;
  }

  #count(boot: Boot, record: Telemetry, fate: RecordFate): void {
    const { counts } = this;
    counts.received++;
    if (fate === "safety" || fate === "bulk") {
      counts.forwarded++;
      if (boot.lanes[fate].push(record) === 1) this.#waiting[fate].push(boot);
    } else if (fate === "duplicate") counts.duplicate++;
    else if (fate === "near-duplicate") counts.nearDuplicate++;
    else counts.malformed++;
  }

  #boot(droneId: string, bootId: number): Boot {
    let boots = this.#boots.get(droneId);
    if (!boots) this.#boots.set(droneId, boots = new Map());
    let boot = boots.get(bootId);
    if (!boot) {
      boot = {
        droneId,
        bootId,
        highestSeq: -1,
        seen: new Uint32Array(this.#settings.windowSeqs >>> 5),
        forwardedFix: null,
        previousFixTimeUs: 0,
        lanes: { safety: [], bulk: [] },
      };
      boots.set(bootId, boot);
    }
    return boot;
  }

  #fate(boot: Boot, record: Telemetry): RecordFate {
    const { body } = record;
    if (body.case === undefined || record.eventTimeUs >= EVENT_TIME_US_MAX) return "malformed";
    if (this.#isDuplicate(boot, record.seq)) return "duplicate";
    if (body.case === "position") return this.#positionFate(boot, record, body.value);
    const emergency = (record.flags & RecordFlag.EMERGENCY) !== 0;
    const urgent = body.case === "battery" ? isCritical(body.value) : isUrgent(body.value);
    return emergency || urgent ? "safety" : "bulk";
  }

  #isDuplicate(boot: Boot, seq: number): boolean {
    const { windowSeqs } = this.#settings;
    const { seen } = boot;
    if (seq > boot.highestSeq) {
      if (seq - boot.highestSeq >= windowSeqs) seen.fill(0);
      else for (let s = boot.highestSeq + 1; s < seq; s++) clear(seen, s % windowSeqs);
      boot.highestSeq = seq;
      mark(seen, seq % windowSeqs);
      return false;
    }
    // Below the window nothing is known: forwarded, the aggregator deduplicates exactly.
    if (boot.highestSeq - seq >= windowSeqs) return false;
    const bit = seq % windowSeqs;
    if ((seen[bit >>> 5]! >>> (bit & 31)) & 1) return true;
    mark(seen, bit);
    return false;
  }

  #positionFate(boot: Boot, record: Telemetry, position: Position): RecordFate {
    const eventTimeUs = Number(record.eventTimeUs);
    const { forwardedFix, previousFixTimeUs } = boot;
    boot.previousFixTimeUs = eventTimeUs;
    if (
      forwardedFix && forwardedFix.flags === record.flags && !this.#openAlerts.has(boot.droneId) &&
      isRecent(eventTimeUs, { forwardedTimeUs: forwardedFix.eventTimeUs, previousFixTimeUs }) &&
      !hasMoved(record, position, eventTimeUs - forwardedFix.eventTimeUs) &&
      isSameFix(position, forwardedFix.position)
    ) return "near-duplicate";
    boot.forwardedFix = { position, flags: record.flags, eventTimeUs };
    return "safety";
  }
}

function mark(seen: Uint32Array, bit: number): void {
  seen[bit >>> 5]! |= 1 << (bit & 31);
}

function clear(seen: Uint32Array, bit: number): void {
  seen[bit >>> 5]! &= ~(1 << (bit & 31));
}

// The second condition keeps forwarded fixes at most 1 s apart: at this cadence the next fix would come too late.
function isRecent(
  eventTimeUs: number,
  { forwardedTimeUs, previousFixTimeUs }: { forwardedTimeUs: number; previousFixTimeUs: number },
): boolean {
  const sinceUs = eventTimeUs - forwardedTimeUs;
  return sinceUs >= 0 && sinceUs < SAME_FIX_US && sinceUs + (eventTimeUs - previousFixTimeUs) <= SAME_FIX_US;
}

/** By the velocity it tells, if it tells one. */
function hasMoved({ flags }: Telemetry, { vnCms, veCms, vdCms }: Position, sinceUs: number): boolean {
  return (flags & RecordFlag.NO_VELOCITY) === 0 && Math.hypot(vnCms, veCms, vdCms) * sinceUs >= MOVED_CM_US;
}

function isSameFix(a: Position, b: Position): boolean {
  return a.fixType === b.fixType && isSameAltitude(a.altMslMm, b.altMslMm) &&
    isSameAltitude(a.altHomeMm, b.altHomeMm) &&
    haversineM(a, b) < SAME_PLACE_M;
}

function isSameAltitude(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Math.abs(a - b) < SAME_ALTITUDE_MM;
}

/** Great-circle distance in metres. R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984). */
export function haversineM(a: { latE7: number; lonE7: number }, b: { latE7: number; lonE7: number }): number {
  const toRad = Math.PI / 180e7;
  const sinLat = Math.sin((b.latE7 - a.latE7) * toRad / 2);
  const sinLon = Math.sin((b.lonE7 - a.lonE7) * toRad / 2);
  const h = sinLat * sinLat + Math.cos(a.latE7 * toRad) * Math.cos(b.latE7 * toRad) * sinLon * sinLon;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

function isCritical({ chargeState, remainingCpct, voltageMv }: Battery): boolean {
  if (CRITICAL_CHARGE_STATES.has(chargeState)) return true;
  // 0 % beside 0 V is how a battery that is not measured looks.
  if (remainingCpct === undefined || (remainingCpct === 0 && voltageMv === 0)) return false;
  return remainingCpct <= CRITICAL_REMAINING_CPCT;
}

function isUrgent({ hits }: ObstacleScan): boolean {
  return hits.some(({ rangeCm, rangeRateCms }) =>
    rangeCm <= URGENT_RANGE_CM || (rangeRateCms !== undefined && rangeCm <= -rangeRateCms * URGENT_TIME_S)
  );
}
