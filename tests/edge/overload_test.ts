import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Lane, type SealedBatch } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batteryFrame, frame } from "./rig.ts";
import { StillEdge } from "./still_rig.ts";

const POSITION = frame({
  droneId: "d1",
  bootId: 1,
  records: [{
    seq: 9,
    eventTimeUs: 1_790_000_000_000_000n,
    flags: 3,
    body: { case: "position", value: { latE7: 470_000_000, lonE7: 80_000_000, fixType: 3 } },
  }],
});

/** What becomes of eight batteries, a position and a drone that connects. */
interface Outcome {
  /** When their batch left, and how many were in it. */
  bulk: [afterMs: number, records: number] | null;
  shed: [firstSeq: number, lastSeq: number][];
  positions: number;
  connects: boolean;
}

/** At an edge that comes so late for 0.8 s. */
async function overloaded(lagMs: number): Promise<Outcome & { level: number }> {
  const rig = await StillEdge.start();
  const drone = rig.drone();
  for (let check = 0; check < 4; check++) {
    rig.loseTime(lagMs);
    await rig.pass(200);
  }
  const fromMs = rig.world.nowMs;
  const left = new Map<Lane, [afterMs: number, records: number]>();
  rig.answer = ({ lane, records }: SealedBatch) => {
    left.set(lane, [Math.round(rig.world.nowMs - fromMs), records]);
    return { verdict: BatchVerdict.ACCEPTED };
  };
  drone.receive(batteryFrame("d1", [1, 2, 3, 4, 5, 6, 7, 8]));
  drone.receive(POSITION);
  await rig.pass(190);
  const headers = { upgrade: "websocket", "sec-websocket-protocol": "mqtt" };
  const { status } = await rig.edge.app.request("/v1/telemetry", { headers });
  const { level } = await rig.status();
  await rig.stop();
  return {
    ...{ level, bulk: left.get(Lane.BULK) ?? null, positions: left.get(Lane.SAFETY)?.[1] ?? 0 },
    shed: drone.lost(RefusalReason.SHED),
    // Asked for a subprotocol that it does not speak: 400 says that it would have taken the connection.
    connects: status === 400,
  };
}

describe("an overloaded edge", () => {
  const all: Outcome = { bulk: [100, 8], positions: 1, shed: [], connects: true };
  const none: Outcome = { ...all, bulk: null, shed: [[1, 8]] };
  const levels: [lagMs: number, Outcome][] = [
    [0, { ...all, bulk: [50, 8] }],
    [25, all],
    [150, { ...all, bulk: [100, 2], shed: [[1, 3], [5, 7]] }],
    [400, none],
    [1000, { ...none, connects: false }],
  ];
  for (const [level, [lagMs, expected]] of levels.entries()) {
    it(`that comes ${lagMs} ms late gives up what level ${level} says, and no position`, async () =>
      assertEquals(await overloaded(lagMs), { level, ...expected }));
  }
});
