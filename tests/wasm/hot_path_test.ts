import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ANY_DRONE, LaneIndex } from "../../wasm/limits.ts";
import { Verdict } from "../../wasm/verdict.ts";
import { encode, load, type RecordInit, sealAll } from "./frames.ts";

const T0 = 1_790_000_000_000_000n;
const NOW = 1_790_000_000_000;

function fix(seq: number, over: Record<string, unknown> = {}, record: Partial<RecordInit> = {}): RecordInit {
  const value = { latE7: 470000000, lonE7: 80000000, altMslMm: 400_000, fixType: 3, ...over };
  const eventTimeUs = T0 + BigInt(seq) * 100_000n;
  return { seq, eventTimeUs, flags: 3, body: { case: "position", value }, ...record } as RecordInit;
}

function battery(seq: number, value: Record<string, unknown> = {}, flags = 0): RecordInit {
  return { seq, eventTimeUs: T0, flags, body: { case: "battery", value } } as RecordInit;
}

function scan(seq: number, hits: Record<string, number>[]): RecordInit {
  return { seq, eventTimeUs: T0, body: { case: "obstacles", value: { hits } } } as RecordInit;
}

const frame = (records: RecordInit[], over: Record<string, unknown> = {}) =>
  encode({ droneId: "d1", bootId: 1, records, ...over });

/** [forwarded, near-duplicate] of one frame with these records. */
async function fates(records: RecordInit[], open = false): Promise<number[]> {
  const hotPath = await load();
  hotPath.push(frame([battery(1_000_000)]), NOW);
  if (open) hotPath.setAlertOpen("d1", true);
  assertEquals(hotPath.push(frame(records), NOW), Verdict.accepted);
  return [hotPath.forwarded, hotPath.nearDuplicates];
}

describe("the near-duplicate rule", () => {
  it("suppresses a fix that does not move", async () => assertEquals(await fates([fix(1), fix(2)]), [1, 1]));
  it("forwards 0.5 m of movement", async () =>
    assertEquals(await fates([fix(1), fix(2, { latE7: 470000045 })]), [2, 0]));
  it("suppresses 0.49 m", async () => assertEquals(await fates([fix(1), fix(2, { latE7: 470000044 })]), [1, 1]));
  it("forwards 0.5 m of climb", async () => assertEquals(await fates([fix(1), fix(2, { altMslMm: 400_500 })]), [2, 0]));
  it("suppresses 0.499 m", async () => assertEquals(await fates([fix(1), fix(2, { altMslMm: 400_499 })]), [1, 1]));
  it("forwards an altitude that disappears", async () =>
    assertEquals(await fates([fix(1), fix(2, { altMslMm: undefined })]), [2, 0]));
  it("forwards after a second", async () => assertEquals(await fates([fix(1), fix(11)]), [2, 0]));
  it("forwards a change of flags", async () => assertEquals(await fates([fix(1), fix(2, {}, { flags: 11 })]), [2, 0]));
  it("forwards a change of fix", async () => assertEquals(await fates([fix(1), fix(2, { fixType: 2 })]), [2, 0]));
  it("forwards while an alert is open", async () => assertEquals(await fates([fix(1), fix(2)], true), [2, 0]));
  it("leaves no gap over a second at ten fixes a second", async () => {
    const records = Array.from({ length: 100 }, (_, i) => fix(i + 1));
    assertEquals(await fates(records), [10, 90]);
  });
});

describe("haversineM", () => {
  const quarter = 6_371_008.8 * Math.PI / 2;
  const at = (lat: number, lon: number) => ({ latE7: Math.round(lat * 1e7), lonE7: Math.round(lon * 1e7) });
  for (
    const [name, a, b, metres] of [
      ["one degree of the equator", at(0, 0), at(0, 1), quarter / 90],
      ["one degree across the antimeridian", at(0, 179.5), at(0, -179.5), quarter / 90],
      ["pole to equator", at(90, 0), at(0, 77), quarter],
      ["two names of the pole", at(90, 0), at(90, 120), 0],
      ["half the world", at(0, 0), at(0, 180), 2 * quarter],
      ["nothing", at(47, 8), at(47, 8), 0],
    ] as const
  ) {
    it(`measures ${name}`, async () => {
      const error = Math.abs((await load()).haversineM(a, b) - metres);
      assertEquals(error < 1e-6 * Math.max(metres, 1), true, `off by ${error} m`);
    });
  }
});

describe("duplicates", () => {
  it("are found within a frame, between frames, and separately for each boot", async () => {
    const hotPath = await load();
    hotPath.push(frame([battery(1), battery(1), battery(3)]), NOW);
    assertEquals([hotPath.forwarded, hotPath.duplicates], [2, 1]);
    hotPath.push(frame([battery(2), battery(3)]), NOW);
    assertEquals([hotPath.forwarded, hotPath.duplicates], [1, 1]);
    const slot = hotPath.slot;
    hotPath.push(frame([battery(2)], { bootId: 2 }), NOW);
    assertEquals([hotPath.forwarded, hotPath.isNewSlot, hotPath.slot !== slot], [1, true, true]);
    hotPath.push(frame([battery(1)]), NOW);
    assertEquals([hotPath.duplicates, hotPath.slot], [1, slot]);
  });

  it("below the window are forwarded: the aggregator knows", async () => {
    const hotPath = await load();
    hotPath.push(frame([battery(1), battery(5000)]), NOW);
    hotPath.push(frame([battery(1)]), NOW);
    assertEquals(hotPath.forwarded, 1);
  });

  it("of settled records are named, to be acknowledged again", async () => {
    const hotPath = await load();
    hotPath.push(frame([battery(1), battery(2)]), NOW);
    const { receipt } = hotPath.seal(LaneIndex.bulk)!;
    hotPath.push(frame([battery(1)]), NOW);
    assertEquals([...hotPath.settledDuplicates()], []);
    hotPath.settle(receipt);
    hotPath.push(frame([battery(1), battery(2)]), NOW);
    assertEquals([...hotPath.settledDuplicates()], [1, 2]);
  });
});

describe("the lane of a record", () => {
  const hit = (rangeCm: number, rangeRateCms: number) => ({ bearingCdeg: 0, rangeCm, rangeRateCms });
  for (
    const [name, record, lane] of [
      ["a position", fix(1), "safety"],
      ["a battery", battery(1, { remainingCpct: 1001 }), "bulk"],
      ["a critical charge", battery(1, { remainingCpct: 1000 }), "safety"],
      ["a critical charge state", battery(1, { chargeState: 3 }), "safety"],
      ["an emergency", battery(1, {}, 8), "safety"],
      ["a scan without hits", scan(1, []), "bulk"],
      ["a hit at 10 m", scan(1, [hit(5000, 0), hit(1000, 0)]), "safety"],
      ["a hit at 10.01 m", scan(1, [hit(1001, 0)]), "bulk"],
      ["a hit 5 s away", scan(1, [hit(5000, -1000)]), "safety"],
      ["a hit 5.1 s away", scan(1, [hit(5100, -1000)]), "bulk"],
      ["a hit that recedes", scan(1, [hit(5000, 1000)]), "bulk"],
    ] as const
  ) {
    it(`of ${name} is ${lane}`, async () => {
      const hotPath = await load();
      hotPath.push(frame([record]), NOW);
      assertEquals(hotPath.waiting(LaneIndex[lane]), 1);
    });
  }
});

describe("admission", () => {
  it("refuses a whole frame over the drone's rate, says when, and changes nothing", async () => {
    const hotPath = await load({ droneRatePerS: 10, droneBurst: 2 });
    hotPath.push(frame([battery(1), battery(2)]), NOW);
    assertEquals(hotPath.push(frame([battery(3), battery(4)]), NOW), Verdict.refusedDroneRate);
    assertEquals([hotPath.records, hotPath.firstSeq, hotPath.lastSeq, hotPath.droneId()], [2, 3, 4, "d1"]);
    assertGreater(hotPath.retryAfterMs, 0);
    assertEquals(hotPath.push(frame([battery(3), battery(4)]), NOW + hotPath.retryAfterMs), Verdict.accepted);
    assertEquals(hotPath.forwarded, 2);
  });

  it("lets in at another rate from when it is told so, and keeps what it had", async () => {
    const hotPath = await load({ nodeRatePerS: 1, nodeBurst: 100 });
    const pushed = (seconds: number, first: number, records: number) =>
      hotPath.push(frame(Array.from({ length: records }, (_, i) => battery(first + i))), NOW + seconds * 1000);
    assertEquals(pushed(0, 1, 100), Verdict.accepted);
    hotPath.setNodeRate(10, NOW + 20_000);
    assertEquals(pushed(20, 101, 21), Verdict.refusedNodeRate);
    assertEquals(pushed(20, 101, 20), Verdict.accepted);
    assertEquals(pushed(21, 121, 10), Verdict.accepted);
  });

  it("refuses over the node's rate", async () => {
    const hotPath = await load({ nodeRatePerS: 10, nodeBurst: 1 });
    hotPath.push(frame([battery(1)]), NOW);
    assertEquals(hotPath.push(frame([battery(1)], { droneId: "d2" }), NOW), Verdict.refusedNodeRate);
  });

  it("answers full to the 32,769th drone, and takes it after the idle ones were evicted", async () => {
    const hotPath = await load();
    for (let i = 0; i < 32_768; i++) {
      hotPath.push(frame([battery(1)], { droneId: `drone-${i}` }), NOW);
      if (i % 4096 === 4095) hotPath.settle(hotPath.seal(LaneIndex.bulk)!.receipt);
    }
    assertEquals(hotPath.drones, 32_768);
    assertEquals(hotPath.push(frame([battery(1)]), NOW), Verdict.full);
    hotPath.push(frame([battery(2)], { droneId: "drone-7" }), NOW + 1000);
    for (let i = 0; i < 16; i++) hotPath.evictIdle(NOW + 1500, 1000);
    assertEquals(hotPath.drones, 1);
    assertEquals(hotPath.push(frame([battery(1)]), NOW + 1500), Verdict.accepted);
    hotPath.push(frame([battery(2)], { droneId: "drone-7" }), NOW + 1500);
    assertEquals(hotPath.duplicates, 1);
  });

  it("answers full when a lane is, and forwards again once it was sealed", async () => {
    const hotPath = await load();
    let seq = 0;
    const push = () => hotPath.push(frame(Array.from({ length: 256 }, () => battery(++seq))), NOW);
    let verdict = push();
    while (verdict === Verdict.accepted) verdict = push();
    assertEquals(verdict, Verdict.full);
    const waiting = hotPath.waiting(LaneIndex.bulk);
    assertEquals(hotPath.seal(LaneIndex.bulk)?.records, waiting);
    assertEquals(push(), Verdict.accepted);
  });
});

describe("alert acknowledgements", () => {
  const acks = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ alertId: BigInt(i), receivedTimeUs: T0 + BigInt(i), revision: i + 1 }));

  it("are read from a frame without records, of a drone never seen before", async () => {
    const hotPath = await load();
    assertEquals(hotPath.push(frame([], { alertAcks: acks(2) }), NOW), Verdict.accepted);
    assertEquals([hotPath.alertAckList(), hotPath.droneId()], [acks(2), "d1"]);
  });

  it("are read from a refused frame and from one that finds no room, and cost no tokens", async () => {
    const hotPath = await load({ droneRatePerS: 10, droneBurst: 1 });
    const verdicts = [[battery(1)], [battery(2)], []].map((records) => {
      const verdict = hotPath.push(frame(records, { alertAcks: acks(3) }), NOW);
      assertEquals(hotPath.alertAckList(), acks(3));
      return verdict;
    });
    assertEquals(verdicts, [Verdict.accepted, Verdict.refusedDroneRate, Verdict.accepted]);
    const full = await load();
    for (let i = 0; i < 33; i++) full.push(frame(Array.from({ length: 256 }, (_, n) => battery(i * 256 + n))), NOW);
    assertEquals(full.push(frame([battery(9000)], { alertAcks: acks(1) }), NOW), Verdict.full);
    assertEquals(full.alertAckList(), acks(1));
  });

  it("are at most 64 in a frame; one with more is malformed, and none of it is kept", async () => {
    const hotPath = await load();
    assertEquals(hotPath.push(frame([battery(1)], { alertAcks: acks(64) }), NOW), Verdict.accepted);
    assertEquals(hotPath.alertAckList(), acks(64));
    assertEquals(hotPath.push(frame([battery(2)], { alertAcks: acks(65) }), NOW), Verdict.malformed);
    assertEquals([hotPath.alertAcks, hotPath.alertAckList(), hotPath.waiting(LaneIndex.bulk)], [0, [], 1]);
  });

  it("outlive the next frame, which has its own", async () => {
    const hotPath = await load();
    hotPath.push(frame([], { alertAcks: acks(2) }), NOW);
    const before = hotPath.alertAckList();
    hotPath.push(frame([], { alertAcks: [{ alertId: 9n }] }), NOW);
    assertEquals(before, acks(2));
    assertEquals(hotPath.alertAckList(), [{ alertId: 9n, receivedTimeUs: 0n, revision: 0 }]);
  });
});

describe("a sealed lane", () => {
  it("sorts by slot, keeps the order within one, and receipts every record", async () => {
    const hotPath = await load();
    for (const [droneId, seq] of [["b", 1], ["a", 5], ["b", 2], ["a", 4]] as const) {
      hotPath.push(frame([battery(seq)], { droneId }), NOW);
    }
    const bulk = sealAll(hotPath)[1]!;
    assertEquals([...bulk.receipt], [1, 1, 1, 2, 2, 5, 2, 4]);
    assertEquals([...bulk.slots], [1, 2]);
    assertEquals([...bulk.columns.batteries.seq], [1, 2, 5, 4]);
    assertEquals(sealAll(hotPath), [null, null]);
  });
});

describe("takeOnly", () => {
  const bytes = (id: string) => new TextEncoder().encode(id);
  const of = (droneId: string, seq: number) => frame([fix(seq, { latE7: 470_000_000 + seq * 100 })], { droneId });

  const ids = ["d", "drone-01", "drone-001", `${"x".repeat(63)}y`];
  for (const id of ids) {
    it(`has push take the frames of a drone whose id has ${id.length} bytes, and no others`, async () => {
      const hotPath = await load();
      hotPath.takeOnly(bytes(id));
      const others = [`${id.slice(0, -1)}z`, `z${id.slice(1)}`, id.slice(0, -1), `${id}z`, `${id}\0`, "another"]
        .filter((other) => other !== "" && other.length <= 64);
      for (const other of others) {
        assertEquals([other, hotPath.push(of(other, 1), NOW)], [other, Verdict.foreign]);
        assertEquals([hotPath.droneId(), hotPath.records, hotPath.drones], [other, 1, 0]);
      }
      assertEquals(hotPath.push(of(id, 1), NOW), Verdict.accepted);
      assertEquals([hotPath.drones, hotPath.forwarded], [1, 1]);
    });
  }

  it("goes by the id that counts where a frame has two", async () => {
    const hotPath = await load();
    hotPath.takeOnly(bytes("own"));
    const twice = (first: string, last: string) => Uint8Array.of(...of(first, 1), 0x0a, last.length, ...bytes(last));
    assertEquals(hotPath.push(twice("own", "other"), NOW), Verdict.foreign);
    assertEquals(hotPath.push(twice("other", "own"), NOW), Verdict.accepted);
  });

  it("changes with each call, until those of any drone are taken", async () => {
    const hotPath = await load();
    const [a, b] = [bytes("a"), bytes("b")];
    for (
      const [i, [own, id, verdict]] of ([
        [a, "b", Verdict.foreign],
        [b, "b", Verdict.accepted],
        [b, "a", Verdict.foreign],
        [a, "a", Verdict.accepted],
        [ANY_DRONE, "c", Verdict.accepted],
      ] as const).entries()
    ) {
      hotPath.takeOnly(own);
      assertEquals([i, hotPath.push(of(id, i), NOW)], [i, verdict]);
    }
  });

  it("takes nothing of another drone that is known, and leaves it as it was", async () => {
    const hotPath = await load();
    hotPath.push(of("other", 1), NOW);
    hotPath.takeOnly(bytes("own"));
    assertEquals(hotPath.push(of("other", 2), NOW), Verdict.foreign);
    hotPath.takeOnly(ANY_DRONE);
    hotPath.push(of("other", 2), NOW);
    assertEquals(hotPath.duplicates, 0);
  });
});
