// What a client needs of the world, and what it tells.
import type { Alert } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import type { Losses, LossReason } from "./downlink.ts";
import type { LinkParts } from "./link.ts";

export interface DroneClientParts extends Omit<LinkParts, "connect"> {
  /** A new socket to that edge, with subprotocol TELEMETRY_SUBPROTOCOL. */
  connect: (edge: string) => WebSocket;
  /** Unix ms. */
  now: () => number;
  /** ms of a clock that nobody sets. */
  clock: () => number;
  /** Once for each alert and revision. */
  onAlert?: (alert: Alert) => void;
  /** Records that are given up for good: the edge has them in its loss ledger, unless it could not read them at all. */
  onLost?: (seqs: number[], reason: LossReason) => void;
  /** Records that are on disk. */
  onAcknowledged?: (seqs: number[]) => void;
  /** The connection in use has ended, by this close code and for this reason; 1006: it broke, or did not come about. */
  onClosed?: (code: number, reason: string) => void;
  /** The edge could not read so many frames of this connection. */
  onFault?: (reason: string, frames: number) => void;
}

export interface ClientCounters {
  sentRecords: number;
  acknowledgedRecords: number;
  throttles: number;
  /** Frames that the edge could not read. */
  faults: number;
  /** Connections after the first. */
  reconnects: number;
  /** Given up: never acknowledged, and not sent again. */
  lost: Losses;
}
