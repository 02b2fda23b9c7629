// The hot path against @bufbuild/protobuf and the book: what it must make of any bytes, and whether it does.
import { isDeepStrictEqual } from "node:util";
import { assertEquals } from "@std/assert";
import { type AlertAck, type Telemetry, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { AlertAckEntry } from "../../wasm/alert_acks.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import { Verdict } from "../../wasm/verdict.ts";
import { decode, load, sealAll } from "./frames.ts";
import { knownFields } from "./known_fields.ts";

/** A record in the words of the columns, comparable whichever side it comes from. */
type Plain = Record<string, unknown>;

function plain({ seq, eventTimeUs, flags, body }: Telemetry): Plain {
  const { $typeName: _, $unknown: __, ...value } = (body.value ?? {}) as Plain;
  if (body.case === "obstacles") {
    value.hits = body.value.hits.map(({ $typeName: _, $unknown: __, ...hit }) => ({ ...NO_RATE, ...hit }));
  }
  const absent = body.case === "position" ? NO_POSITION : body.case === "battery" ? NO_BATTERY : {};
  return { seq, eventTimeUs: Number(eventTimeUs), flags, kind: body.case, ...absent, ...value };
}

const NO_RATE = { rangeRateCms: undefined };
const NO_POSITION = {
  altMslMm: undefined,
  altHomeMm: undefined,
  headingCdeg: undefined,
  hAccMm: undefined,
  vAccMm: undefined,
  satellites: undefined,
};
const NO_BATTERY = {
  voltageMv: undefined,
  currentCa: undefined,
  remainingCpct: undefined,
  temperatureCdegc: undefined,
};

/** What the hot path holds, read back from its sealed columns, by sequence number. */
function sealedRecords(hotPath: HotPath): { got: Plain[]; receipts: Uint32Array[] } {
  const records: Plain[] = [];
  const receipts: Uint32Array[] = [];
  for (const sealed of sealAll(hotPath)) {
    if (!sealed) continue;
    receipts.push(sealed.receipt);
    const { positions: p, batteries: b, obstacles: o, nearDuplicates } = sealed.columns;
    const common = (of: typeof p | typeof b | typeof o, i: number) => ({
      seq: of.seq[i],
      eventTimeUs: of.eventTimeUs[i],
      flags: of.flags[i],
    });
    const given = <T>(presence: number, bit: number, value: T) => (presence >> bit & 1) === 1 ? value : undefined;
    for (let i = 0; i < p.count; i++) {
      const has = p.presence[i]!;
      records.push({
        ...common(p, i),
        kind: "position",
        latE7: p.latE7[i],
        lonE7: p.lonE7[i],
        altMslMm: given(has, 0, p.altMslMm[i]),
        altHomeMm: given(has, 1, p.altHomeMm[i]),
        vnCms: p.vnCms[i],
        veCms: p.veCms[i],
        vdCms: p.vdCms[i],
        headingCdeg: given(has, 2, p.headingCdeg[i]),
        hAccMm: given(has, 3, p.hAccMm[i]),
        vAccMm: given(has, 4, p.vAccMm[i]),
        fixType: p.fixType[i],
        satellites: given(has, 5, p.satellites[i]),
      });
    }
    for (let i = 0; i < b.count; i++) {
      const has = b.presence[i]!;
      records.push({
        ...common(b, i),
        kind: "battery",
        id: b.id[i],
        voltageMv: given(has, 0, b.voltageMv[i]),
        currentCa: given(has, 1, b.currentCa[i]),
        remainingCpct: given(has, 2, b.remainingCpct[i]),
        temperatureCdegc: given(has, 3, b.temperatureCdegc[i]),
        chargeState: b.chargeState[i],
      });
    }
    for (let i = 0, hit = 0; i < o.count; i++) {
      const hits = Array.from({ length: o.hitCount[i]! }, () => ({
        bearingCdeg: o.bearingCdeg[hit],
        elevationCdeg: o.elevationCdeg[hit],
        rangeCm: o.rangeCm[hit],
        rangeRateCms: given(o.hitPresence[hit]!, 0, o.rangeRateCms[hit++]),
      }));
      const { sensorId, frame, maxRangeCm } = o;
      const scan = { sensorId: sensorId[i], frame: frame[i], maxRangeCm: maxRangeCm[i], hits };
      records.push({ ...common(o, i), kind: "obstacles", ...scan });
    }
    for (let i = 0; i < nearDuplicates.count; i++) records.push({ seq: nearDuplicates.seq[i], kind: "nearDuplicate" });
  }
  const isBare = (record: Plain) => Number(record.kind === "nearDuplicate");
  return { got: records.sort((a, b) => isBare(a) - isBare(b)), receipts };
}

const TIME_MAX = 4_294_967_296_000_000n;

const SEQ_WINDOW = 1024;

interface Expected {
  records: number;
  known: Plain[];
  alertAcks: AlertAckEntry[];
  group: string;
}

function plainAck({ alertId, receivedTimeUs, revision }: AlertAck): AlertAckEntry {
  return { alertId, receivedTimeUs, revision };
}

/** What must come of the bytes: null for malformed, else the known records without those that the window has seen. */
function expected(bytes: Uint8Array): Expected | null {
  const cleaned = knownFields(bytes, TelemetryFrameSchema);
  if (!cleaned) return null;
  const frame = decode(Uint8Array.from(cleaned));
  const idBytes = new TextEncoder().encode(frame.droneId).length;
  const groupBytes = new TextEncoder().encode(frame.group).length;
  if (idBytes < 1 || groupBytes > 64 || idBytes > 64 || frame.records.length > 256 || frame.alertAcks.length > 64) {
    return null;
  }
  const seen = new Set<number>();
  const known: Plain[] = [];
  let highest = -1;
  for (const record of frame.records) {
    if (record.body.case === undefined || record.eventTimeUs >= TIME_MAX) continue;
    if (record.seq > highest - SEQ_WINDOW && seen.has(record.seq)) continue;
    seen.add(record.seq);
    highest = Math.max(highest, record.seq);
    known.push(plain(record));
  }
  return { records: frame.records.length, known, alertAcks: frame.alertAcks.map(plainAck), group: frame.group };
}

/** Compares verdict, counts and every field, then forgets the drone. */
export async function judge(): Promise<(bytes: Uint8Array) => void> {
  const hotPath = await load();
  let nowMs = 0;
  return (bytes) => {
    nowMs += 1000;
    const want = expected(bytes);
    const verdict = hotPath.push(bytes, nowMs);
    if (!want) {
      assertEquals([verdict, hotPath.alertAcks, hotPath.alertAckList()], [Verdict.malformed, 0, []]);
      assertEquals([hotPath.waiting(0), hotPath.waiting(1)], [0, 0]);
      return;
    }
    assertEquals(verdict, Verdict.accepted);
    const { records, forwarded, duplicates, nearDuplicates, malformedRecords } = hotPath;
    assertEquals(records, want.records);
    assertEquals([hotPath.alertAcks, hotPath.alertAckList()], [want.alertAcks.length, want.alertAcks]);
    assertEquals(hotPath.group(), want.group);
    assertEquals(records, forwarded + duplicates + nearDuplicates + malformedRecords);
    const { got, receipts } = sealedRecords(hotPath);
    for (const receipt of receipts) hotPath.settle(receipt);
    hotPath.evictIdle(nowMs + 1000, 1);
    assertEquals(got.length, want.known.length);
    for (const record of got) {
      // A near-duplicate keeps its existence alone; its rule has tests of its own.
      const bySeqAlone = record.kind === "nearDuplicate";
      const ofSeq = want.known.filter(({ seq }) => seq === record.seq);
      const same = bySeqAlone ? ofSeq[0] : ofSeq.find((known) => isDeepStrictEqual(known, record));
      if (!same) assertEquals([record], ofSeq);
      else want.known.splice(want.known.indexOf(same), 1);
    }
  };
}
