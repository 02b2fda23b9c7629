// What an edge makes of a fleet's frames, in the frames' own time: the hot path's columns, and the same records as the
// plain TypeScript way's rows, sealed at the same moments.
import { type HotPath } from "../../wasm/hot_path.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import type { TimedFrame } from "./fleet_frames.ts";
import { PlainHotPath } from "./plain_hot_path.ts";

export type LaneName = "safety" | "bulk";

/** One batch, both ways. */
export interface ModelBatch {
  lane: LaneName;
  /** Unix µs. */
  sealedTimeUs: number;
  records: number;
  /** An encoded TelemetryBatch. */
  columns: Uint8Array<ArrayBuffer>;
  /** TelemetryFrames behind their lengths. */
  rows: Uint8Array;
  /** Of the frames that these records came in. */
  frameBytes: number;
  /** Definitions of the slots that the aggregator does not know yet. */
  slots: { slot: number; droneId: string; bootId: number; fleet: string; zone: string }[];
}

export interface UplinkModelSettings {
  hotPath: HotPath;
  /** Between two batches of a lane. */
  periodMs: Record<LaneName, number>;
}

/** From sending a batch to its acknowledgement, which makes its slots known. */
const ACK_US = 5000;

/** @param frames of one record each, in order of time */
export function modelUplink(frames: readonly TimedFrame[], { hotPath, periodMs }: UplinkModelSettings): ModelBatch[] {
  const plain = new PlainHotPath();
  const batches: ModelBatch[] = [];
  const drones = new Map<number, { droneId: string; bootId: number }>();
  const knownFromUs = new Map<number, number>();
  const dueUs: Record<LaneName, number> = { safety: 0, bulk: 0 };
  const frameBytes: Record<LaneName, number> = { safety: 0, bulk: 0 };

  const seal = (lane: LaneName, nowUs: number) => {
    const sealed = hotPath.seal(LaneIndex[lane]);
    const rows = plain.seal(lane);
    if (!sealed) return;
    const unknown = [...sealed.slots].filter((slot) => (knownFromUs.get(slot) ?? Infinity) > nowUs);
    for (const slot of unknown) if (!knownFromUs.has(slot)) knownFromUs.set(slot, nowUs + ACK_US);
    batches.push({
      lane,
      sealedTimeUs: nowUs,
      records: sealed.records,
      columns: sealed.raw!.slice(),
      rows,
      frameBytes: frameBytes[lane],
      slots: unknown.map((slot) => ({ slot, ...drones.get(slot)!, fleet: "fleet", zone: "unassigned" })),
    });
    frameBytes[lane] = 0;
  };

  for (const { bytes, sentTimeUs } of frames) {
    for (const lane of ["safety", "bulk"] as const) {
      if (sentTimeUs < dueUs[lane]) continue;
      seal(lane, sentTimeUs);
      dueUs[lane] = sentTimeUs + periodMs[lane] * 1000;
    }
    const before = hotPath.waiting(LaneIndex.safety);
    hotPath.push(bytes, sentTimeUs / 1000);
    plain.push(bytes);
    const { slot, bootId } = hotPath;
    if (!drones.has(slot)) drones.set(slot, { droneId: hotPath.droneId(), bootId });
    frameBytes[hotPath.waiting(LaneIndex.safety) > before ? "safety" : "bulk"] += bytes.length;
  }
  const endUs = frames.at(-1)?.sentTimeUs ?? 0;
  for (const lane of ["safety", "bulk"] as const) seal(lane, endUs);
  return batches;
}
