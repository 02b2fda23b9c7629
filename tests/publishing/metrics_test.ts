import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { FleetReport } from "../../aggregator/api/fleet_report.ts";
import { PUBLISHING_METRICS } from "../../aggregator/api/publishing_metrics.ts";
import type { PublishingView } from "../../aggregator/sinks/publishing/publishing_thread.ts";

const view: PublishingView = {
  ...{ name: "kafka", publishedIndex: 12, behind: 28, lagMs: 2500, missing: 9, leftOut: 2, lost: 3 },
  ...{ sent: { telemetry: 5, metrics: 0, alerts: 1, losses: 0, "metrics-partial": 0 }, journalBytes: 900 },
  ...{ journalBytesMax: 1000, trouble: "it is away", isFenced: false },
};

/** Behind their common name, with the destination of each. */
function told(...publishing: PublishingView[]): Record<string, unknown> {
  const report = { sinks: { publishing } } as unknown as FleetReport;
  return Object.fromEntries(PUBLISHING_METRICS.map(({ name, read }) => {
    return [name.replace("slipstream_aggregator_publishing_", ""), read(report)];
  }));
}

describe("metrics of publishing", () => {
  it("say of each destination how far it is behind, what it lacks, and how much room is left", () => {
    const kafka = { destination: "kafka" };
    const { messages_total: messages, ...others } = told(view);
    assertEquals(others, {
      behind_entries: [[kafka, 28]],
      behind_seconds: [[kafka, 2.5]],
      trouble: [[kafka, 1]],
      fenced: [[kafka, 0]],
      missing_entries_total: [[kafka, 9]],
      left_out_messages_total: [[kafka, 2]],
      lost_messages_total: [[kafka, 3]],
      journal_ratio: [[kafka, 0.9]],
    });
    assertEquals((messages as unknown[]).slice(0, 1), [[{ ...kafka, topic: "telemetry" }, 5]]);
  });

  it("are absent where nothing is published, or nobody knows yet", () => {
    assertEquals(told().trouble, []);
    assertEquals(told({ ...view, lagMs: null }).behind_seconds, []);
  });
});
