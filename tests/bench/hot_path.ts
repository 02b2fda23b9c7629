// The hot path against the plain TypeScript way on the same frames: validate, decode, deduplicate, choose the lane,
// append, seal. The limit is one copy of the frame into memory.
import { HotPath, LaneIndex } from "../../wasm/hot_path.ts";
import { type BenchSettings, type Comparison, interleave } from "./comparison.ts";
import { fleetFrames, type FleetFramesSettings, type TimedFrame } from "./fleet_frames.ts";
import { PlainHotPath } from "./plain_hot_path.ts";

const BUDGET_NS = 100;
const BUDGET_RATIO = 10;
/** Frames after which both lanes are sealed, as the edge does it all the time. */
const SEAL_RECORDS = 1024;
const NO_LIMIT = 1e9;

/** A hot path whose token buckets never refuse. */
export function loadUnlimitedHotPath(): Promise<HotPath> {
  return HotPath.load({
    droneRatePerS: NO_LIMIT,
    droneBurst: NO_LIMIT,
    nodeRatePerS: NO_LIMIT,
    nodeBurst: NO_LIMIT,
    hashSeed: 1,
  });
}

/** ns a frame, one-record and 32-record frames, moving and mixed. */
export async function compareHotPath({ seed, smoke }: BenchSettings): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const mix of ["moving", "mixed"] as const) {
    for (const recordsPerFrame of [1, 32]) {
      const seconds = smoke ? 4 : 40;
      comparisons.push(
        await compareOn({ seed, drones: mix === "moving" ? 500 : 150, seconds, recordsPerFrame, mix }, {
          rounds: smoke ? 3 : 9,
        }),
      );
    }
  }
  return comparisons;
}

async function compareOn(settings: FleetFramesSettings, { rounds }: { rounds: number }): Promise<Comparison> {
  const { recordsPerFrame, mix } = settings;
  const frames = fleetFrames(settings);
  const ours = await HotPathRounds.create(frames, { rounds, recordsPerFrame });
  const sealEvery = Math.ceil(SEAL_RECORDS / recordsPerFrame);
  const target = new Uint8Array(65_536);
  const ns = interleave(rounds, {
    ours: () => ours.run(),
    plain: () => plainRound(frames, sealEvery),
    copy: () => copyRound(frames, target),
  });
  const ratio = ns.plain / ns.ours;
  const budgeted = recordsPerFrame === 1 && mix === "moving";
  const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0) / frames.length;
  return {
    name: `hot path, ${mix} fleet, ${recordsPerFrame}-record frames of ${bytes.toFixed(0)} bytes`,
    unit: "ns a frame",
    ours: ns.ours,
    rival: { name: "plain TypeScript with @bufbuild/protobuf", value: ns.plain },
    limit: { name: "one copy of the frame", value: ns.copy },
    budget: budgeted
      ? {
        text: `≤ ${BUDGET_NS} ns (${ns.ours.toFixed(0)}) and ≥ ${BUDGET_RATIO} × (${ratio.toFixed(1)} ×)`,
        met: ns.ours <= BUDGET_NS && ratio >= BUDGET_RATIO,
      }
      : null,
    note: `plain / ours = ${ratio.toFixed(1)}; ${frames.length} frames a round`,
  };
}

// Each round takes the next hot path: a frame pushed twice would be a duplicate.
class HotPathRounds {
  readonly #frames: readonly TimedFrame[];
  readonly #paths: HotPath[];
  readonly #sealEvery: number;

  private constructor(frames: readonly TimedFrame[], parts: { paths: HotPath[]; sealEvery: number }) {
    this.#frames = frames;
    this.#paths = parts.paths;
    this.#sealEvery = parts.sealEvery;
  }

  static async create(
    frames: readonly TimedFrame[],
    { rounds, recordsPerFrame }: { rounds: number; recordsPerFrame: number },
  ): Promise<HotPathRounds> {
    const paths = await Promise.all(Array.from({ length: rounds }, loadUnlimitedHotPath));
    return new HotPathRounds(frames, { paths, sealEvery: Math.ceil(SEAL_RECORDS / recordsPerFrame) });
  }

  /** @returns ns a frame */
  run(): number {
    const hotPath = this.#paths.pop();
    if (!hotPath) throw new RangeError("Cannot run another round: every hot path is used");
    const startMs = performance.now();
    let records = 0;
    let untilSeal = this.#sealEvery;
    for (const { bytes, sentTimeUs } of this.#frames) {
      hotPath.push(bytes, sentTimeUs / 1000);
      records += hotPath.forwarded + hotPath.nearDuplicates;
      if (--untilSeal > 0) continue;
      sealBoth(hotPath);
      untilSeal = this.#sealEvery;
    }
    sealBoth(hotPath);
    const elapsedMs = performance.now() - startMs;
    if (records === 0) throw new Error("Cannot trust the round: no record was accepted");
    return elapsedMs * 1e6 / this.#frames.length;
  }
}

function sealBoth(hotPath: HotPath): void {
  hotPath.seal(LaneIndex.safety);
  hotPath.seal(LaneIndex.bulk);
}

function plainRound(frames: readonly TimedFrame[], sealEvery: number): number {
  const plain = new PlainHotPath();
  const startMs = performance.now();
  let untilSeal = sealEvery;
  for (const { bytes } of frames) {
    plain.push(bytes);
    if (--untilSeal > 0) continue;
    plain.seal("safety");
    plain.seal("bulk");
    untilSeal = sealEvery;
  }
  plain.seal("safety");
  plain.seal("bulk");
  return (performance.now() - startMs) * 1e6 / frames.length;
}

function copyRound(frames: readonly TimedFrame[], target: Uint8Array): number {
  const startMs = performance.now();
  for (const { bytes } of frames) target.set(bytes);
  return (performance.now() - startMs) * 1e6 / frames.length;
}
