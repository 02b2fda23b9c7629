// Recorded flights as traffic: at any speed, and multiplied into a fleet.
import { create } from "@bufbuild/protobuf";
import { RecordFlag, type Telemetry, TelemetrySchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { AirborneEstimate } from "./airborne.ts";
import type { DroneIdentity } from "./frame.ts";
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

/** Copies start this much apart, and this far: about 450 m. */
const COPY_AFTER_US = 370_000;
const COPY_AFTER_US_MAX = 10_000_000;
const COPY_LAT_E7 = 40_000;
const COPY_COLUMNS = 100;
const FLYING = RecordFlag.ARMED | RecordFlag.IN_AIR;

interface Step {
  /** Since the start of the replay, in recorded time. */
  offsetUs: number;
  identity: DroneIdentity;
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

function flightSteps(rows: RecordedRow[], { identity, copy }: { identity: DroneIdentity; copy: number }): Step[] {
  const airborne = new AirborneEstimate();
  const shiftUs = copy * COPY_AFTER_US % COPY_AFTER_US_MAX;
  const steps: Step[] = [];
  let flags = 0;
  for (const { offsetUs, position, battery } of rows) {
    const add = (body: Telemetry["body"]) => {
      const record = create(TelemetrySchema, { seq: steps.length, flags, body });
      steps.push({ offsetUs: offsetUs + shiftUs, identity, record });
    };
    if (position) {
      flags = airborne.update(position) ? FLYING : 0;
      add({ case: "position", value: moved(position, copy) });
    }
    if (battery) add({ case: "battery", value: battery });
  }
  // The drone is switched off after it, not lost.
  const last = steps.at(-1);
  if (last) last.record.flags = 0;
  return steps;
}

function moved(position: NonNullable<RecordedRow["position"]>, copy: number) {
  const rowsUp = Math.floor(copy / COPY_COLUMNS);
  return {
    ...position,
    latE7: clamp(position.latE7 + rowsUp * COPY_LAT_E7, 900_000_000),
    lonE7: clamp(position.lonE7 + copy % COPY_COLUMNS * COPY_LAT_E7, 1_800_000_000),
  };
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
