// What the edge says about itself: to the aggregator once a second, and to whoever asks /v1/status.
import { create } from "@bufbuild/protobuf";
import type { Gate } from "../identity/gate.ts";
import type { Refusals } from "../platform/server/refusals.ts";
import { VERSION } from "../platform/version.ts";
import { type EdgeStatus, EdgeStatusSchema } from "../proto/gen/slipstream/v1/uplink_pb.ts";
import { LaneIndex } from "../wasm/limits.ts";
import type { Backlog } from "./uplink/backlog.ts";
import type { Breaker } from "./uplink/breaker.ts";
import type { EdgeConfig } from "./config.ts";
import { type Counters, countersReport, countersView } from "./counters.ts";
import type { Ladder } from "./overload/ladder.ts";
import type { Slots } from "./drones/slots.ts";
import type { Uplink } from "./uplink/uplink.ts";

/** What an edge is made of, as far as its reports need it. */
export interface ReportParts {
  config: EdgeConfig;
  session: bigint;
  counters: Counters;
  uplink: Uplink;
  backlog: Backlog;
  breaker: Breaker;
  ladder: Ladder;
  connections: { size: number };
  refusals: Pick<Refusals, "view">;
  slots: Slots;
  gate: Pick<Gate, "denied">;
  /** Unix ms. */
  now: () => number;
}

export function edgeStatus({ counters, connections, backlog, ladder, now }: ReportParts): EdgeStatus {
  return create(EdgeStatusSchema, {
    ...countersReport(counters),
    connections: BigInt(connections.size),
    level: ladder.level,
    backlogBytes: BigInt(backlog.bytes),
    // A clock that was set may make it any length.
    lagMs: Math.min(Math.round(ladder.takeLagMs()), 0xffff_ffff),
    backlogMs: Math.min(Math.round(backlog.ageMs(now(), { withTaken: false })), 0xffff_ffff),
  });
}

/** The body of GET /v1/status. */
export function statusView(parts: ReportParts): Record<string, unknown> {
  const { config, session, counters, uplink, backlog, breaker, ladder, connections } = parts;
  const { refusals, slots, gate, now } = parts;
  const counted = countersView(counters);
  return {
    version: VERSION,
    edgeId: config.edgeId,
    region: config.region,
    session: session.toString(),
    connections: connections.size,
    connectionsRefused: refusals.view,
    slots: { known: slots.size, speakers: slots.speakers },
    uplink: uplink.state,
    aggregator: uplink.aggregator,
    breaker: breaker.state,
    level: ladder.level,
    denied: gate.denied,
    ...counted,
    batches: {
      ...counted.batches as Record<string, number>,
      inFlight: backlog.inFlight(LaneIndex.safety) + backlog.inFlight(LaneIndex.bulk),
      taken: backlog.takenBatches,
      unacknowledged: backlog.unacknowledged,
    },
    backlog: { bytes: backlog.bytes, ageMs: backlog.ageMs(now()), etaMs: backlog.etaMs },
  };
}
