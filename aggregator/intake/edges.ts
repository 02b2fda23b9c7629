// What is known of each edge: whether it is connected, its own counters, and what its batches came to. Bounded: the
// edge that has been away for longest is forgotten first.
import type { StepVerdict } from "../batch/entry.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import type { EdgeHello, EdgeStatus, LossReport } from "../../proto/gen/slipstream/v1/uplink_pb.ts";

/** What became of a batch; `taken`: it was judged, and is not safe yet. */
export type BatchVerdictName = StepVerdict | "malformed" | "taken";

/** An edge as the API shows it. */
export interface EdgeView {
  edgeId: string;
  region: string;
  /** Of the edge's software; "" from one that does not say. */
  version: string;
  /** Which version of the uplink it speaks; 0 of one from before there were numbers. */
  protocol: number;
  /** The edge's session as a decimal number; 64 bits do not fit a JSON number. */
  session: string;
  connections: number;
  /** Unix µs. */
  connectedTimeUs: number;
  lastMessageTimeUs: number;
  /** Since the aggregator started. */
  batches: Record<BatchVerdictName, number>;
  lostRecords: number;
  /** Refused for now: their drones keep them and send them again. */
  refusedRecords: number;
  /** Number of the session's last loss report. */
  lastReportId: number;
  /** The edge's counters since its session began; null before its first report. */
  status: Record<string, number> | null;
}

const EDGES_MAX = 1024;

/** All edges that are or were connected. */
export class Edges {
  readonly #edges = new Map<string, EdgeView>();

  /** All edges, in the order of their first connection. */
  list(): EdgeView[] {
    return [...this.#edges.values()];
  }

  /** The edge's view, to be updated in place as its messages arrive. */
  connect(hello: Pick<EdgeHello, "edgeId" | "region" | "version" | "protocol" | "session">, nowUs: number): EdgeView {
    const { edgeId, region, version, protocol, session } = hello;
    let edge = this.#edges.get(edgeId);
    if (!edge) {
      this.#makeRoom();
      const batches = { accepted: 0, duplicate: 0, "unknown-slot": 0, malformed: 0, taken: 0 };
      const fresh = {
        connections: 0,
        connectedTimeUs: nowUs,
        lastMessageTimeUs: nowUs,
        lostRecords: 0,
        refusedRecords: 0,
        lastReportId: 0,
        status: null,
      };
      edge = { edgeId, region, version, protocol, session: `${session}`, batches, ...fresh };
      this.#edges.set(edgeId, edge);
    }
    if (edge.session !== `${session}`) Object.assign(edge, { status: null, lastReportId: 0 });
    edge.region = region;
    edge.version = version;
    edge.protocol = protocol;
    edge.session = `${session}`;
    edge.connectedTimeUs = nowUs;
    edge.connections++;
    return edge;
  }

  #makeRoom(): void {
    if (this.#edges.size < EDGES_MAX) return;
    const away = this.list().filter(({ connections }) => connections === 0);
    away.sort((a, b) => a.lastMessageTimeUs - b.lastMessageTimeUs);
    const oldest = away[0];
    if (oldest) this.#edges.delete(oldest.edgeId);
  }
}

/** Nobody sends a record again that was refused for one of these. */
const FINAL = [
  RefusalReason.SHED,
  RefusalReason.EXPIRED,
  RefusalReason.REJECTED,
  RefusalReason.INVALID,
  RefusalReason.NOT_REPEATED,
];

/** A report of an edge's ledger is safe. It is sent again until it is acknowledged, and counts once. */
export function countLosses(edge: EdgeView, { reportId, losses }: Pick<LossReport, "reportId" | "losses">): void {
  if (reportId <= edge.lastReportId) return;
  edge.lastReportId = Number(reportId);
  for (const { reason, records } of losses) {
    if (FINAL.includes(reason)) edge.lostRecords += records;
    else edge.refusedRecords += records;
  }
}

/** Counters as plain numbers: 2^53 records are more than an edge lives to see. */
export function statusView(status: EdgeStatus): Record<string, number> {
  const { $typeName: _, $unknown: __, ...fields } = status;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Number(value)]));
}
