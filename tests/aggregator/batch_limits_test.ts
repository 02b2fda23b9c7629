import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RECORDS_MAX } from "../../aggregator/batch/columns.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batchInit, withAggregator } from "./rig.ts";

describe("the intake", () => {
  it("takes no batch that names more slots than it can have records, defined or void", async () => {
    const slots = Array.from({ length: RECORDS_MAX + 1 }, (_, i) => ({ slot: i + 1, droneId: `d${i}`, bootId: 1 }));
    for (const named of [{ slots }, { voidSlots: slots.map(({ slot }) => slot) }]) {
      await withAggregator({}, async ({ pipeline, connect }) => {
        const edge = await connect().greet();
        const most = batchInit(Uint8Array.of(1), { slots: slots.slice(1) });
        assertEquals(await edge.hand(most), BatchVerdict.ACCEPTED);
        edge.send({ case: "batch", value: batchInit(Uint8Array.of(1), named) });
        const { code, reason } = await edge.closed;
        assertEquals([code, reason.includes("slots"), pipeline.entries.length], [1008, true, 1]);
      });
    }
  });
});
