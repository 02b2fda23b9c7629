import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { CloseCode } from "../../proto/words.ts";
import { batteryFrame, frame } from "./rig.ts";
import { type StillDrone, StillEdge } from "./still_rig.ts";

const { ACCEPTED, TAKEN } = BatchVerdict;

/** Positions of one drone that moves: each is forwarded, on the safety lane. */
function positions(...seqs: number[]): Uint8Array<ArrayBuffer> {
  return fixes(seqs.map((seq) => ({ seq, place: seq })));
}

/** A fix where the one before it was: it waits in bulk. */
function nearDuplicate(seq: number): Uint8Array<ArrayBuffer> {
  return fixes([{ seq, place: seq - 1 }]);
}

function fixes(of: { seq: number; place: number }[]): Uint8Array<ArrayBuffer> {
  const records = of.map(({ seq, place }) => {
    const value = { latE7: 470_000_000 + place * 1000, lonE7: 80_000_000, altMslMm: 1000, fixType: 3 };
    const eventTimeUs = BigInt(1_790_000_000_000_000 + seq * 1000);
    return { seq, eventTimeUs, flags: 3, body: { case: "position", value } as const };
  });
  return frame({ droneId: "d1", bootId: 1, records });
}

/** Non-final refusals that a drone was told: ranges, and when to come again. */
function givenBack(drone: StillDrone): [first: number, last: number, retryAfterMs: number][] {
  return drone.heard.flatMap(({ body }) => {
    if (body.case !== "throttle" || body.value.reason !== RefusalReason.FULL) return [];
    const { refused, retryAfterMs } = body.value;
    return [[refused?.firstSeq ?? 0, refused?.lastSeq ?? 0, retryAfterMs]];
  });
}

/** Time passes in which the aggregator says each second that it takes no bulk. */
async function passWithheld(rig: StillEdge, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    rig.tell({ case: "credit", value: { safety: 8, bulk: 0 } });
    await rig.pass(1000);
  }
}

const status = async (rig: StillEdge) => (await rig.status()).batches;

describe("an edge whose aggregator has no disk for its batches", () => {
  it("sends on beyond its credit, each batch once, keeps its connection, and acknowledges nothing", async () => {
    const rig = await StillEdge.start({}, { answer: () => ({ verdict: TAKEN }) });
    const drone = rig.drone();
    for (let seq = 1; seq <= 300; seq++) {
      drone.receive(positions(seq));
      await rig.pass(100);
    }
    assertEquals([rig.batches.length, rig.uplinks.length], [300, 1]);
    assertEquals(await status(rig), { ...await status(rig), inFlight: 0, taken: 300, unacknowledged: 300 });
    assertEquals([(await rig.status()).breaker, drone.acknowledged], ["closed", []]);
    await rig.stop();
  });

  it("acknowledges to its drones what is acknowledged later, and does not think that the link has become slow", async () => {
    const rig = await StillEdge.start({}, { answer: () => ({ verdict: TAKEN }) });
    const drone = rig.drone();
    for (let seq = 1; seq <= 20; seq++) {
      drone.receive(positions(seq));
      await rig.pass(200);
    }
    // Each of them long after it was sent.
    await passWithheld(rig, 10);
    for (const { batchId } of rig.batches) rig.tell({ case: "ack", value: { batchId, verdict: ACCEPTED } });
    await rig.pass(500);
    assertEquals([drone.acknowledged, (await rig.status()).breaker], [[[1, 20]], "closed"]);
    assertEquals((await status(rig)).unacknowledged, 0);
    await rig.stop();
  });

  it("sends again what it was not acknowledged when it is asked to, and after a lost connection", async () => {
    for (const again of ["resend", "connection"] as const) {
      const rig = await StillEdge.start({}, { answer: () => ({ verdict: TAKEN }) });
      const drone = rig.drone();
      for (const seq of [1, 2, 3]) {
        drone.receive(positions(seq));
        await rig.pass(50);
      }
      rig.tell({ case: "ack", value: { batchId: rig.batches[1]!.batchId, verdict: ACCEPTED } });
      await rig.pass(500);
      const sent = rig.batches.map(({ batchId }) => String(batchId));
      rig.answer = () => ({ verdict: ACCEPTED });
      if (again === "resend") rig.tell({ case: "resend", value: {} });
      else rig.uplinks[0]!.close(1006);
      await rig.pass(1500);
      const repeated = rig.batches.slice(3).map(({ batchId }) => String(batchId));
      assertEquals(repeated, [sent[0]!, sent[2]!], again);
      // The one that is acknowledged has defined its slot; whoever answers another connection had forgotten that.
      assertEquals(rig.batches.slice(3).map(({ slots }) => slots.length), [again === "connection" ? 1 : 0, 0], again);
      assertEquals(drone.acknowledged, [[2, 2], [1, 1], [3, 3]], again);
      await rig.stop();
    }
  });

  it("says how long what the aggregator has not judged waits, and to drones how long what it holds does", async () => {
    const rig = await StillEdge.start({}, { answer: () => ({ verdict: TAKEN }) });
    const drone = rig.drone();
    drone.receive(positions(1));
    await rig.pass(8500);
    const told = rig.messages.flatMap(({ body }) => body.case === "status" ? [body.value.backlogMs] : []);
    assertEquals([told.at(-1), told.length > 5], [0, true]);
    const waitingMs = drone.heard.flatMap(({ body }) => body.case === "heartbeat" ? [body.value.waitingMs] : []);
    assertLess(1000, waitingMs.at(-1) ?? 0);
    await rig.stop();
  });
});

describe("an edge that waits for an aggregator, with nothing on the wire", () => {
  it("keeps its connection as long as it is told to wait, and connects anew when nothing is said for five seconds", async () => {
    const rig = await StillEdge.start({}, { answer: () => ({ verdict: ACCEPTED }) });
    const drone = rig.drone();
    rig.tell({ case: "credit", value: { safety: 8, bulk: 0 } });
    await rig.pass(1);
    drone.receive(batteryFrame("d1", [1]));
    await passWithheld(rig, 30);
    assertEquals([rig.uplinks.length, rig.batches.length], [1, 0]);
    // What says that bulk may come again is lost, as on a connection whose other end is gone.
    await rig.pass(6000);
    assertEquals(rig.uplinks[0]!.closed?.code, CloseCode.noAnswer);
    assertEquals([rig.uplinks.length, rig.batches.length, drone.acknowledged], [2, 1, [[1, 1]]]);
    await rig.stop();
  });

  it("does so too for what was taken, and has it acknowledged", async () => {
    const rig = await StillEdge.start({}, { answer: () => ({ verdict: TAKEN }) });
    const drone = rig.drone();
    drone.receive(positions(1));
    await rig.pass(4000);
    assertEquals([rig.uplinks.length, drone.acknowledged], [1, []]);
    rig.answer = () => ({ verdict: ACCEPTED });
    await rig.pass(3000);
    assertEquals([rig.uplinks.length, rig.batches.length, drone.acknowledged], [2, 2, [[1, 1]]]);
    await rig.stop();
  });

  it("minds no silence while it has nothing to wait for, but for that on its statuses", async () => {
    const rig = await StillEdge.start({}, { answer: () => ({ verdict: ACCEPTED }) });
    rig.answersStatus = true;
    await rig.pass(60_000);
    rig.answersStatus = false;
    await rig.pass(30_000);
    assertEquals(rig.uplinks.length, 1);
    await rig.pass(2000);
    assertEquals([rig.uplinks.length, rig.uplinks[0]!.closed?.code], [2, CloseCode.noAnswer]);
    await rig.pass(28_000);
    assertEquals([rig.uplinks.length, (await rig.status()).uplink], [2, "connected"]);
    await rig.stop();
  });
});

describe("an edge whose memory is full of what the aggregator has judged and cannot journal", () => {
  const full = () => StillEdge.start({ uplinkBytesMax: 30_000 }, { answer: () => ({ verdict: TAKEN }) });

  it("still takes and sends the newest positions, and gives the oldest back to their drones, exactly", async () => {
    const rig = await full();
    const drone = rig.drone();
    for (let seq = 1; seq <= 200; seq += 2) {
      drone.receive(positions(seq, seq + 1));
      await rig.pass(100);
    }
    // Twelve or so fit: all others went out, and were given back in their order.
    assertEquals(rig.batches.length, 100);
    const ranges = givenBack(drone);
    assertGreater(ranges.length, 80);
    assertEquals(ranges, ranges.map((_, i) => [2 * i + 1, 2 * i + 2, 5000]));
    assertEquals([(await status(rig)).taken, (await rig.status()).records.refused], [100 - ranges.length, 0]);
    assertEquals(drone.acknowledged, []);
    const rows = rig.losses.filter(({ reason }) => reason === RefusalReason.FULL);
    assertLess(2 * ranges.length - 40, rows.reduce((sum, { records }) => sum + records, 0));
    await rig.stop();
  });

  it("takes what was given back for new when it comes again, and acknowledges it", async () => {
    const rig = await full();
    const drone = rig.drone();
    for (let seq = 1; seq <= 20; seq++) {
      drone.receive(positions(seq));
      await rig.pass(100);
    }
    const [first] = givenBack(drone);
    assertEquals(first, [1, 1, 5000]);
    rig.answer = () => ({ verdict: ACCEPTED });
    rig.tell({ case: "resend", value: {} });
    await rig.pass(1000);
    const before = rig.batches.length;
    drone.receive(positions(1));
    await rig.pass(1000);
    assertEquals([rig.batches.length, drone.acknowledged.at(-1)], [before + 1, [1, 1]]);
    assertEquals((await rig.status()).records.duplicate, 0);
    await rig.stop();
  });

  it("lets the newest positions through however much bulk nobody wants, and refuses no frame", async () => {
    const rig = await full();
    const drone = rig.drone();
    rig.tell({ case: "credit", value: { safety: 8, bulk: 0 } });
    let seq = 0;
    for (let i = 0; i < 300; i++) {
      const before = rig.batches.length;
      drone.receive(positions(++seq));
      drone.receive(nearDuplicate(++seq));
      drone.receive(batteryFrame("d1", Array.from({ length: 40 }, () => ++seq)));
      await rig.pass(1000);
      assertEquals(rig.batches.length - before, 1, `after ${i} s`);
    }
    const { records, level } = await rig.status();
    assertEquals([records.refused, records.nearDuplicate], [0, 300]);
    assertGreater(level, 2);
    await rig.stop();
  });

  it("gives back nothing of bulk that the aggregator wants, or that waits for its return", async () => {
    const rig = await StillEdge.start({ uplinkBytesMax: 30_000 }, { answer: () => null });
    rig.tell({ case: "credit", value: { safety: 8, bulk: 1 } });
    const drone = rig.drone();
    let seq = 0;
    const fly = async (ms: number) => {
      for (let passedMs = 0; passedMs < ms; passedMs += 100) {
        drone.receive(positions(++seq));
        drone.receive(batteryFrame("d1", [++seq]));
        await rig.pass(100);
      }
    };
    await fly(2000);
    rig.takesUplinks = false;
    rig.uplinks.at(-1)!.close(1006);
    await fly(2000);
    assertGreater((await status(rig)).unacknowledged, 8);
    assertEquals(givenBack(drone), []);
    await rig.stop();
  });

  it("refuses no drone for it: only what the aggregator does not take is pressure", async () => {
    const rig = await full();
    const drone = rig.drone();
    for (let seq = 1; seq <= 60; seq++) {
      drone.receive(positions(seq));
      await rig.pass(100);
    }
    assertEquals((await rig.status()).level, 0);
    rig.answer = () => null;
    for (let seq = 61; seq <= 120; seq++) {
      drone.receive(positions(seq));
      await rig.pass(40);
    }
    assertGreater((await rig.status()).level, 0);
    await rig.stop();
  });
});
