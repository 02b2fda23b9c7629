import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DeliveryReport, DeliveryTimes } from "../../aggregator/warnings/delivery_report.ts";
import { type Part, PARTS, quantiles } from "./deliveries.ts";

const TIMES: DeliveryTimes = {
  ...{ eventUs: 1000, edgeInUs: 2000, edgeOutUs: 4000, aggregatorInUs: 7000, raisedUs: 11_000, edgeBackUs: 16_000 },
  ...{ droneReceivedUs: 22_000, edgeAcknowledgedUs: 29_000 },
};

function report(times: Partial<DeliveryTimes>, outcome: DeliveryReport["outcome"] = "acknowledged"): DeliveryReport {
  return {
    ...{ alertId: 1, revision: 1, kind: "conflict", transition: "raise", severity: "warning", droneId: "d" },
    ...{ edgeId: "e", outcome, tries: 1, times: { ...TIMES, ...times } },
    clocks: { sourceDrone: null, sourceEdge: null, edge: null, drone: null },
  };
}

/** Parts of which something is known, and how long they took at most. */
function known(...reports: DeliveryReport[]): [Part, number, number][] {
  const parts = quantiles(reports);
  return PARTS.filter((part) => parts[part].count > 0).map((part) => [part, parts[part].count, parts[part].max]);
}

const LEGS: [Part, number, number][] = [
  ["measured → edge", 1, 1],
  ["edge: lane", 1, 2],
  ["uplink", 1, 3],
  ["aggregator: raise", 1, 4],
  ["downlink", 1, 5],
];

describe("the parts of a warning's way", () => {
  it("are told of one that was acknowledged", () => {
    assertEquals(known(report({})), [
      ...LEGS,
      ["edge → drone", 1, 6],
      ["drone → edge: acknowledged", 1, 7],
      ["measured → sent to the drone", 1, 15],
      ["measured → alert at the drone", 1, 21],
      ["measured → acknowledged", 1, 28],
    ]);
  });

  it("are told up to the drone of one that nobody acknowledges", () => {
    const delivered = report({ droneReceivedUs: null, edgeAcknowledgedUs: null }, "delivered");
    assertEquals(known(delivered), [...LEGS, ["measured → sent to the drone", 1, 15]]);
  });

  it("are not told where no record was the cause, or nobody was reached", () => {
    assertEquals(known(report({ eventUs: null }), report({ edgeBackUs: null }, "undelivered")), []);
    assertEquals(known({ ...report({}), transition: "resolve" }), []);
  });
});
