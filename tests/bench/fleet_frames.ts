// A seeded fleet's frames for benchmarks: N drones fly, hover and drift with GPS noise; positions at 10 Hz, batteries
// at 5 Hz, obstacle scans at 20 Hz, each drone with a phase of its own. The same seed gives the same bytes.
import { create, toBinary } from "@bufbuild/protobuf";
import { type Telemetry, TelemetryFrameSchema, TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";

export interface FleetFramesSettings {
  seed: number;
  drones: number;
  seconds: number;
  /** Records in each frame: of one drone, one after another. */
  recordsPerFrame: number;
  /** `moving`: positions of flying drones only. `mixed`: all kinds, and a third of the drones stands still. */
  mix: "moving" | "mixed";
}

/** A frame and when its last record was measured. */
export interface TimedFrame {
  eventTimeUs: number;
  bytes: Uint8Array<ArrayBuffer>;
}

interface Drone {
  droneId: string;
  bootId: number;
  seq: number;
  latE7: number;
  lonE7: number;
  altMm: number;
  courseRad: number;
  speedMps: number;
  chargeCpct: number;
  waiting: Telemetry[];
}

const START_US = 1_760_000_000_000_000;
const RATES = { position: 10, battery: 5, obstacles: 20 } as const;
const FLAGS_FLYING = 7;
const E7_PER_M = 89.932;

/** All frames of the fleet in the order of their time. */
export function fleetFrames(settings: FleetFramesSettings): TimedFrame[] {
  const random = mulberry32(settings.seed);
  const frames: TimedFrame[] = [];
  const due = Array.from({ length: settings.drones }, (_, i) => createDrone(i, { random, mix: settings.mix }))
    .flatMap((drone) => schedule(drone, { settings, random }))
    .sort((a, b) => a.eventTimeUs - b.eventTimeUs);
  for (const { drone, kind, eventTimeUs } of due) {
    drone.waiting.push(measure(drone, { kind, eventTimeUs, random }));
    if (drone.waiting.length < settings.recordsPerFrame) continue;
    const { droneId, bootId, waiting: records } = drone;
    const bytes = toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, { droneId, bootId, records }));
    frames.push({ eventTimeUs, bytes });
    drone.waiting = [];
  }
  return frames;
}

type Kind = keyof typeof RATES;

function schedule(
  drone: Drone,
  { settings, random }: { settings: FleetFramesSettings; random: () => number },
): { drone: Drone; kind: Kind; eventTimeUs: number }[] {
  const kinds: Kind[] = settings.mix === "moving" ? ["position"] : ["position", "battery", "obstacles"];
  return kinds.flatMap((kind) => {
    const periodUs = 1e6 / RATES[kind];
    const phaseUs = random() * periodUs;
    return Array.from({ length: settings.seconds * RATES[kind] }, (_, i) => ({
      drone,
      kind,
      eventTimeUs: Math.round(START_US + phaseUs + i * periodUs + random() * 2000),
    }));
  });
}

function createDrone(
  index: number,
  { random, mix }: { random: () => number; mix: FleetFramesSettings["mix"] },
): Drone {
  return {
    droneId: `drone-${String(index + 1).padStart(4, "0")}`,
    bootId: 1 + Math.floor(random() * 0xffff_fffe),
    seq: Math.floor(random() * 50_000),
    latE7: Math.round(474_000_000 + random() * 500_000),
    lonE7: Math.round(85_000_000 + random() * 500_000),
    altMm: Math.round(400_000 + random() * 100_000),
    courseRad: random() * 2 * Math.PI,
    speedMps: mix === "mixed" && index % 3 === 0 ? 0 : 6 + random() * 14,
    chargeCpct: Math.round(4000 + random() * 6000),
    waiting: [],
  };
}

interface Measurement {
  kind: Kind;
  eventTimeUs: number;
  random: () => number;
}

function measure(drone: Drone, { kind, eventTimeUs, random }: Measurement): Telemetry {
  const record = { seq: drone.seq++, eventTimeUs: BigInt(eventTimeUs), flags: FLAGS_FLYING };
  if (kind === "position") {
    return create(TelemetrySchema, { ...record, body: { case: kind, value: position(drone, random) } });
  }
  if (kind === "battery") {
    return create(TelemetrySchema, { ...record, body: { case: kind, value: battery(drone, random) } });
  }
  return create(TelemetrySchema, { ...record, body: { case: kind, value: obstacles(random) } });
}

function position(drone: Drone, random: () => number) {
  const { speedMps } = drone;
  drone.courseRad += speedMps > 0 ? (random() - 0.5) * 0.05 : 0;
  const metres = speedMps / RATES.position;
  drone.latE7 += metres * Math.cos(drone.courseRad) * E7_PER_M;
  drone.lonE7 += metres * Math.sin(drone.courseRad) * E7_PER_M / Math.cos(drone.latE7 * Math.PI / 180e7);
  const noiseE7 = () => (random() - 0.5) * 0.1 * E7_PER_M;
  const altMslMm = Math.round(drone.altMm + (random() - 0.5) * 100);
  return {
    latE7: Math.round(drone.latE7 + noiseE7()),
    lonE7: Math.round(drone.lonE7 + noiseE7()),
    altMslMm,
    altHomeMm: altMslMm - 390_000,
    vnCms: Math.round(speedMps * 100 * Math.cos(drone.courseRad) + (random() - 0.5) * 10),
    veCms: Math.round(speedMps * 100 * Math.sin(drone.courseRad) + (random() - 0.5) * 10),
    vdCms: Math.round((random() - 0.5) * 20),
    headingCdeg: Math.round(((drone.courseRad * 18_000 / Math.PI) % 36_000 + 36_000) % 36_000) % 36_000,
    hAccMm: 400 + Math.round(random() * 8) * 25,
    vAccMm: 700 + Math.round(random() * 8) * 25,
    fixType: 3,
    satellites: 14 + Math.round(random() * 2),
  };
}

function battery(drone: Drone, random: () => number) {
  drone.chargeCpct -= 0.2 / RATES.battery * 4;
  return {
    id: 0,
    voltageMv: Math.round(14_000 + drone.chargeCpct * 0.25 + (random() - 0.5) * 60),
    currentCa: Math.round(1800 + (random() - 0.5) * 300),
    remainingCpct: Math.round(drone.chargeCpct),
    temperatureCdegc: 3500 + Math.round(random() * 4) * 10,
    chargeState: 1,
  };
}

function obstacles(random: () => number) {
  const hits = random() < 0.7 ? 0 : 1 + Math.floor(random() * 3);
  return {
    sensorId: 1,
    frame: 1,
    maxRangeCm: 4000,
    hits: Array.from({ length: hits }, () => ({
      bearingCdeg: Math.round((random() - 0.5) * 36_000),
      elevationCdeg: Math.round((random() - 0.5) * 3000),
      rangeCm: 1500 + Math.round(random() * 2500),
      rangeRateCms: Math.round((random() - 0.5) * 200),
    })),
  };
}

/** Numbers from 0 to 1, the same for the same seed. Tommy Ettinger's Mulberry32. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
