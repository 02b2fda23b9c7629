// What enters the pipeline: one sealed batch of one edge, with the time at which the aggregator took it in. The
// journal keeps exactly this, so that the pipeline can be run again from it.
import type { SealedBatch } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import type { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import type { TrafficReport } from "../../proto/gen/slipstream/v1/traffic_pb.ts";
import type { DecodedBatch } from "./columns.ts";
import type { Output } from "../outputs.ts";

export interface Entry {
  edgeId: string;
  /** The edge's session, to which slot numbers belong. */
  session: bigint;
  /** Unix µs at which the aggregator received the batch; never goes back from one entry to the next. */
  ingestionTimeUs: number;
  sealed: SealedBatch;
  /** `sealed.body`, decompressed and decoded. */
  columns: DecodedBatch;
}

/** An edge came, was lost, or left, or hears its drones later than before. */
export interface EdgeChange {
  edgeId: string;
  presence: EdgePresence;
  /** How much too late it does its work, or we do ours; 0, the default: neither. */
  lateMs?: number;
}

/** An edge lost its connections with these drones, which had asked for that to be told. */
export interface LinkLosses {
  edgeId: string;
  droneIds: string[];
}

/** Receivers at an edge heard aircraft that are nobody's here. */
export interface TrafficHeard {
  edgeId: string;
  reports: TrafficReport[];
}

/** What became of a batch. */
export interface Stepped {
  verdict: StepVerdict;
  outputs: Output[];
  /** With `unknown-slot`: those. */
  unknownSlots?: number[];
}

/** `unknown-slot`: nothing was changed; the edge must define the batch's slots again. */
export type StepVerdict = "accepted" | "duplicate" | "unknown-slot";
