// What an edge answers about itself; in a node it is asked for all of them.
import { exposition } from "../../platform/metrics.ts";
import type { Platform } from "../../platform/system.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import type { Counters } from "../counters.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";
import type { OfNode } from "../member/member.ts";
import type { Question, View } from "../member/messages.ts";
import type { MetricsParts } from "../metrics/edge_metrics.ts";
import type { ReportParts } from "../metrics/measures.ts";
import { statusView } from "../report.ts";
import type { Handover } from "../uplink/handover.ts";
import type { AppParts } from "./app.ts";
import type { ReplayRange } from "./operations.ts";

export interface AnswersParts {
  platform: Platform & OfNode;
  hotPath: Pick<HotPath, "setNodeRate">;
  counters: Pick<Counters, "received">;
  handover: Pick<Handover, "backlog" | "uplink" | "ackLatency">;
  ledger: MetricsParts["ledger"];
  /** Of this edge alone. */
  report: ReportParts;
  /** It is about to stop. */
  isLeaving: () => boolean;
}

export function answersOf(parts: AnswersParts): Pick<AppParts, "status" | "scale" | "replay" | "notReady" | "metrics"> {
  const { platform, handover, report, ledger } = parts;
  const { backlog, uplink, ackLatency } = handover;
  const replay = (range: ReplayRange) => {
    const batches = backlog.replay(range);
    uplink.pump();
    const sum = (of: (batch: OutboundBatch) => number) => batches.reduce((total, batch) => total + of(batch), 0);
    const records = sum(({ sealed }) => sealed.records);
    return { batches: batches.length, records, bytes: sum(({ sealed }) => sealed.body.length) };
  };
  const ownReason = () => {
    if (parts.isLeaving()) return "stopping";
    return uplink.state === "connected" ? null : "no connection to the aggregator";
  };
  // No first frame waits for what Prometheus is told by.
  const ownMetrics = async () => {
    const { edgeMetrics } = await import("../metrics/edge_metrics.ts");
    return await edgeMetrics({ ...report, ledger, ackLatency })();
  };
  const answer = async (question: Question): Promise<View> => {
    if (question.about === "status") return statusView(report);
    if (question.about === "scale") return { ...report.scaler.view };
    if (question.about === "metrics") return { told: await ownMetrics() };
    return question.about === "readiness" ? { reason: ownReason() } : replay(question);
  };
  const ask = platform.member?.join({
    answer,
    received: () => parts.counters.received,
    setNodeRate: (ratePerS) => parts.hotPath.setNodeRate(ratePerS, platform.clock()),
    ...{ after: platform.after, every: platform.every, log: platform.log },
  });
  const asked = ask ?? answer;
  const readiness = shared(() => asked({ about: "readiness" }));
  return {
    status: () => asked({ about: "status" }),
    scale: () => asked({ about: "scale" }),
    replay: (range) => asked({ about: "replay", ...range }),
    notReady: async () => {
      const own = ownReason();
      if (own !== null) return own;
      const { reason } = await readiness().catch(() => ({ reason: "the node does not answer" }));
      return reason === null ? null : String(reason);
    },
    metrics: async () => {
      if (!ask) return await exposition([await ownMetrics()]);
      const { contentType, text } = await ask({ about: "metrics" });
      if (text === undefined) throw new Error("Cannot tell the metrics of all edges: see the log of the node");
      return { contentType: String(contentType), text: String(text) };
    },
  };
}

/** Who asks while the same is asked already hears that answer: nobody must prove anything to ask whether it is ready. */
function shared<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: Promise<Answer> | null = null;
  return () => asked ??= ask().finally(() => asked = null);
}
