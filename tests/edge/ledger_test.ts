import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { zeroCounters } from "../../edge/counters.ts";
import { Ledger } from "../../edge/overload/ledger.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";

const refusal = (droneId: string, firstSeq: number, records = 1) => {
  const reason = RefusalReason.DRONE_RATE;
  return { droneId, bootId: 1, firstSeq, lastSeq: firstSeq + records - 1, records, reason };
};

describe("Ledger", () => {
  it("sends a report again until the aggregator says that it has it, and only then the next", () => {
    const ledger = new Ledger(zeroCounters());
    ledger.add(refusal("a", 1), 5);
    const first = ledger.report(0);
    ledger.add(refusal("b", 1), 6);
    assertEquals([ledger.report(100), ledger.report(6000)], [null, first]);
    ledger.acknowledged(99n);
    assertEquals(ledger.report(6100), null);
    ledger.acknowledged(first!.reportId);
    const second = ledger.report(6200);
    assertEquals(second?.losses.map(({ droneId }) => droneId), ["b"]);
    assertEquals(second!.reportId > first!.reportId, true);
    ledger.acknowledged(second!.reportId);
    assertEquals([ledger.report(99_999), ledger.settled], [null, true]);
  });

  it("sends it again at once on a new connection", () => {
    const ledger = new Ledger(zeroCounters());
    ledger.add(refusal("a", 1), 5);
    const report = ledger.report(0);
    ledger.connectionLost();
    assertEquals(ledger.report(1), report);
  });

  it("merges what repeats into one row with the number of records, and counts what finds no place", () => {
    const counters = zeroCounters();
    const ledger = new Ledger(counters);
    ledger.add(refusal("a", 10, 3), 5);
    ledger.add(refusal("a", 2, 2), 6);
    for (let i = 0; i < 8192; i++) ledger.add(refusal(`d${i}`, 1, 2), 7);
    const losses = ledger.report(0)!.losses;
    assertEquals([losses[0]?.range?.firstSeq, losses[0]?.range?.lastSeq, losses[0]?.records], [2, 12, 5]);
    assertEquals([losses.length, counters.ledgerOverflow], [8192, 2]);
  });
});
