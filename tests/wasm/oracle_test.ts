import { isDeepStrictEqual } from "node:util";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type AlertAck, type Telemetry, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { AlertAckEntry } from "../../wasm/alert_acks.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import { Verdict } from "../../wasm/verdict.ts";
import { frames } from "./arbitrary_frames.ts";
import { decode, encode, load, sealAll } from "./frames.ts";
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
async function judge(): Promise<(bytes: Uint8Array) => void> {
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

const oneBit = (bytes: Uint8Array, at: number): Uint8Array => {
  const flipped = bytes.slice();
  const index = Math.floor(at / 8) % Math.max(1, flipped.length);
  if (flipped.length > 0) flipped[index] = flipped[index]! ^ (1 << at % 8);
  return flipped;
};

describe("the hot path and @bufbuild/protobuf", () => {
  it("agree on every field of valid frames", async () => {
    const check = await judge();
    fc.assert(fc.property(frames, (init) => check(encode(init))), { numRuns: 1500 });
  });

  it("agree on frames with flipped bits, and on what is left of cut ones", async () => {
    const check = await judge();
    const flips = fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(frames, flips, fc.nat(), (init, at, cut) => {
        const bytes = at.reduce(oneBit, encode(init));
        check(bytes);
        check(bytes.subarray(0, cut % (bytes.length + 1)));
      }),
      { numRuns: 3000 },
    );
  });

  it("agree on frames put together of two: fields in any order, merged messages, last value wins", async () => {
    const check = await judge();
    fc.assert(
      fc.property(frames, frames, (a, b) => check(Uint8Array.from([...encode(a), ...encode(b)]))),
      { numRuns: 500 },
    );
  });

  it("agree on random bytes", async () => {
    const check = await judge();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => check(bytes)), { numRuns: 5000 });
  });

  it("agree on a frame cut at every byte", async () => {
    const check = await judge();
    const [init] = fc.sample(frames.filter(({ records }) => records!.length > 5), { numRuns: 1, seed: 7 });
    const bytes = encode(init!);
    for (let length = 0; length <= bytes.length; length++) check(bytes.subarray(0, length));
  });

  // By hand: a record of seq 1 with these body bytes, in a frame of drone "d".
  const field = (tag: number, content: number[]) => [tag, content.length, ...content];
  const ack = (...content: number[]) => Uint8Array.from([10, 1, 100, ...field(34, content)]);
  const framed = (record: number[]) => Uint8Array.from([10, 1, 100, ...field(26, [8, 1, ...record])]);
  for (
    const [name, bytes] of [
      ["a non-minimal varint", framed([24, 0x81, 0x80, 0x00, ...field(42, [])])],
      ["a ten-byte varint", framed([24, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, ...field(42, [])])],
      ["an eleven-byte varint", framed([24, ...Array(10).fill(0x80), 1, ...field(42, [])])],
      ["a battery merged of two", framed([...field(42, [8, 1]), ...field(42, [16, 5])])],
      ["a battery after a position", framed([...field(34, [13, 1, 0, 0, 0]), ...field(42, [8, 1])])],
      [
        "a battery cleared by a position and begun again",
        framed([
          ...field(42, [8, 1]),
          ...field(34, []),
          ...field(42, [16, 5]),
        ]),
      ],
      [
        "unknown fields of all wire types",
        framed([
          ...field(42, [8, 1]),
          ...[0x78, 1, 0x79, ...Array(8).fill(1), 0x7a, 1, 1, 0x7d, 1, 1, 1, 1],
        ]),
      ],
      ["a known number of another wire type", framed([...field(42, [8, 1]), 0x0a, 1, 7])],
      ["a group", framed([...field(42, []), 0x7b, 0x7c])],
      ["wire type 7", framed([...field(42, []), 0x7f])],
      ["field number 0", framed([...field(42, []), 0x00, 0x01])],
      ["a length over the end", Uint8Array.of(10, 100, 100)],
      ["a length of 2^32 and more", Uint8Array.of(10, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)],
      ["a nested length over its message", framed([42, 5, 8, 1])],
      ["an id with an overlong sequence", Uint8Array.of(10, 2, 0xc0, 0xaf)],
      ["an id with a surrogate", Uint8Array.of(10, 3, 0xed, 0xa0, 0x80)],
      ["an id past U+10FFFF", Uint8Array.of(10, 4, 0xf4, 0x90, 0x80, 0x80)],
      ["an id of 64 bytes", Uint8Array.of(10, 64, ...Array(64).fill(97))],
      ["an id of 65 bytes", Uint8Array.of(10, 65, ...Array(65).fill(97))],
      ["no id", framed([]).subarray(3)],
      ["an event time of 2^32 s", framed([17, 0, 0x40, 0x42, 0x0f, 0, 0x40, 0x42, 0x0f, ...field(42, [])])],
      ["a record without a body", framed([])],
      ["an empty alert acknowledgement", ack()],
      ["an alert acknowledgement whose last values win", ack(8, 1, 24, 2, 8, 3, 17, ...Array(8).fill(4), 24, 5)],
      ["an alert id past 64 bits", ack(8, ...Array(9).fill(0xff), 0x7f)],
      ["an alert id of eleven bytes", ack(8, ...Array(10).fill(0x80), 1)],
      ["a revision past 32 bits", ack(24, 0x81, 0x80, 0x80, 0x80, 0x7f)],
      ["an alert id, time and revision of other wire types", ack(9, ...Array(8).fill(1), 16, 5, 29, 1, 1, 1, 1, 8, 7)],
      ["an alert acknowledgement with a later field", ack(8, 1, 34, 2, 8, 9, 0x7d, 1, 1, 1, 1)],
      ["an alert acknowledgement cut in its time", ack(8, 1, 17, 1, 2, 3)],
      ["an alert acknowledgement with a group", ack(8, 1, 0x7b, 0x7c)],
    ] as const
  ) {
    it(`agree on ${name}`, async () => (await judge())(bytes));
  }
});
