// The simulated fleet's frames for benchmarks, taken in mid-flight: positions at 10 Hz, batteries at 5 Hz, obstacle
// scans at 20 Hz, each drone with a phase of its own. The same seed gives the same bytes.
import type { Telemetry } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { Fleet } from "../../sim/fleet.ts";
import { encodeFrame } from "../../clients/typescript/src/frame.ts";

export interface FleetFramesSettings {
  seed: number;
  drones: number;
  seconds: number;
  /** Records in each frame: of one drone, one after another. */
  recordsPerFrame: number;
  /** `moving`: positions of drones on the move only. `mixed`: all that the fleet sends. */
  mix: "moving" | "mixed";
}

/** A frame and when it was sent, Unix µs. */
export interface TimedFrame {
  sentTimeUs: number;
  bytes: Uint8Array<ArrayBuffer>;
}

const START_US = 1_760_000_000_000_000;
/** By then the fleet has taken off and is spread over all phases of flight. */
const WARM_UP_S = 40;
/** At 10 Hz more than half a metre from fix to fix. */
const MOVING_CMS = 600;

/** All frames of the fleet in the order of their time. */
export function fleetFrames({ seed, drones, seconds, recordsPerFrame, mix }: FleetFramesSettings): TimedFrame[] {
  const fleet = new Fleet({ drones, seed, scenario: "calm", startUs: START_US, coalesce: false });
  fleet.advance(START_US + WARM_UP_S * 1e6);
  const gathered = new Map<string, Telemetry[]>();
  const frames: TimedFrame[] = [];
  for (const emission of fleet.advance(START_US + (WARM_UP_S + seconds) * 1e6)) {
    const records = gathered.get(emission.droneId) ?? [];
    records.push(...mix === "moving" ? emission.records.filter(isMoving) : emission.records);
    if (records.length < recordsPerFrame) {
      gathered.set(emission.droneId, records);
      continue;
    }
    gathered.delete(emission.droneId);
    frames.push({ sentTimeUs: emission.atUs, bytes: encodeFrame(emission, records) });
  }
  return packed(frames);
}

// One after another in memory: a frame that has just been read from a socket is in the cache as well.
function packed(frames: TimedFrame[]): TimedFrame[] {
  const memory = new Uint8Array(frames.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  return frames.map(({ sentTimeUs, bytes }) => {
    memory.set(bytes, at);
    return { sentTimeUs, bytes: memory.subarray(at, at += bytes.length) };
  });
}

function isMoving({ body }: Telemetry): boolean {
  return body.case === "position" && Math.hypot(body.value.vnCms, body.value.veCms) > MOVING_CMS;
}
