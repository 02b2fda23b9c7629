// Frames of one kind, size and fate, for ever: what the hot path, the plain way and the copy are measured on.
import { Random } from "../../sim/random.ts";
import { SEED } from "./comparison.ts";
import {
  type BodyInit,
  type NumberedFrame,
  numberedFrame,
  type Numbering,
  packed,
  renameDrone,
  renumber,
} from "./numbered_frames.ts";

/** What becomes of all records of a frame. */
export type Fate = "kept" | "duplicate" | "near-duplicate" | "malformed" | "new drone";

export interface TrafficSettings {
  /** Of `KINDS`. */
  kind: string;
  recordsPerFrame: number;
  drones: number;
  fate: Fate;
}

/** A body of one of a fleet's drones, with its noise. */
type Measure = (random: Random, drone: number) => BodyInit;

/** By the word that stands in the names; a drone takes them in turn. */
export const KINDS: Record<string, readonly Measure[]> = {
  "position": [position],
  "battery": [battery],
  "scan of 2 hits": [scanOf(2)],
  "scan of 32 hits": [scanOf(32)],
  // As often as a fleet sends them: 10, 5 and 20 a second.
  "mixed": [position, scanOf(1), scanOf(0), battery, scanOf(2), position, scanOf(0)],
};

/** At 6.8 m/s and 10 Hz, 0.6 m to the north each time: far enough to be kept, too slow to be so by velocity alone. */
const FLYING: Numbering = { stepUs: 100_000, stepE7: 54, latSteps: 100_000 };
/** Hovering, and reporting at 1 MHz: one fix in a million is kept, when the one before is a second old. */
const HOVERING: Numbering = { stepUs: 1, stepE7: 1, latSteps: 8 };
/** Well within the numbers that the hot path remembers. */
const REPEATED_RECORDS = 64;

export class Traffic {
  readonly #settings: TrafficSettings;
  readonly #numbering: Numbering;
  readonly #frames: NumberedFrame[];
  /** What is sent of each frame. */
  readonly #sent: Uint8Array<ArrayBuffer>[];
  /** Rounds of all drones after which the numbers begin anew. */
  readonly #roundsRepeated: number;
  readonly #msPerRound: number;
  #frame = 0;
  #round = 0;
  #sentFrames = 0;

  constructor(settings: TrafficSettings) {
    const { kind, recordsPerFrame, drones, fate } = settings;
    const isStill = fate === "near-duplicate";
    this.#settings = settings;
    this.#numbering = isStill ? HOVERING : FLYING;
    this.#msPerRound = this.#numbering.stepUs * recordsPerFrame / 1000;
    this.#roundsRepeated = fate === "duplicate" ? Math.max(1, REPEATED_RECORDS / recordsPerFrame) : Infinity;
    const random = new Random(SEED, 2);
    const measures = isStill && kind === "position" ? [hovering] : KINDS[kind]!;
    const frames = Array.from(
      { length: fate === "new drone" ? 1 : drones },
      (_, drone) =>
        numberedFrame(`drone-${String(drone).padStart(8, "0")}`, {
          bootId: 3_000_000_000 + drone,
          bodies: Array.from(
            { length: recordsPerFrame },
            (_, i) => measures[(drone + i) % measures.length]!(random, drone),
          ),
        }),
    );
    this.#frames = packed(frames);
    this.#sent = this.#frames.map(({ bytes }) => fate === "malformed" ? bytes.subarray(0, -1) : bytes);
  }

  /** Monotonic ms, by the clock of the drones. */
  get nowMs(): number {
    return this.#round * this.#msPerRound;
  }

  /** Frames after which all that is to come has its fate: what is new has been sent, and what is to be repeated. */
  get framesBefore(): number {
    const { fate, drones } = this.#settings;
    if (fate === "duplicate") return drones * this.#roundsRepeated;
    return fate === "new drone" ? 0 : drones;
  }

  /** The next frame, with its numbers in place; valid until the next call. */
  next(): Uint8Array<ArrayBuffer> {
    const index = this.#frame;
    const frame = this.#frames[index]!;
    const round = this.#round % this.#roundsRepeated;
    renumber(frame, round * this.#settings.recordsPerFrame, this.#numbering);
    if (this.#settings.fate === "new drone") renameDrone(frame, this.#sentFrames++);
    if (index + 1 < this.#frames.length) this.#frame = index + 1;
    else {
      this.#frame = 0;
      this.#round++;
    }
    return this.#sent[index]!;
  }
}

/** Of a drone of its own place, height and course. */
function position(random: Random, drone: number): BodyInit {
  const noise = (most: number) => Math.round(random.between(-most, most));
  const course = drone * 2.4;
  return {
    case: "position",
    value: {
      latE7: 474_000_000 + drone * 7919 % 1_000_000,
      lonE7: 85_000_000 + drone * 15_485_863 % 1_000_000 + noise(3),
      altMslMm: 440_000 + drone * 31 % 90 * 1000 + noise(100),
      altHomeMm: 40_000 + drone * 31 % 90 * 1000 + noise(100),
      vnCms: Math.round(600 * Math.cos(course)) + noise(20),
      veCms: Math.round(600 * Math.sin(course)) + noise(20),
      vdCms: noise(10),
      headingCdeg: Math.round(course * 18_000 / Math.PI) % 36_000,
      hAccMm: 450 + noise(90),
      vAccMm: 700 + noise(90),
      fixType: 3,
      satellites: 15 + noise(2),
    },
  };
}

function hovering(random: Random, drone: number): BodyInit {
  const { value } = position(random, drone) as Extract<BodyInit, { case: "position" }>;
  return { case: "position", value: { ...value, vnCms: 2, veCms: -1, vdCms: 0 } };
}

function battery(random: Random, drone: number): BodyInit {
  const noise = (most: number) => Math.round(random.between(-most, most));
  return {
    case: "battery",
    value: {
      id: 1,
      voltageMv: 22_800 - drone % 40 * 20 + noise(40),
      currentCa: 1450 + noise(300),
      remainingCpct: 7312 - drone % 40 * 80,
      temperatureCdegc: 3120 + noise(200),
      chargeState: 1,
    },
  };
}

/** Something 14 m away or more, passing: nothing urgent. */
function scanOf(hits: number): Measure {
  return (random) => {
    const noise = (most: number) => Math.round(random.between(-most, most));
    return {
      case: "obstacles",
      value: {
        sensorId: 2,
        frame: 1,
        maxRangeCm: 4000,
        hits: Array.from({ length: hits }, (_, i) => ({
          bearingCdeg: 500 + 1125 * i + noise(300),
          elevationCdeg: noise(1500),
          rangeCm: 1500 + noise(100) + 70 * i,
          rangeRateCms: -100 + noise(80),
        })) as ScanInit["hits"],
      },
    };
  };
}

type ScanInit = Extract<BodyInit, { case: "obstacles" }>["value"];
