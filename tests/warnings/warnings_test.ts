import { assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { create } from "@bufbuild/protobuf";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { type DeliveryReport, stagesOf } from "../../aggregator/warnings/delivery_report.ts";
import { WARNING_TTL_MS, Warnings } from "../../aggregator/warnings/warnings.ts";
import { AlertOutcome, AlertReceiptSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { alert } from "../aggregator/fake_pipeline.ts";
import { conflict, T0 } from "./conflict.ts";

let nowUs: number;
let edgeOf: Record<string, string>;
let connected: string[];
/** Of those that use another's id: which. */
let uses: Record<string, string>;
let sent: { edgeId: string; droneId: string; alertId: number; revision: number; ttlMs: number; atUs: number }[];
let messages: string[];
let open: AlertEvent[];
let reports: DeliveryReport[];
let warnings: Warnings;

function receipt(edgeId: string, of: { droneId: string; alertId?: number; revision?: number; outcome?: AlertOutcome }) {
  const { droneId, alertId = 1, revision = 1, outcome = AlertOutcome.ACKNOWLEDGED } = of;
  const times = { edgeSentUs: BigInt(nowUs), droneReceivedUs: BigInt(nowUs), edgeAcknowledgedUs: BigInt(nowUs) };
  const known = { droneId, alertId: BigInt(alertId), revision, outcome };
  warnings.receipts(edgeId, [create(AlertReceiptSchema, { ...known, ...times })]);
}

function to(): string[] {
  return sent.map(({ edgeId, droneId }) => `${droneId} by ${edgeId}`);
}

describe("Warnings", () => {
  beforeEach(() => {
    nowUs = T0;
    edgeOf = { a: "e1", b: "e2" };
    connected = ["e1", "e2", "e3"];
    uses = {};
    [sent, messages, open, reports] = [[], [], [], []];
    warnings = new Warnings({
      nowUs: () => nowUs,
      clock: () => nowUs / 1000,
      usedId: (droneId) => uses[droneId] ?? droneId,
      edgeOf: (droneId) => edgeOf[droneId],
      edges: () => connected,
      send: (edgeId, warnings) => {
        messages.push(edgeId);
        for (const { droneId, alert: { alertId, revision }, ttlMs } of warnings) {
          sent.push({ edgeId, droneId, alertId, revision, ttlMs, atUs: nowUs });
        }
      },
      openAlerts: () => open,
      onReport: (report) => reports.push(report),
    });
  });

  it("tells both drones of a conflict at once, each through the edge that last heard it", () => {
    warnings.take([conflict(1)]);
    assertEquals(to(), ["a by e1", "b by e2"]);
    assertEquals(sent[0]?.ttlMs, WARNING_TTL_MS);
    receipt("e1", { droneId: "a" });
    receipt("e2", { droneId: "b" });
    assertEquals(reports.map(({ droneId, outcome, tries }) => [droneId, outcome, tries]), [
      ["a", "acknowledged", 1],
      ["b", "acknowledged", 1],
    ]);
    assertEquals(warnings.view.waiting, 0);
  });

  it("believes a receipt only of an edge that was asked", () => {
    warnings.take([conflict(1)]);
    for (const edgeId of ["e2", "e3"]) receipt(edgeId, { droneId: "a" });
    assertEquals(reports, []);
    receipt("e1", { droneId: "a" });
    assertEquals(reports.map(({ droneId, outcome }) => [droneId, outcome]), [["a", "acknowledged"]]);
  });

  it("knows which of two that use one id has heard of their conflict: the one behind the edge that says so", () => {
    edgeOf = { a: "e1", "a~2": "e2" };
    uses = { "a~2": "a" };
    warnings.take([conflict(1, { droneIds: ["a", "a~2"] })]);
    assertEquals(to(), ["a by e1", "a by e2"]);
    receipt("e2", { droneId: "a" });
    assertEquals(reports.map(({ droneId }) => droneId), ["a~2"]);
    for (const edgeId of ["e2", "e1"]) receipt(edgeId, { droneId: "a" });
    assertEquals(reports.map(({ droneId }) => droneId), ["a~2", "a"]);
  });

  it("tells drones of obstacles and of the end of conflicts, and of nothing else", () => {
    warnings.take([alert(1, { kind: "battery-low", droneIds: ["a"] }), conflict(2, { transition: "acknowledge" })]);
    assertEquals(to(), []);
    warnings.take([alert(3, { kind: "obstacle", droneIds: ["a"] }), conflict(4, { transition: "resolve" })]);
    assertEquals(to(), ["a by e1", "a by e1", "b by e2"]);
  });

  it("asks again while no receipt comes, and gives up after the time for which it is worth delivering", () => {
    warnings.take([conflict(1, { droneIds: ["a"] })]);
    for (; nowUs < T0 + WARNING_TTL_MS * 1000; nowUs += 100_000) warnings.check();
    assertEquals(reports, []);
    assertEquals(sent.length, 7);
    warnings.check();
    assertEquals(reports.map(({ outcome, tries }) => [outcome, tries]), [["undelivered", 7]]);
    receipt("e1", { droneId: "a" });
    assertEquals(reports.length, 1, "a receipt that comes too late changes nothing");
  });

  it("follows a drone that has moved to another edge", () => {
    warnings.take([conflict(1, { droneIds: ["a"] })]);
    edgeOf.a = "e3";
    receipt("e1", { droneId: "a", outcome: AlertOutcome.UNREACHABLE });
    assertEquals(to(), ["a by e1", "a by e3"]);
    receipt("e3", { droneId: "a" });
    assertEquals(reports.map(({ edgeId, outcome, tries }) => [edgeId, outcome, tries]), [["e3", "acknowledged", 2]]);
  });

  it("asks every other edge when the drone's own does not have it any more, then all once more", () => {
    warnings.take([conflict(1, { droneIds: ["a"] })]);
    for (const edgeId of ["e1", "e2", "e3"]) receipt(edgeId, { droneId: "a", outcome: AlertOutcome.UNREACHABLE });
    assertEquals(to(), ["a by e1", "a by e2", "a by e3"]);
    for (let tries = 0; tries < 3; tries++) {
      assertEquals(sent.length, 3);
      nowUs += 100_000;
      warnings.check();
    }
    assertEquals(to().slice(3), ["a by e1"]);
  });

  it("asks an edge that says unreachable no more often than one that says nothing", () => {
    connected = ["e1"];
    warnings.take([conflict(1, { droneIds: ["a"] })]);
    for (; nowUs < T0 + WARNING_TTL_MS * 1000; nowUs += 100_000) {
      warnings.check();
      receipt("e1", { droneId: "a", outcome: AlertOutcome.UNREACHABLE });
    }
    assertEquals(sent.map(({ atUs }) => (atUs - T0) / 1000), [0, 300, 600, 900, 1200, 1500, 1800]);
  });

  it("asks an edge that connects after all others said unreachable, and those not again", () => {
    connected = ["e1"];
    warnings.take([conflict(1, { droneIds: ["a"] })]);
    receipt("e1", { droneId: "a", outcome: AlertOutcome.UNREACHABLE });
    connected = ["e1", "e2"];
    nowUs += 100_000;
    warnings.check();
    assertEquals(to(), ["a by e1", "a by e2"]);
  });

  it("does not ask again because of an unreachable that comes after another edge was asked", () => {
    warnings.take([conflict(1, { droneIds: ["a"] })]);
    edgeOf.a = "e3";
    nowUs += 300_000;
    warnings.check();
    receipt("e1", { droneId: "a", outcome: AlertOutcome.UNREACHABLE });
    assertEquals(to(), ["a by e1", "a by e3"]);
  });

  it("hands each edge all that one arrival asks of it in one message, and all that a check asks again", () => {
    warnings.take([conflict(1), conflict(2), alert(3, { kind: "obstacle", droneIds: ["a"] })]);
    assertEquals(messages, ["e1", "e2"]);
    assertEquals(to(), ["a by e1", "a by e1", "a by e1", "b by e2", "b by e2"]);
    nowUs += 300_000;
    warnings.check();
    assertEquals([messages, sent.length], [["e1", "e2", "e1", "e2"], 10]);
  });

  it("hands the next edge in one message what several receipts of one message send on to it", () => {
    connected = ["e1", "e3"];
    warnings.take([1, 2].map((alertId) => conflict(alertId, { droneIds: ["a"] })));
    const known = { droneId: "a", revision: 1, outcome: AlertOutcome.UNREACHABLE };
    warnings.receipts("e1", [1n, 2n].map((alertId) => create(AlertReceiptSchema, { ...known, alertId })));
    assertEquals([messages, sent.map(({ alertId }) => alertId)], [["e1", "e3"], [1, 2, 1, 2]]);
  });

  it("waits for an edge that is not connected, as long as it is worth it", () => {
    connected = [];
    warnings.take([conflict(1, { droneIds: ["a"] })]);
    assertEquals(to(), []);
    connected = ["e1"];
    nowUs += 500_000;
    warnings.check();
    assertEquals(sent.map(({ edgeId, ttlMs }) => [edgeId, ttlMs]), [["e1", WARNING_TTL_MS - 500]]);
  });

  it("replaces what a drone has not acknowledged by the alert's next change", () => {
    warnings.take([conflict(1, { droneIds: ["a"] })]);
    warnings.take([conflict(1, { droneIds: ["a"], transition: "escalate", revision: 2 })]);
    receipt("e1", { droneId: "a", revision: 1 });
    receipt("e1", { droneId: "a", revision: 2 });
    assertEquals(reports.map(({ revision, outcome }) => [revision, outcome]), [[1, "superseded"], [2, "acknowledged"]]);
  });

  it("tells the drones behind an edge that connects of open conflicts which they have not acknowledged", () => {
    open = [conflict(1), alert(2, { kind: "link-loss", droneIds: ["a"] })];
    warnings.connected("e1");
    assertEquals(to(), ["a by e1"]);
    receipt("e1", { droneId: "a" });
    warnings.connected("e1");
    assertEquals(to(), ["a by e1"], "it has acknowledged this");
    open = [conflict(1, { transition: "escalate", revision: 2 })];
    warnings.connected("e1");
    assertEquals(sent.map(({ revision }) => revision), [1, 2]);
  });

  it("leaves an edge that owes a thousand receipts alone until it answers", () => {
    warnings.take(Array.from({ length: 1100 }, (_, i) => conflict(i + 1, { droneIds: ["a"] })));
    assertEquals(sent.length, 1024);
    receipt("e1", { droneId: "a", alertId: 1 });
    warnings.check();
    assertEquals(sent.length, 1025);
  });

  it("measures each part of the way by one clock, whatever the clocks of edges and drones say", () => {
    const [edgeAheadUs, droneAheadUs] = [5_000_000, -900_000];
    warnings.probed("e1", { askedUs: T0 - 200, theirsUs: T0 + edgeAheadUs, answeredUs: T0 + 200 });
    const path = {
      droneId: "a",
      eventTimeUs: T0 - 3000 + droneAheadUs,
      edgeInUs: T0 - 2000 + edgeAheadUs,
      edgeOutUs: T0 - 1000 + edgeAheadUs,
      aggregatorInUs: T0 - 200,
    };
    warnings.take([conflict(1, { droneIds: ["a"], path })]);
    const at = (us: number) => BigInt(T0 + us);
    warnings.receipts("e1", [
      create(AlertReceiptSchema, {
        droneId: "a",
        alertId: 1n,
        revision: 1,
        outcome: AlertOutcome.ACKNOWLEDGED,
        edgeSentUs: at(300 + edgeAheadUs),
        droneReceivedUs: at(500 + droneAheadUs),
        edgeAcknowledgedUs: at(700 + edgeAheadUs),
      }),
    ]);
    const [report] = reports;
    assertEquals(report?.clocks.edge, { offsetUs: edgeAheadUs, errorUs: 200 });
    assertEquals(report?.clocks.drone, { offsetUs: droneAheadUs, errorUs: 200 });
    assertEquals(stagesOf(report!), {
      sensor: 1000,
      edge: 1000,
      uplink: 800,
      raise: 200,
      downlink: 300,
      drone: 200,
      acknowledgement: 200,
      total: 3700,
    });
    assertEquals(warnings.view.stagesMs.total?.count, 1);
  });
});
