import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { frame } from "./rig.ts";
import { type StillDrone, StillEdge } from "./still_rig.ts";

/** Records of a twin: its clock tells it from the others. */
function told(twin: number, seqs: number[], bootId = 1): Uint8Array<ArrayBuffer> {
  const records = seqs.map((seq) => {
    const eventTimeUs = BigInt(1_790_000_000_000_000 + seq * 1000 + twin * 123_457);
    return { seq, eventTimeUs, body: { case: "battery" as const, value: { id: 0 } } };
  });
  return frame({ droneId: "d1", bootId, records });
}

/** Of each slot definition that the aggregator was sent. */
const sources = (rig: StillEdge) => rig.batches.flatMap(({ slots }) => slots.map(({ source }) => source));

const forwarded = async (rig: StillEdge) => {
  const { records } = await rig.status();
  return [records.forwarded, records.duplicate, records.refused];
};

describe("two that speak as one boot of one drone", () => {
  it("are kept apart: neither's records are dropped as the other's duplicates", async () => {
    const rig = await StillEdge.start();
    const twins = [rig.drone(), rig.drone()];
    for (let seq = 1; seq <= 20; seq++) {
      for (const [twin, drone] of twins.entries()) drone.receive(told(twin, [seq]));
      await rig.pass(50);
    }
    await rig.pass(500);
    assertEquals(await forwarded(rig), [40, 0, 0]);
    assertEquals([...new Set(sources(rig))].sort(), [0, 1]);
    assertEquals(twins.map(({ acknowledged }) => acknowledged.at(-1)?.[1]), [20, 20]);
    await rig.stop();
  });

  it("hear what they have sent themselves acknowledged, and not what the other has", async () => {
    const rig = await StillEdge.start({}, { answer: () => null });
    const [first, second] = [rig.drone(), rig.drone()];
    first.receive(told(0, [1, 2]));
    second.receive(told(1, [2, 3]));
    await rig.pass(500);
    rig.answer = () => ({ verdict: 1 });
    rig.uplinks[0]!.close(1006);
    await rig.pass(2000);
    assertEquals([first.acknowledged, second.acknowledged], [[[1, 2]], [[2, 3]]]);
    await rig.stop();
  });

  it("do not hear any more what was sent as the source that they have left", async () => {
    const rig = await StillEdge.start();
    const [first, second] = [rig.drone(), rig.drone()];
    first.receive(told(0, [1]));
    second.receive(told(1, [2]));
    await rig.pass(500);
    // What it sends now contradicts what was heard: it is another one.
    second.receive(told(1, [1, 3]));
    await rig.pass(500);
    const before = second.acknowledged.length;
    first.receive(told(0, [4, 5]));
    await rig.pass(500);
    assertEquals(first.acknowledged.at(-1), [4, 5]);
    assertEquals(second.acknowledged.length, before);
    await rig.stop();
  });

  it("stay who they are: what they repeat, also on a new connection, is a duplicate and acknowledged again", async () => {
    const rig = await StillEdge.start();
    let twins = [rig.drone(), rig.drone()];
    for (const [twin, drone] of twins.entries()) drone.receive(told(twin, [1, 2, 3]));
    await rig.pass(500);
    for (const drone of twins) drone.close();
    twins = [rig.drone(), rig.drone()];
    for (const [twin, drone] of [...twins.entries()].reverse()) drone.receive(told(twin, [2, 3, 4]));
    await rig.pass(500);
    assertEquals(await forwarded(rig), [8, 4, 0]);
    assertEquals(sources(rig), [0, 1]);
    assertEquals(twins.map(({ acknowledged }) => acknowledged), [[[2, 3], [4, 4]], [[2, 3], [4, 4]]]);
    await rig.stop();
  });

  it("are at most four: a fifth is refused, and told so", async () => {
    const rig = await StillEdge.start();
    const drones = Array.from({ length: 5 }, (_, twin) => {
      const drone = rig.drone();
      drone.receive(told(twin, [1, 2]));
      return drone;
    });
    await rig.pass(1500);
    assertEquals(await forwarded(rig), [8, 0, 2]);
    assertEquals(sources(rig), [0, 1, 2, 3]);
    const reasons = ({ heard }: StillDrone) =>
      heard.flatMap(({ body }) => body.case === "throttle" ? [[body.value.reason, body.value.retryAfterMs]] : []);
    assertEquals(drones.map(reasons), [[], [], [], [], [[RefusalReason.FULL, 1000]]]);
    assertEquals(rig.losses.map(({ reason, records }) => [reason, records]), [[RefusalReason.FULL, 2]]);
    await rig.stop();
  });

  it("are both warned", async () => {
    const rig = await StillEdge.start();
    const twins = [rig.drone(), rig.drone()];
    for (const [twin, drone] of twins.entries()) drone.receive(told(twin, [1]));
    rig.tell({ case: "alerts", value: { alerts: [{ droneId: "d1", alert: { alertId: 7n, revision: 1 } }] } });
    await rig.pass(100);
    assertEquals(twins.map(({ cases }) => cases.filter((of) => of === "alert").length), [1, 1]);
    await rig.stop();
  });
});

describe("one drone on two connections", () => {
  it("is one source: what it repeats on the other is a duplicate", async () => {
    const rig = await StillEdge.start();
    const connections = [rig.drone(), rig.drone()];
    for (const drone of [...connections, ...connections]) drone.receive(told(0, [1, 2, 3]));
    await rig.pass(500);
    assertEquals(await forwarded(rig), [3, 9, 0]);
    assertEquals(sources(rig), [0]);
    await rig.stop();
  });

  it("hears on each of fifty what it has sent acknowledged", async () => {
    const rig = await StillEdge.start();
    const connections = Array.from({ length: 50 }, (_, i) => {
      const drone = rig.drone();
      drone.receive(told(0, [i + 1]));
      return drone;
    });
    await rig.pass(500);
    const deaf = connections.filter(({ acknowledged }, i) =>
      !acknowledged.some(([first, last]) => first <= i + 1 && i + 1 <= last)
    );
    assertEquals(deaf.length, 0);
    await rig.stop();
  });

  it("hears no acknowledgements on one that has long said nothing", async () => {
    const rig = await StillEdge.start();
    const [silent, speaking] = [rig.drone(), rig.drone()];
    silent.receive(told(0, [1]));
    await rig.pass(5100);
    speaking.receive(told(0, [2]));
    await rig.pass(500);
    assertEquals([silent.acknowledged, speaking.acknowledged], [[[1, 1]], [[2, 2]]]);
    await rig.stop();
  });
});

describe("a drone that goes on speaking", () => {
  const warn = async (rig: StillEdge) => {
    rig.tell({ case: "alerts", value: { alerts: [{ droneId: "d1", alert: { alertId: 7n, revision: 1 } }] } });
    await rig.pass(50);
  };
  const alerts = ({ cases }: StillDrone) => cases.filter((of) => of === "alert").length;

  it("is warned although somebody else speaks under a newer boot of its id", async () => {
    const rig = await StillEdge.start();
    const [drone, thief] = [rig.drone(), rig.drone()];
    drone.receive(told(0, [1]));
    thief.receive(told(1, [1], 2));
    await rig.pass(1000);
    await warn(rig);
    assertEquals([alerts(drone), alerts(thief)], [1, 1]);
    await rig.pass(1500);
    drone.receive(told(0, [2]));
    await warn(rig);
    assertEquals([alerts(drone), alerts(thief)], [2, 1]);
    await rig.stop();
  });

  it("is warned where it reads, and unreachable only when it reads nowhere", async () => {
    const rig = await StillEdge.start();
    const [stuck, reading] = [rig.drone(), rig.drone()];
    reading.receive(told(0, [1]));
    await rig.pass(5000);
    stuck.receive(told(0, [2]));
    stuck.bufferedAmount = 2 << 20;
    await warn(rig);
    assertEquals([alerts(stuck), alerts(reading)], [0, 1]);
    reading.bufferedAmount = 2 << 20;
    await warn(rig);
    assertEquals((await rig.status()).warnings, { sent: 1, delivered: 0, unreachable: 1, acknowledged: 0 });
    await rig.stop();
  });

  it("is warned on a new connection on which nothing of it could be taken yet", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 1, droneBurst: 1 });
    const before = rig.drone();
    before.receive(told(0, [1]));
    await rig.pass(100);
    before.close();
    const after = rig.drone();
    after.receive(told(0, [2]));
    assertEquals(after.cases, ["hello", "throttle"]);
    await warn(rig);
    assertEquals(alerts(after), 1);
    // It hears nothing of what others have sent.
    await rig.pass(500);
    assertEquals(after.acknowledged, []);
    await rig.stop();
  });
});
