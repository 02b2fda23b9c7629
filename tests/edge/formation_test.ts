import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { frame } from "./rig.ts";
import { StillEdge } from "./still_rig.ts";

describe("the formation that a drone declares", () => {
  it("reaches the aggregator with its slot, again when it changes, and not with each batch", async () => {
    const rig = await StillEdge.start();
    const drone = rig.drone();
    let seq = 0;
    const declared: string[] = [];
    for (const group of ["", "show", "show", "show", "other", "", ""]) {
      const eventTimeUs = BigInt(1_790_000_000_000_000 + ++seq * 1000);
      const records = [{ seq, eventTimeUs, body: { case: "battery" as const, value: { id: 0 } } }];
      const before = rig.batches.length;
      drone.receive(frame({ droneId: "d1", bootId: 1, group, records }));
      await rig.pass(500);
      const sent = rig.batches.slice(before).flatMap(({ slots }) => slots);
      declared.push(sent.map(({ group }) => `"${group}"`).join());
    }
    assertEquals(declared, ['""', '"show"', "", "", '"other"', '""', ""]);
    await rig.stop();
  });
});
