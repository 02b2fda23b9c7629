// What drones send, into the hot path; what it takes is compared with what @bufbuild/protobuf reads.
import { decodeBatch } from "../../../aggregator/batch/columns.ts";
import { FRAME_BYTES_MAX } from "../../../proto/words.ts";
import type { Random } from "../../../sim/random.ts";
import { HotPath } from "../../../wasm/hot_path.ts";
import { LaneIndex } from "../../../wasm/limits.ts";
import { HOT_PATH_DEFAULTS } from "../../../wasm/settings.ts";
import { Verdict } from "../../../wasm/verdict.ts";
import { encode, type RecordInit } from "../../wasm/frames.ts";
import { judge } from "../../wasm/judge.ts";
import { Broken, few, type Session, type Target } from "../target.ts";

/** So many executions from one that is compared to the next. */
const COMPARED_EVERY = 16;
/** So many until a drone that says nothing is forgotten. */
const IDLE = 20_000;
const SEALED_RECORDS = 4096;
const VERDICTS = Object.keys(Verdict);

function record(random: Random, seq: number): RecordInit {
  const eventTimeUs = BigInt(1_790_000_000_000_000 + seq * 20_000);
  const flags = random.chance(0.1) ? random.whole(0, 255) : 3;
  const kind = random.whole(0, 9);
  const hit = () => ({ bearingCdeg: random.whole(-18_000, 18_000), elevationCdeg: 0, rangeCm: random.whole(0, 9000) });
  if (kind < 2) {
    return { seq, eventTimeUs, flags, body: { case: "battery", value: { voltageMv: 15_000, remainingCpct: 900 } } };
  }
  if (kind < 4) {
    return { seq, eventTimeUs, flags, body: { case: "obstacles", value: { sensorId: 1, hits: [hit(), hit()] } } };
  }
  const place = { latE7: 473_976_880 + random.whole(-99, 99), lonE7: 85_455_895, altMslMm: 429_940, hAccMm: 800 };
  return {
    seq,
    eventTimeUs,
    flags,
    body: { case: "position", value: { ...place, vnCms: 5, fixType: 3, satellites: 12 } },
  };
}

function seeds(random: Random): Uint8Array[] {
  return Array.from({ length: 40 }, (_, i) => {
    const records = Array.from({ length: i % 4 === 0 ? 20 : 1 + i % 3 }, (_, seq) => record(random, i * 7 + seq));
    const alertAcks = i % 5 === 0 ? [{ alertId: 7n, receivedTimeUs: 1n, revision: 2 }] : [];
    return encode({ droneId: `drone-${i % 8}`, bootId: i % 3, group: i % 6 === 0 ? "show-1" : "", records, alertAcks });
  });
}

async function open({ comparesAll }: { comparesAll: boolean }): Promise<Session> {
  const judged = await judge();
  let trap: unknown = null;
  const hotPath = await HotPath.load({ ...HOT_PATH_DEFAULTS, onTrap: (error) => trap = error });
  const { buffer } = hotPath.settledDuplicates();
  let nowMs = 0;
  const drain = () => {
    for (const lane of [LaneIndex.safety, LaneIndex.bulk]) {
      const sealed = hotPath.seal(lane);
      if (!sealed) continue;
      const { records } = decodeBatch(sealed.raw!);
      if (records !== sealed.records) throw new Broken(`${sealed.records} records sealed, ${records} read`);
      hotPath.settle(sealed.receipt);
    }
    hotPath.evictIdle(nowMs, IDLE);
  };
  return {
    run: (input) => {
      const verdict = hotPath.push(input, ++nowMs);
      const outcome = outcomeOf(hotPath, verdict);
      if (hotPath.waiting(LaneIndex.safety) + hotPath.waiting(LaneIndex.bulk) > SEALED_RECORDS) drain();
      else if (nowMs % IDLE === 0) hotPath.evictIdle(nowMs, IDLE);
      if (trap) throw trap;
      if (comparesAll || nowMs % COMPARED_EVERY === 0) judged(input);
      return outcome;
    },
    memoryBytes: () => buffer.byteLength,
  };
}

function outcomeOf(hotPath: HotPath, verdict: number): string {
  const { records, forwarded, duplicates, nearDuplicates, malformedRecords, shed, unknownFields, alertAcks } = hotPath;
  if (verdict === Verdict.malformed) return `malformed: ${hotPath.fault}`;
  if (verdict !== Verdict.accepted) return `${VERDICTS[verdict]}`;
  if (records !== forwarded + duplicates + nearDuplicates + malformedRecords + shed) {
    throw new Broken(
      `${records} records, and ${forwarded} + ${duplicates} + ${nearDuplicates} + ${malformedRecords} told`,
    );
  }
  const kinds = { forwarded, duplicates, nearDuplicates, malformedRecords, unknownFields, alertAcks };
  return `accepted${Object.entries(kinds).map(([kind, n]) => n === 0 ? "" : ` ${kind} ${few(n)}`).join("")}`;
}

export const FRAMES: Target = { name: "frames", format: "protobuf", bytesMax: FRAME_BYTES_MAX + 100, seeds, open };
