import { create } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { goesAgain } from "../../edge/uplink/refused_batch.ts";
import type { OutboundBatch } from "../../edge/lanes/sealing.ts";
import { SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batteryFrame } from "./rig.ts";
import { type Answer, StillEdge } from "./still_rig.ts";

const { ACCEPTED, MALFORMED, UNKNOWN_SLOT, UNSPECIFIED } = BatchVerdict;
const { REJECTED } = RefusalReason;

/** An aggregator that never takes a drone with this id, and says so or not. */
function poison(droneId: string, named: boolean): StillEdge["answer"] {
  const slots = new Map<number, string>();
  const inBatch = new Map<string, number[]>();
  return ({ batchId, slots: definitions, voidSlots }): Answer => {
    for (const { slot, droneId } of definitions) slots.set(slot, droneId);
    const key = String(batchId);
    if (definitions.length > 0 && !inBatch.has(key)) inBatch.set(key, definitions.map(({ slot }) => slot));
    const bad = (inBatch.get(key) ?? []).filter((slot) => slots.get(slot) === droneId && !voidSlots.includes(slot));
    if (bad.length === 0) return { verdict: ACCEPTED };
    return { verdict: UNKNOWN_SLOT, unknownSlots: named ? bad : [] };
  };
}

describe("a drone whose id begins with a byte order mark", () => {
  it("is recorded under its own id, and stops nobody", async () => {
    const rig = await StillEdge.start();
    const ids = ["\ufeff", "\ufeffdrone-1", "drone-1"];
    const drones = ids.map((id) => {
      const drone = rig.drone();
      drone.receive(batteryFrame(id, [1, 2]));
      return drone;
    });
    await rig.pass(500);
    assertEquals(rig.batches.flatMap(({ slots }) => slots.map(({ droneId }) => droneId)), ids);
    for (const [i, drone] of drones.entries()) {
      assertEquals(drone.acknowledged, [[1, 2]]);
      assertEquals(drone.heard.at(-1)?.droneId, ids[i]);
    }
    await rig.stop();
  });
});

describe("a drone that the aggregator never takes", () => {
  for (const named of [true, false]) {
    it(`does not keep the others of its batch from being acknowledged, ${named ? "named" : "not named"}`, async () => {
      const rig = await StillEdge.start();
      rig.answer = poison("bad", named);
      const [good, bad] = [rig.drone(), rig.drone()];
      good.receive(batteryFrame("good", [1, 2, 3]));
      bad.receive(batteryFrame("bad", [1, 2, 5]));
      await rig.pass(1500);
      assertEquals(rig.batches.length, 3);
      const defined = rig.batches.map(({ slots }) => slots.map(({ droneId }) => droneId));
      assertEquals(defined, [["good", "bad"], ["good", "bad"], named ? ["good"] : []]);
      assertEquals([good.acknowledged, bad.acknowledged], [named ? [[1, 3]] : [], []]);
      assertEquals(bad.lost(REJECTED), [[1, 2], [5, 5]]);
      const rows = rig.losses.map(({ droneId, reason, records, range }) =>
        [droneId, reason, records, range?.firstSeq, range?.lastSeq] as const
      );
      assertEquals(rows.at(-1), ["bad", REJECTED, 3, 1, 5]);
      assertEquals(rows.length, named ? 1 : 2);
      // Void, and not known to the aggregator: its slot is defined again in the next batch.
      rig.answer = () => ({ verdict: ACCEPTED });
      bad.receive(batteryFrame("bad", [1, 2, 5]));
      await rig.pass(500);
      assertEquals(rig.batches.at(-1)!.slots.map(({ droneId }) => droneId), ["bad"]);
      assertEquals(bad.acknowledged, [[1, 2], [5, 5]]);
      await rig.stop();
    });
  }

  it("is given up after three refusals, and the edge goes on", async () => {
    const rig = await StillEdge.start();
    rig.answer = () => ({ verdict: UNKNOWN_SLOT });
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", [1]));
    await rig.pass(2000);
    assertEquals([rig.batches.length, drone.lost(REJECTED), drone.acknowledged], [3, [[1, 1]], []]);
    assertEquals((await rig.status()).batches.unacknowledged, 0);
    await rig.stop();
  });

  it("and whose batches a lost connection brings back still ends, with all its slots defined", async () => {
    const rig = await StillEdge.start();
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", [1]));
    await rig.pass(500);
    let answers = 0;
    rig.answer = () => answers++ === 0 ? { verdict: UNKNOWN_SLOT } : null;
    drone.receive(batteryFrame("d1", [2]));
    await rig.pass(500);
    rig.answer = () => ({ verdict: ACCEPTED });
    rig.uplinks[0]!.close(1006);
    await rig.pass(1000);
    assertEquals(rig.batches.map(({ slots }) => slots.length), [1, 0, 1, 1]);
    assertEquals(drone.acknowledged, [[1, 1], [2, 2]]);
    await rig.stop();
  });
});

describe("a batch that the aggregator calls malformed", () => {
  it("goes once more, then its drones are told, and a repetition is a new record: no Ack names what is in no journal", async () => {
    const rig = await StillEdge.start();
    rig.answer = () => ({ verdict: MALFORMED, reason: "its columns contradict each other" });
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", [1, 2, 4]));
    await rig.pass(1500);
    assertEquals([rig.batches.length, drone.acknowledged, drone.lost(REJECTED)], [2, [], [[1, 2], [4, 4]]]);
    assertEquals(rig.losses.map(({ reason, records }) => [reason, records]), [[REJECTED, 3]]);
    assertEquals(rig.log.filter((line) => line.includes("its columns contradict each other")).length, 1);
    rig.answer = () => null;
    drone.receive(batteryFrame("d1", [1, 2, 4]));
    await rig.pass(1000);
    assertEquals([drone.acknowledged, (await rig.status()).records.duplicate], [[], 0]);
    assertEquals([rig.batches.length, rig.batches.at(-1)!.records], [3, 3]);
    await rig.stop();
  });

  it("and then taken after all is acknowledged", async () => {
    const rig = await StillEdge.start();
    let answers = 0;
    rig.answer = () => ({ verdict: answers++ === 0 ? MALFORMED : ACCEPTED });
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", [1]));
    await rig.pass(1500);
    assertEquals([drone.acknowledged, drone.lost(REJECTED), rig.losses], [[[1, 1]], [], []]);
    await rig.stop();
  });

  it("leaves the drone evictable: its records are settled", async () => {
    const rig = await StillEdge.start({ droneIdleMs: 1000 });
    rig.answer = () => ({ verdict: MALFORMED });
    rig.drone().receive(batteryFrame("d1", [1]));
    await rig.pass(500);
    assertEquals((await rig.status()).slots.known, 1);
    await rig.pass(3000);
    assertEquals((await rig.status()).slots.known, 0);
    await rig.stop();
  });
});

describe("a replayed batch", () => {
  const replay = (rig: StillEdge) =>
    rig.edge.app.request("/v1/replay", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ fromUs: 0, toUs: 9e15 }),
    });

  for (const verdict of [ACCEPTED, UNKNOWN_SLOT, MALFORMED]) {
    it(`answered ${BatchVerdict[verdict]} is over, settled once: its records are in the journal`, async () => {
      const rig = await StillEdge.start();
      const drone = rig.drone();
      drone.receive(batteryFrame("d1", [1, 2]));
      await rig.pass(500);
      rig.answer = () => null;
      drone.receive(batteryFrame("d1", [3]));
      await rig.pass(500);
      rig.answer = ({ records }) => records === 2 ? { verdict } : null;
      await replay(rig);
      await rig.pass(1500);
      const sent = rig.batches.filter(({ records }) => records === 2).length;
      assertEquals(sent, verdict === ACCEPTED ? 2 : verdict === MALFORMED ? 3 : 4);
      assertEquals([drone.acknowledged, drone.lost(REJECTED), rig.losses], [[[1, 2]], [], []]);
      // Record 3 is still open: were the batch settled twice, its drone could be evicted.
      assertEquals((await rig.status()).batches.unacknowledged, 1);
      await rig.pass(901_000);
      assertEquals((await rig.status()).slots.known, 1);
      await rig.stop();
    });
  }

  it("whose slot the edge has forgotten goes again three times at most, then it is void", async () => {
    const rig = await StillEdge.start({ droneIdleMs: 1000, replayMs: 60_000 });
    rig.drone().receive(batteryFrame("d1", [1]));
    await rig.pass(4000);
    assertEquals((await rig.status()).slots.known, 0);
    rig.answer = ({ voidSlots }) => ({ verdict: voidSlots.length > 0 ? ACCEPTED : UNKNOWN_SLOT });
    await replay(rig);
    await rig.pass(2000);
    assertEquals(rig.batches.map(({ voidSlots }) => voidSlots), [[], [], [], [1]]);
    assertEquals([(await rig.status()).batches.unacknowledged, rig.losses], [0, []]);
    await rig.stop();
  });
});

describe("a batch of an earlier process", () => {
  for (const verdict of [UNKNOWN_SLOT, MALFORMED]) {
    it(`that is always answered ${BatchVerdict[verdict]} ends, and does not come back with the next process`, async () => {
      const kv = await Deno.openKv(":memory:");
      const first = await StillEdge.start({ replayInKv: true }, { kv, answer: () => null });
      first.drone().receive(batteryFrame("d1", [1]));
      await first.pass(500);
      await first.stop();
      const second = await StillEdge.start({ replayInKv: true }, { kv, answer: () => ({ verdict }) });
      await second.pass(2000);
      const voids = verdict === UNKNOWN_SLOT ? [[], [], [1]] : [[], []];
      assertEquals(second.batches.map(({ voidSlots }) => voidSlots), voids);
      assertEquals((await second.status()).batches.unacknowledged, 0);
      await second.stop();
      assertEquals((await Array.fromAsync(kv.list({ prefix: ["slipstream", "backlog"] }))).length, 0);
      kv.close();
    });
  }
});

describe("goesAgain", () => {
  const batch = (slots: number[], definitions: number[]): OutboundBatch => ({
    key: "1",
    lane: 0,
    sealed: create(SealedBatchSchema, { slots: definitions.map((slot) => ({ slot })) }),
    receipt: new Uint32Array(),
    slots: Uint32Array.from(slots),
    definedAt: 0,
    acknowledged: false,
  });
  const answers = fc.array(
    fc.record({
      verdict: fc.constantFrom(UNKNOWN_SLOT, MALFORMED, UNSPECIFIED),
      unknownSlots: fc.array(fc.nat({ max: 9 }), { maxLength: 4 }),
    }),
    { minLength: 5, maxLength: 5 },
  );

  it("ends within four refusals, whatever they are, and makes only slots of the batch void", () => {
    fc.assert(fc.property(answers, fc.uniqueArray(fc.nat({ max: 9 }), { maxLength: 5 }), (refusals, slots) => {
      const of = batch(slots, []);
      const define = () => of.sealed.slots;
      const end = refusals.findIndex((refusal) => !goesAgain(of, refusal, define));
      assertEquals(end >= 0 && end < 4, true, `after ${end}`);
      if (slots.length > 0) assertEquals(of.sealed.voidSlots.filter((slot) => !slots.includes(slot)), []);
    }));
  });

  for (
    const [name, unknown, definable, expected] of [
      ["those that the aggregator names", [3], [1, 2, 3], [3]],
      ["those that the edge cannot define, when it names none", [], [1, 3], [2]],
      ["those that the edge cannot define, when it names others", [77], [1, 3], [2]],
      ["all of them when nothing else is known", [], [1, 2, 3], [1, 2, 3]],
    ] as const
  ) {
    it(`makes void ${name}`, () => {
      const of = batch([1, 2, 3], [...definable]);
      const refusal = { verdict: UNKNOWN_SLOT, unknownSlots: [...unknown] };
      const define = () => of.sealed.slots;
      assertEquals([goesAgain(of, refusal, define), of.sealed.voidSlots], [true, []]);
      assertEquals([goesAgain(of, refusal, define), of.sealed.voidSlots], [true, expected]);
      assertEquals(goesAgain(of, refusal, define), false);
    });
  }
});
