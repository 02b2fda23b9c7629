// The hot path against the plain TypeScript way on the same frames: validate, decode, deduplicate, choose the lane,
// append, seal. The limit is one copy of the frame into memory.
import { HotPath, LaneIndex } from "../../wasm/hot_path.ts";
import { type BenchSettings, type Comparison, interleave } from "./comparison.ts";
import { fleetFrames, type FleetFramesSettings, type TimedFrame } from "./fleet_frames.ts";
import { PlainHotPath } from "./plain_hot_path.ts";

const BUDGET_NS = 100;
const BUDGET_RATIO = 10;
const DRONES = 200;
/** Records after which both lanes are sealed: the edge does it all the time. */
const SEAL_RECORDS = 1024;
/** By then both runtimes have compiled what is hot as well as they can. */
const WARM_UP_ROUNDS = 2;
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
  const rounds = smoke ? 2 : 7;
  const comparisons: Comparison[] = [];
  for (const mix of ["moving", "mixed"] as const) {
    const seconds = (rounds + WARM_UP_ROUNDS) * (mix === "moving" ? 24 : 6) / (smoke ? 6 : 1);
    for (const recordsPerFrame of [1, 32]) {
      comparisons.push(await compareOn({ seed, drones: DRONES, seconds, recordsPerFrame, mix }, { rounds }));
    }
  }
  return comparisons;
}

// A frame pushed twice would be a duplicate: each round takes the next part of one long flight, the first parts warm up.
async function compareOn(settings: FleetFramesSettings, { rounds }: { rounds: number }): Promise<Comparison> {
  const { recordsPerFrame, mix } = settings;
  const frames = fleetFrames(settings);
  const framesPerRound = Math.floor(frames.length / (rounds + WARM_UP_ROUNDS));
  const parts = Array.from(
    { length: rounds + WARM_UP_ROUNDS },
    (_, i) => frames.slice(i * framesPerRound, (i + 1) * framesPerRound),
  );
  const sealEvery = Math.ceil(SEAL_RECORDS / recordsPerFrame);
  const hotPath = await loadUnlimitedHotPath();
  const plain = new PlainHotPath();
  const target = new Uint8Array(65_536);
  const contenders = {
    ours: nextPart(parts, (part) => pushAll(hotPath, part, sealEvery)),
    plain: nextPart(parts, (part) => pushAllPlain(plain, part, sealEvery)),
    copy: nextPart(parts, (part) => part.forEach(({ bytes }) => target.set(bytes))),
  };
  interleave(WARM_UP_ROUNDS, contenders);
  const ns = interleave(rounds, contenders);
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
    note: `plain / ours = ${ratio.toFixed(1)}; ${framesPerRound} frames a round, sealed every ${SEAL_RECORDS} records`,
  };
}

/** A function that times `run` on one part after another, in ns a frame. */
function nextPart(parts: TimedFrame[][], run: (part: TimedFrame[]) => void): () => number {
  let next = 0;
  return () => {
    const part = parts[next++];
    if (!part) throw new RangeError("Cannot run another round: every part is used");
    const startMs = performance.now();
    run(part);
    return (performance.now() - startMs) * 1e6 / part.length;
  };
}

function pushAll(hotPath: HotPath, frames: TimedFrame[], sealEvery: number): void {
  let kept = 0;
  let untilSeal = sealEvery;
  for (const { bytes, sentTimeUs } of frames) {
    hotPath.push(bytes, sentTimeUs / 1000);
    kept += hotPath.forwarded + hotPath.nearDuplicates;
    if (--untilSeal > 0) continue;
    hotPath.seal(LaneIndex.safety);
    hotPath.seal(LaneIndex.bulk);
    untilSeal = sealEvery;
  }
  if (kept < frames.length) throw new Error(`Cannot trust the round: ${kept} records of ${frames.length} frames`);
}

function pushAllPlain(plain: PlainHotPath, frames: TimedFrame[], sealEvery: number): void {
  let untilSeal = sealEvery;
  for (const { bytes } of frames) {
    plain.push(bytes);
    if (--untilSeal > 0) continue;
    plain.seal("safety");
    plain.seal("bulk");
    untilSeal = sealEvery;
  }
}
