import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Traces } from "../../aggregator/tracing/traces.ts";
import { openLog } from "../../platform/log.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batchInit, platform, withAggregator } from "../aggregator/rig.ts";
import { contextOf, writtenSpans } from "./written_spans.ts";

describe("a batch that cannot be read", () => {
  it("is in a trace, of which its edge is told and the log has the id", async () => {
    const { tracer, told } = writtenSpans();
    const [lines, machine]: [string[], ReturnType<typeof platform>] = [[], platform()];
    const log = openLog({
      ...{ ...machine, name: "aggregator", format: "json", level: "info", now: () => 0 },
      write: (line) => lines.push(line),
    });
    const traced = { ...machine, log, traces: new Traces({ ...machine, tracer }) };
    await withAggregator({ platform: traced }, async ({ connect }) => {
      const edge = await connect().greet();
      assertEquals(await edge.hand(batchInit(Uint8Array.of(1))), BatchVerdict.ACCEPTED);
      assertEquals(await edge.hand(batchInit(Uint8Array.of(0xff))), BatchVerdict.MALFORMED);
      const traces = edge.messages.flatMap(({ body }) => body.case === "ack" ? [body.value.trace] : []);
      assertEquals(traces.map((trace) => [...trace]), [[], [...contextOf(1)]]);
      assertMatch(told().join(), /^telemetry > pipeline: .*0xff.*, > telemetry: .*0xff/);
      const [{ traceId, spanId, level }] = lines.flatMap((line) =>
        line.includes("malformed") ? [JSON.parse(line)] : []
      );
      assertEquals([level, traceId, spanId], ["warn", "01".repeat(16), "01".repeat(8)]);
    });
  });
});
