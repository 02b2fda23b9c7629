import { create, toBinary } from "@bufbuild/protobuf";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import {
  SealedBatchSchema,
  SlotDefinitionSchema,
  TelemetryBatchSchema,
} from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batchInit, withAggregator } from "./rig.ts";

const slots = [
  create(SlotDefinitionSchema, { slot: 1, droneId: "drone-1", bootId: 7, fleet: "fleet", zone: "north" }),
];

/** A position and a battery of slot 1, with the sequence numbers `seq` and the next. */
function telemetry(nowMs: number, seq: number): Uint8Array<ArrayBuffer> {
  const [eventS, eventUs] = [Math.floor(nowMs / 1000), Math.floor(nowMs % 1000) * 1000];
  const time = { eventS: [eventS], eventUs: [eventUs], flags: [3] };
  const positions = {
    count: 1,
    slot: [1],
    seq: [seq],
    latE7: [474_000_000],
    lonE7: [85_000_000],
    fixType: [3],
    ...time,
  };
  const batteries = {
    count: 1,
    slot: [1],
    seq: [1],
    presence: [5],
    voltageMv: [15_000],
    remainingCpct: [5_210],
    ...time,
  };
  return toBinary(TelemetryBatchSchema, create(TelemetryBatchSchema, { positions, batteries }));
}

describe("a batch of telemetry", () => {
  it("passes intake, pipeline and sinks to the API, counted once", async () => {
    const parts = { pipeline: new Pipeline(PIPELINE_DEFAULTS), decode: decodeBatch };
    await withAggregator(parts, async ({ aggregator, connect }) => {
      const get = async (path: string) => await (await fetch(`${aggregator.url}${path}`)).json();
      const edge = await connect().greet();
      const nowMs = performance.timeOrigin + performance.now();
      const batch = batchInit(telemetry(nowMs, 0), { records: 2 });
      const defined = create(SealedBatchSchema, { ...batch, slots });
      assertEquals(await edge.hand(batch), BatchVerdict.UNKNOWN_SLOT);
      assertEquals(await edge.hand(defined), BatchVerdict.ACCEPTED);
      assertEquals(await edge.hand(batch), BatchVerdict.ACCEPTED);
      assertEquals(await edge.hand(batchInit(Uint8Array.of(0x0a, 0xff))), BatchVerdict.MALFORMED);

      const fleet = await get("/v1/fleet");
      assertEquals([fleet.drones, fleet.dronesAirborne, fleet.records.accepted], [1, 1, 2]);
      assertEquals(fleet.batches, { accepted: 1, duplicate: 1, unknownSlot: 1, quarantined: 0 });
      const drone = await get("/v1/drones/drone-1");
      assertEquals([drone.zone, drone.bootId, drone.batteries[0].remainingCpct], ["north", 7, 5_210]);
      assertAlmostEquals(drone.position.latDeg, 47.4);

      // A later measurement moves the watermark past the end of the first one's window.
      const response = await fetch(`${aggregator.url}/v1/events`);
      assertEquals(await edge.hand(batchInit(telemetry(nowMs + 1_500, 2), { records: 2 })), BatchVerdict.ACCEPTED);
      const window = await firstWindow(response.body!);
      assertEquals(window.records, { position: 1, battery: 1, obstacles: 0, nearDuplicate: 0 });
    });
  });
});

interface WindowEvent {
  kind: string;
  dronesReporting: number;
  records: Record<string, number>;
}

async function firstWindow(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<WindowEvent> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    while (true) {
      const { value, done } = await reader.read();
      assert(!done, "The events ended before a window came");
      text += value;
      for (const [, data] of text.matchAll(/^event: window\ndata: (.*)\n\n/gm)) {
        const window: WindowEvent = JSON.parse(data!);
        if (window.kind === "tumbling" && window.dronesReporting > 0) return window;
      }
    }
  } finally {
    await reader.cancel();
  }
}
