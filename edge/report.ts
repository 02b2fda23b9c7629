// What the edge says about itself: to the aggregator once a second, and to whoever asks /v1/status.
import { create } from "@bufbuild/protobuf";
import { VERSION } from "../platform/version.ts";
import { type EdgeStatus, EdgeStatusSchema } from "../proto/gen/slipstream/v1/uplink_pb.ts";
import { countersReport, countersView } from "./counters.ts";
import { measuresView, type ReportParts } from "./metrics/measures.ts";

export function edgeStatus({ config, counters, connections, backlog, ladder, cpu, now }: ReportParts): EdgeStatus {
  return create(EdgeStatusSchema, {
    ...countersReport(counters),
    connections: BigInt(connections.size),
    level: ladder.level,
    backlogBytes: BigInt(backlog.bytes),
    // A clock that was set may make it any length.
    lagMs: Math.min(Math.round(ladder.takeLagMs()), 0xffff_ffff),
    cpuCpct: Math.round((cpu.pct ?? 0) * 100),
    connectionsMax: BigInt(config.connectionsMax),
    backlogMs: Math.min(Math.round(backlog.ageMs(now(), { withTaken: false })), 0xffff_ffff),
  });
}

/** The body of GET /v1/status. */
export function statusView(parts: ReportParts): Record<string, unknown> {
  const { config, session, counters, uplink, breaker, zones, now } = parts;
  const [counted, measured] = [countersView(counters), measuresView(parts)];
  return {
    version: VERSION,
    edgeId: config.edgeId,
    region: config.region,
    session: session.toString(),
    time: new Date(now()).toISOString(),
    uplink: uplink.state,
    uplinkTrouble: uplink.trouble,
    kv: zones.state,
    aggregator: uplink.aggregator,
    breaker: breaker.state,
    ...measured,
    ...counted,
    batches: { ...counted.batches as object, ...measured.batches as object },
    mavlink: { ...measured.mavlink as object, drones: parts.mavlink.drones },
  };
}
