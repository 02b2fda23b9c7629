import { create } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DeliveryReport } from "../../aggregator/warnings/delivery_report.ts";
import { WARNING_TTL_MS, Warnings } from "../../aggregator/warnings/warnings.ts";
import { AlertOutcome, AlertReceiptSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { alert } from "../aggregator/fake_pipeline.ts";

const T0 = 1_790_000_000_000_000;

describe("a warning to a drone whose protocol has no acknowledgement", () => {
  it("counts as delivered, apart from those that are acknowledged, and is not sent again", () => {
    let nowUs = T0;
    let asked = 0;
    const reports: DeliveryReport[] = [];
    const conflict = alert(1, { kind: "obstacle", droneIds: ["a"] });
    const warnings = new Warnings({
      nowUs: () => nowUs,
      clock: () => nowUs / 1000,
      usedId: (droneId) => droneId,
      edgeOf: () => "e1",
      edges: () => ["e1"],
      send: () => asked++,
      openAlerts: () => [conflict],
      onReport: (report) => reports.push(report),
    });
    warnings.take([conflict]);
    const receipt = { droneId: "a", alertId: 1n, revision: conflict.revision, outcome: AlertOutcome.DELIVERED };
    warnings.receipts("e1", [create(AlertReceiptSchema, { ...receipt, edgeSentUs: BigInt(T0) })]);
    nowUs += WARNING_TTL_MS * 1000;
    warnings.check();
    warnings.connected("e1");
    assertEquals(asked, 1);
    const ends = reports.map(({ outcome, times: { edgeBackUs, droneReceivedUs } }) => [
      outcome,
      edgeBackUs,
      droneReceivedUs,
    ]);
    assertEquals(ends, [["delivered", T0, null]]);
    const { outcomes, stagesMs } = warnings.view;
    assertEquals([outcomes.delivered, outcomes.acknowledged, stagesMs.total], [1, 0, null]);
  });
});
