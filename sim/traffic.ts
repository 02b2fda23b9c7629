// What drones send and when: the border between where traffic comes from (a simulated fleet, a recording) and the
// sockets that carry it.
import type { Telemetry } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { encodeFrame } from "../clients/typescript/src/frame.ts";
import type { SimIdentity } from "./sim_identity.ts";
import type { GroundTruth } from "./truth.ts";

/** One frame on its way out. */
export class Emission {
  /** Unix µs, wall time at which the drone sends it. */
  readonly atUs: number;
  readonly droneId: string;
  readonly bootId: number;
  readonly twin: number | undefined;
  readonly group: string | undefined;
  /** Empty when malformed. */
  readonly records: Telemetry[];
  /** `duplicate`: the same bytes were sent before. `malformed`: bytes that are no frame. */
  readonly note: "duplicate" | "malformed" | undefined;
  #frame: Uint8Array<ArrayBuffer> | undefined;

  constructor(
    { droneId, bootId, twin, group }: SimIdentity,
    { atUs, records, note, frame }: {
      atUs: number;
      records: Telemetry[];
      note?: "duplicate" | "malformed";
      frame?: Uint8Array<ArrayBuffer>;
    },
  ) {
    this.droneId = droneId;
    this.bootId = bootId;
    this.twin = twin;
    this.group = group;
    this.atUs = atUs;
    this.records = records;
    this.note = note;
    this.#frame = frame;
  }

  /** Encoded when first asked for. */
  get frame(): Uint8Array<ArrayBuffer> {
    return this.#frame ??= encodeFrame(this, this.records);
  }
}

export interface Traffic {
  /** Everything that is sent up to `toUs` (Unix µs, wall time) and was not returned before, in order of time. */
  advance: (toUs: number) => Emission[];
  /** Nothing more is due. */
  readonly ended: boolean;
  /** The last frames: every drone says that it has landed, so that none of them counts as lost. */
  finish: (atUs: number) => Emission[];
  /** Of what was sent so far; null where there is none. */
  truth: () => GroundTruth | null;
}

export interface TrafficPlan {
  drones: SimIdentity[];
  /** µs after the start at which all connections drop. */
  dropsAfterUs: number[];
  /** When the edge's connection to the aggregator is cut, and when it can come back: µs after the start. */
  cut: { fromUs: number; toUs: number } | null;
  /** @param startUs Unix µs, wall time. */
  begin: (startUs: number) => Traffic;
}
