import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type DroneDownlink, RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { batteryFrame, frame } from "./rig.ts";
import { type StillDrone, StillEdge } from "./still_rig.ts";

const { INVALID, FRAME_TOO_LARGE, DRONE_RATE } = RefusalReason;
const seqs = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i);
const GARBAGE = Uint8Array.of(0xff, 0xff);

type Body<Case> = Extract<DroneDownlink["body"], { case: Case }> extends { value: infer Value } ? Value : never;

function bodies<Case extends "throttle" | "frameFault" | "heartbeat" | "hello">(drone: StillDrone, of: Case) {
  return drone.heard.flatMap(({ body }) => body.case === of ? [body.value as Body<Case>] : []);
}

describe("a record that can never be taken", () => {
  const broken = (records: { seq: number; eventTimeUs?: bigint; hasBody?: boolean }[]) =>
    frame({
      droneId: "d1",
      bootId: 1,
      records: records.map(({ seq, eventTimeUs = 1n, hasBody = true }) => ({
        seq,
        eventTimeUs,
        body: hasBody ? { case: "battery", value: { id: 0 } } : undefined,
      })),
    });
  const impossible = { eventTimeUs: 4_294_967_296_000_000n };

  it("is answered with its exact range and a final reason, and is in the ledger: no client keeps it for ever", async () => {
    const rig = await StillEdge.start();
    const drone = rig.drone();
    drone.receive(broken([{ seq: 1 }, { seq: 2, ...impossible }, { seq: 3, hasBody: false }, { seq: 4 }]));
    drone.receive(broken([{ seq: 5, hasBody: false }, { seq: 7, ...impossible }]));
    await rig.pass(1500);
    assertEquals(drone.lost(INVALID), [[2, 3], [5, 5], [7, 7]]);
    assertEquals(bodies(drone, "throttle").map(({ bootId, retryAfterMs }) => [bootId, retryAfterMs]), [[1, 0]]);
    assertEquals(drone.acknowledged, [[1, 1], [4, 4]]);
    const [row] = rig.losses;
    assertEquals([row!.droneId, row!.reason, row!.records, row!.range?.firstSeq, row!.range?.lastSeq], [
      ...["d1", INVALID, 4],
      ...[2, 7],
    ]);
    assertEquals((await rig.status()).records.malformed, 4);
    await rig.stop();
  });

  it("is not known: the same number is taken when it comes with a body", async () => {
    const rig = await StillEdge.start();
    const drone = rig.drone();
    drone.receive(broken([{ seq: 1, hasBody: false }]));
    await rig.pass(100);
    drone.receive(broken([{ seq: 1 }]));
    await rig.pass(500);
    assertEquals([drone.acknowledged, (await rig.status()).records.duplicate], [[[1, 1]], 0]);
    await rig.stop();
  });
});

describe("a malformed frame", () => {
  it("is answered with what is wrong, at most once a second, with how many there were; and logged", async () => {
    const rig = await StillEdge.start();
    const drone = rig.drone();
    await rig.pass(2000);
    const long = frame({ droneId: "d".repeat(65), bootId: 1 });
    const many = frame({ droneId: "d1", bootId: 1, records: seqs(257).map((seq) => ({ seq })) });
    const acks = frame({ droneId: "d1", bootId: 1, alertAcks: seqs(65).map((n) => ({ alertId: BigInt(n) })) });
    const faults = () => bodies(drone, "frameFault").map(({ reason, frames }) => [frames, reason]);
    drone.receive(GARBAGE);
    assertEquals(faults(), [[1, "Not a TelemetryFrame message"]]);
    for (const bytes of [GARBAGE, GARBAGE, long]) drone.receive(bytes);
    await rig.pass(999);
    assertEquals(faults().length, 1);
    await rig.pass(1001);
    assertEquals(faults().slice(1), [[3, "drone_id must be 1 to 64 bytes of UTF-8"]]);
    drone.receive(Uint8Array.of(10, 2, 0xc0, 0xaf));
    await rig.pass(2000);
    drone.receive(many);
    await rig.pass(2000);
    drone.receive(acks);
    assertEquals(faults().slice(2), [
      [1, "drone_id must be 1 to 64 bytes of UTF-8"],
      [1, "More than 256 records"],
      [1, "More than 64 alert acknowledgements"],
    ]);
    await rig.pass(2000);
    const lines = rig.log.filter((line) => line.includes("malformed frames"));
    assertEquals([lines.length, lines[0]!.includes("4 malformed frames: drone_id must be")], [4, true]);
    assertEquals(bodies(drone, "frameFault").length, 5);
    await rig.stop();
  });

  it("longer than 64 KiB is answered, and closes the connection; so does text", async () => {
    const rig = await StillEdge.start();
    const [long, text] = [rig.drone(), rig.drone()];
    long.receive(new Uint8Array(65_537));
    text.receive("hello");
    assertEquals(bodies(long, "frameFault").map(({ reason }) => reason), ["Longer than 64 KiB"]);
    assertEquals([long.closed?.code, text.closed?.code], [1009, 1003]);
    await rig.stop();
  });
});

describe("a frame of more records than may ever come at once", () => {
  it("is told so, and how many may: never to try again later", async () => {
    const rig = await StillEdge.start({ droneBurst: 200 });
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", seqs(201)));
    const [throttle] = bodies(drone, "throttle");
    assertEquals([throttle!.reason, throttle!.retryAfterMs, throttle!.frameRecordsMax], [FRAME_TOO_LARGE, 0, 200]);
    assertEquals([throttle!.refused?.firstSeq, throttle!.refused?.lastSeq, throttle!.shed], [1, 201, []]);
    await rig.pass(1500);
    assertEquals(rig.losses.map(({ reason, records }) => [reason, records]), [[FRAME_TOO_LARGE, 201]]);
    assertEquals((await rig.status()).records.refused, 201);
    drone.receive(batteryFrame("d1", seqs(200)));
    await rig.pass(500);
    assertEquals(drone.acknowledged, [[1, 200]]);
    await rig.stop();
  });

  it("by the node's burst is told that", async () => {
    const rig = await StillEdge.start({ nodeBurst: 3 });
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", seqs(4)));
    const [throttle] = bodies(drone, "throttle");
    assertEquals([throttle!.reason, throttle!.frameRecordsMax], [FRAME_TOO_LARGE, 3]);
    drone.receive(batteryFrame("d1", seqs(3)));
    drone.receive(batteryFrame("d1", seqs(3, 4)));
    assertEquals(bodies(drone, "throttle").map(({ reason, frameRecordsMax }) => [reason, frameRecordsMax]).at(-1), [
      RefusalReason.NODE_RATE,
      0,
    ]);
    await rig.stop();
  });

  it("is one of more than 256 records, whatever bursts are configured", async () => {
    const rig = await StillEdge.start({ droneBurst: 1e6 });
    assertEquals(bodies(rig.drone(), "hello").map(({ frameRecordsMax }) => frameRecordsMax), [256]);
    await rig.stop();
  });

  it("is none that the contract allows, by default: 256 records pass, and hello says so", async () => {
    const rig = await StillEdge.start();
    const drone = rig.drone();
    const [hello] = bodies(drone, "hello");
    assertEquals([hello!.frameBytesMax, hello!.frameRecordsMax], [65_536, 256]);
    drone.receive(batteryFrame("d1", seqs(256)));
    await rig.pass(500);
    assertEquals(drone.acknowledged, [[1, 256]]);
    await rig.stop();
  });
});

describe("an edge whose aggregator is silent", () => {
  it("tells each connection that has sent something that it lives, every 2 s at the earliest, and how long it waits", async () => {
    const rig = await StillEdge.start({}, { answer: () => null });
    const [sender, listener] = [rig.drone(), rig.drone()];
    await rig.pass(500);
    sender.receive(batteryFrame("d1", [1]));
    const beats = (drone: StillDrone) => bodies(drone, "heartbeat").map(({ waitingMs }) => waitingMs);
    await rig.pass(1400);
    assertEquals(beats(sender), []);
    await rig.pass(1200);
    assertEquals(beats(sender).length, 1);
    assertGreater(beats(sender)[0]!, 1000);
    await rig.pass(20_000);
    // It has been told since it sent: nothing more is owed.
    assertEquals(beats(sender).length, 1);
    for (let i = 2; i < 12; i++) {
      sender.receive(batteryFrame("d1", [i]));
      await rig.pass(1000);
    }
    assertEquals(beats(sender).length, 1 + 5);
    assertEquals(beats(listener), []);
    await rig.stop();
  });

  it("says nothing beside acknowledgements that come, and nothing to who does not read", async () => {
    const rig = await StillEdge.start();
    const [busy, deaf] = [rig.drone(), rig.drone()];
    deaf.bufferedAmount = 2 << 20;
    for (let i = 1; i < 8; i++) {
      for (const [id, drone] of [["busy", busy], ["deaf", deaf]] as const) drone.receive(batteryFrame(id, [i]));
      await rig.pass(1000);
    }
    assertEquals([bodies(busy, "heartbeat").length, deaf.cases], [0, ["hello"]]);
    await rig.stop();
  });

  it("tells the aggregator how late its event loop came, once", async () => {
    const rig = await StillEdge.start();
    const lags = () => rig.messages.flatMap(({ body }) => body.case === "status" ? [body.value.lagMs] : []);
    await rig.pass(2100);
    rig.loseTime(700);
    await rig.pass(2100);
    assertEquals(lags().map((lagMs) => lagMs > 500), [false, false, true, false]);
    await rig.stop();
  });

  it("outlives a wall clock that is years ahead of its backlog: what it reports is bounded", async () => {
    const rig = await StillEdge.start({}, { answer: () => null });
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", [1]));
    await rig.pass(200);
    rig.wallMs += 1e11;
    await rig.pass(3000);
    assertEquals(bodies(drone, "heartbeat").map(({ waitingMs }) => waitingMs), [0xffff_ffff]);
    assertEquals(rig.messages.at(-1)!.body.case, "status");
    await rig.stop();
  });
});

describe("a flood", () => {
  it("of refused frames is cut with 1008, whatever is accepted between; what comes after that is not taken", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 100, droneBurst: 1 });
    const drone = rig.drone();
    let seq = 0;
    // To have been calm for long earns nothing.
    await rig.pass(60_000);
    // One token each 10 ms: 60 frames in that time, one of which passes.
    for (let i = 0; i < 200 && !drone.closed; i++) {
      for (let n = 0; n < 60; n++) drone.receive(batteryFrame("d1", [++seq]));
      await rig.pass(10);
    }
    assertEquals(drone.closed?.code, 1008);
    const { refused, received } = (await rig.status()).records;
    assertEquals(refused >= 5000 && refused < 6500, true, `${refused}`);
    drone.receive(batteryFrame("d1", [++seq]));
    assertEquals((await rig.status()).records.received, received);
    await rig.stop();
  });

  it("is not what a drone sends that is refused now and then, however long it flies", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 100, droneBurst: 1 });
    const drone = rig.drone();
    for (let i = 1; i <= 3000; i++) {
      for (let n = 0; n < 3; n++) drone.receive(batteryFrame("d1", [3 * i + n]));
      drone.sent.length = 0;
      await rig.pass(10);
    }
    assertEquals([drone.closed, (await rig.status()).records.refused], [null, 6000]);
    await rig.stop();
  });

  it("of garbage is cut with 1007, whatever is good between, and an accident each second is not", async () => {
    const rig = await StillEdge.start();
    const [hostile, unlucky] = [rig.drone(), rig.drone()];
    for (let i = 1; i <= 99; i++) hostile.receive(GARBAGE);
    hostile.receive(batteryFrame("d1", [1]));
    assertEquals(hostile.closed, null);
    hostile.receive(GARBAGE);
    assertEquals(hostile.closed?.code, 1007);
    for (let i = 1; i <= 300; i++) {
      unlucky.receive(GARBAGE);
      await rig.pass(1000);
    }
    assertEquals([unlucky.closed, (await rig.status()).frames.malformed], [null, 400]);
    await rig.stop();
  });
});

describe("a drone that never reads", () => {
  it("makes nothing grow: answers to it are dropped and counted, the ledger has what was lost", async () => {
    const rig = await StillEdge.start({ droneBurst: 2 });
    const drone = rig.drone();
    drone.bufferedAmount = 2 << 20;
    const records = [{ seq: 900, eventTimeUs: 1n }];
    drone.receive(frame({ droneId: "d1", bootId: 1, records }));
    for (let i = 1; i <= 50; i++) drone.receive(batteryFrame("d1", [i, i + 1]));
    drone.receive(GARBAGE);
    await rig.pass(1500);
    assertEquals(drone.cases, ["hello"]);
    const { answersDropped, records: { refused } } = await rig.status();
    // Each refusal, the invalid record, and the malformed frame.
    assertEquals(answersDropped, refused / 2 + 2);
    const reasons = new Set(rig.losses.map(({ reason }) => reason));
    assertEquals([reasons.has(DRONE_RATE), reasons.has(INVALID)], [true, true]);
    await rig.stop();
  });

  it("hears later of at most 512 acknowledgements, and of the others when it repeats them", async () => {
    const rig = await StillEdge.start();
    const drone = rig.drone();
    drone.bufferedAmount = 2 << 20;
    for (let i = 0; i < 10; i++) {
      drone.receive(batteryFrame("d1", seqs(100, 100 * i + 1)));
      await rig.pass(1000);
    }
    assertEquals(drone.cases, ["hello"]);
    drone.bufferedAmount = 0;
    await rig.pass(1000);
    const heard = () => drone.acknowledged.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    assertEquals(heard(), 512);
    drone.receive(batteryFrame("d1", seqs(100, 801)));
    await rig.pass(1000);
    assertEquals(drone.acknowledged.at(-1), [801, 900]);
    await rig.stop();
  });
});
