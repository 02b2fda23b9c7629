// Recorded flights as traffic: at any speed, and multiplied into a fleet.
import { create } from "@bufbuild/protobuf";
import { type Position, RecordFlag, type Telemetry, TelemetrySchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { AirborneEstimate } from "./airborne.ts";
import type { SimIdentity } from "./sim_identity.ts";
import { M_PER_DEG } from "./geo.ts";
import type { RecordedRow, Recording } from "./recording.ts";
import { Emission, type Traffic, type TrafficPlan } from "./traffic.ts";

export interface ReplaySettings {
  /** Those of one drone are one flight: a position file and its battery file. */
  recordings: Recording[];
  /** Recorded seconds in a second. */
  speed: number;
  /** Of each flight; the second one and on have "-2" … at the end of their id, another place and a later start. */
  copies: number;
  bootId: number;
}

/** Copies start this much apart. */
const COPY_AFTER_US = 370_000;
const COPY_AFTER_US_MAX = 10_000_000;
/**
 * And this far, in rows of COPY_COLUMNS: two copies of a flight that stays within a kilometre, at 22 m/s straight at each
 * other, are then no conflict of the next 30 s.
 */
const COPY_SPACING_M = 4000;
const COPY_COLUMNS = 100;
const HALF_TURN_E7 = 1_800_000_000;
/** Of the latitude, beyond which degrees of longitude are taken to be no shorter: 88.9°. */
const COSINE_MIN = 0.02;
const FLYING = RecordFlag.ARMED | RecordFlag.IN_AIR;

interface Step {
  /** Since the start of the replay, in recorded time. */
  offsetUs: number;
  identity: SimIdentity;
  record: Telemetry;
}

/** How long the recordings last, copies included, in recorded time. */
export function replayDurationUs(settings: ReplaySettings): number {
  return stepsOf(settings).at(-1)?.offsetUs ?? 0;
}

export function replayPlan(settings: ReplaySettings): TrafficPlan {
  const steps = stepsOf(settings);
  const drones = new Map(steps.map(({ identity }) => [identity.droneId, identity]));
  return {
    drones: [...drones.values()],
    dropsAfterUs: [],
    cut: null,
    begin: (startUs) => new Replay(steps, { startUs, speed: settings.speed }),
  };
}

/**
 * Keeps the recordings' spacing in event time, whatever the speed, and places it so that the last event time of all
 * is the wall time at which it is sent: at speed 1 every record is live, and none is ever from the future.
 */
export class Replay implements Traffic {
  readonly #steps: Step[];
  readonly #startUs: number;
  readonly #speed: number;
  readonly #eventStartUs: number;
  #next = 0;

  /** @param steps in order of time; startUs in Unix µs, wall time. */
  constructor(steps: Step[], { startUs, speed }: { startUs: number; speed: number }) {
    this.#steps = steps;
    this.#startUs = startUs;
    this.#speed = speed;
    const durationUs = steps.at(-1)?.offsetUs ?? 0;
    this.#eventStartUs = Math.floor(startUs + Math.min(0, durationUs / speed - durationUs));
  }

  get ended(): boolean {
    return this.#next >= this.#steps.length;
  }

  advance(toUs: number): Emission[] {
    const out: Emission[] = [];
    for (; this.#next < this.#steps.length; this.#next++) {
      const { offsetUs, identity, record } = this.#steps[this.#next]!;
      const atUs = this.#startUs + offsetUs / this.#speed;
      if (atUs > toUs) break;
      record.eventTimeUs = BigInt(this.#eventStartUs + offsetUs);
      out.push(new Emission(identity, { atUs, records: [record] }));
    }
    return out;
  }

  /** Nothing: the last record of each recording says landed. */
  finish(atUs: number): Emission[] {
    return this.advance(atUs);
  }

  truth(): null {
    return null;
  }
}

function stepsOf({ recordings, copies, bootId }: ReplaySettings): Step[] {
  const flights = new Map<string, RecordedRow[]>();
  for (const { droneId, rows } of recordings) flights.set(droneId, [...flights.get(droneId) ?? [], ...rows]);
  const steps: Step[] = [];
  for (const [droneId, rows] of flights) {
    rows.sort((a, b) => a.offsetUs - b.offsetUs);
    for (let copy = 0; copy < copies; copy++) {
      const identity = { droneId: copy === 0 ? droneId : `${droneId}-${copy + 1}`, bootId };
      for (const step of flightSteps(rows, { identity, copy })) steps.push(step);
    }
  }
  return steps.sort((a, b) => a.offsetUs - b.offsetUs);
}

function flightSteps(rows: RecordedRow[], { identity, copy }: { identity: SimIdentity; copy: number }): Step[] {
  const airborne = new AirborneEstimate();
  const shiftUs = copy * COPY_AFTER_US % COPY_AFTER_US_MAX;
  const firstLatE7 = rows.find(({ position }) => position)?.position?.latE7 ?? 0;
  const steps: Step[] = [];
  let flying = 0;
  for (const { offsetUs, position, hasVelocity, battery, obstacles } of rows) {
    const add = (body: Telemetry["body"], flags: number) => {
      const record = create(TelemetrySchema, { seq: steps.length, flags, body });
      steps.push({ offsetUs: offsetUs + shiftUs, identity, record });
    };
    if (position) {
      flying = airborne.update(position) ? FLYING : 0;
      const value = moved(position, { copy, firstLatE7 });
      add({ case: "position", value }, hasVelocity ? flying : flying | RecordFlag.NO_VELOCITY);
    }
    if (battery) add({ case: "battery", value: battery }, flying);
    if (obstacles) add({ case: "obstacles", value: obstacles }, flying);
  }
  // The drone is switched off after it, not lost.
  const last = steps.at(-1);
  if (last) last.record.flags &= ~FLYING;
  return steps;
}

// By as many degrees in all of a flight. Rows go towards the equator, where degrees of longitude are longest.
function moved(position: Position, { copy, firstLatE7 }: { copy: number; firstLatE7: number }): Position {
  const spacingE7 = COPY_SPACING_M / M_PER_DEG * 1e7;
  const northE7 = Math.floor(copy / COPY_COLUMNS) * spacingE7 * (firstLatE7 > 0 ? -1 : 1);
  const cosine = Math.max(COSINE_MIN, Math.cos(firstLatE7 / 1e7 * Math.PI / 180));
  const lonE7 = position.lonE7 + Math.round(copy % COPY_COLUMNS * spacingE7 / cosine);
  return {
    ...position,
    latE7: position.latE7 + Math.round(northE7),
    lonE7: lonE7 > HALF_TURN_E7 ? lonE7 - 2 * HALF_TURN_E7 : lonE7,
  };
}
