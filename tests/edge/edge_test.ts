import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { until } from "../e2e/system.ts";
import { batteryFrame, frame, withEdge } from "./rig.ts";

const seqs = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe("an edge", () => {
  it("acknowledges a drone's records after the aggregator has, exactly", () =>
    withEdge({}, async ({ aggregator, connect, status }) => {
      let accept = () => {};
      const held = new Promise<void>((resolve) => accept = resolve);
      aggregator.verdict = () => null;
      const drone = connect();
      await drone.hello();
      drone.send(batteryFrame("d1", seqs(3)));
      const batch = await aggregator.messages.until(() => aggregator.batches[0]);
      assertEquals([batch.records, batch.lane, batch.slots.map(({ droneId }) => droneId)], [3, Lane.BULK, ["d1"]]);
      assertEquals(drone.acknowledged(), []);
      aggregator.tell({ case: "ack", value: { batchId: batch.batchId, verdict: BatchVerdict.ACCEPTED } });
      accept();
      await held;
      await drone.inbox.until(() => drone.acknowledged().length === 3);
      assertEquals(drone.acknowledged(), [1, 2, 3]);
      aggregator.verdict = () => BatchVerdict.ACCEPTED;
      assertEquals((await status()).records.forwarded, 3);
    }));

  it("sends a position on the safety lane, and a battery of the same frame on the bulk lane", () =>
    withEdge({}, async ({ aggregator, connect }) => {
      const drone = connect();
      await drone.hello();
      drone.send(frame({
        droneId: "d1",
        bootId: 1,
        records: [
          { seq: 1, eventTimeUs: 1n, body: { case: "position", value: { latE7: 470000000, lonE7: 80000000 } } },
          { seq: 2, eventTimeUs: 2n, body: { case: "battery", value: { id: 0 } } },
        ],
      }));
      await drone.inbox.until(() => drone.acknowledged().length === 2);
      assertEquals(aggregator.batches.map(({ lane }) => lane), [Lane.SAFETY, Lane.BULK]);
    }));

  it("defines a slot until the aggregator has acknowledged it, and again when asked", () =>
    withEdge({}, async ({ aggregator, connect }) => {
      const drone = connect();
      await drone.hello();
      drone.send(batteryFrame("d1", [1]));
      await drone.inbox.until(() => drone.acknowledged().includes(1));
      let asked = false;
      aggregator.verdict = () => {
        if (asked) return BatchVerdict.ACCEPTED;
        asked = true;
        return BatchVerdict.UNKNOWN_SLOT;
      };
      drone.send(batteryFrame("d1", [2]));
      await drone.inbox.until(() => drone.acknowledged().includes(2));
      assertEquals(aggregator.batches.map(({ slots }) => slots.length), [1, 0, 1]);
    }));

  it("sends what is unacknowledged again on a new connection", () =>
    withEdge({}, async ({ aggregator, connect }) => {
      aggregator.verdict = () => null;
      const drone = connect();
      await drone.hello();
      drone.send(batteryFrame("d1", [1, 2]));
      const lost = await aggregator.messages.until(() => aggregator.batches[0]);
      aggregator.verdict = () => BatchVerdict.ACCEPTED;
      aggregator.sockets[0]!.close();
      await drone.inbox.until(() => drone.acknowledged().length === 2);
      assertEquals(aggregator.batches.map(({ batchId }) => batchId), [lost.batchId, lost.batchId]);
    }));

  it("acknowledges again what a drone repeats after its acknowledgement was lost", () =>
    withEdge({}, async ({ connect, status }) => {
      const first = connect();
      await first.hello();
      first.send(batteryFrame("d1", [1]));
      await first.inbox.until(() => first.acknowledged().length === 1);
      const second = connect();
      await second.hello();
      second.send(batteryFrame("d1", [1]));
      await second.inbox.until(() => second.acknowledged().length === 1);
      const { records } = await status();
      assertEquals([records.received, records.forwarded, records.duplicate], [2, 1, 1]);
    }));

  it("answers a refusal with the range and a time, and reports it to the ledger", () =>
    withEdge({ droneRatePerS: 1, droneBurst: 2 }, async ({ aggregator, connect, status }) => {
      const drone = connect();
      await drone.hello();
      drone.send(batteryFrame("d1", [1, 2]));
      drone.send(batteryFrame("d1", [3, 4]));
      const throttle = await drone.inbox.until((all) =>
        all.flatMap(({ body }) => body.case === "throttle" ? [body.value] : [])[0]
      );
      assertEquals([throttle.bootId, throttle.refused?.firstSeq, throttle.refused?.lastSeq], [1, 3, 4]);
      assertEquals(throttle.reason, RefusalReason.DRONE_RATE);
      assertGreater(throttle.retryAfterMs, 0);
      const loss = await aggregator.messages.until((all) =>
        all.flatMap(({ body }) => body.case === "losses" ? body.value.losses : [])[0]
      );
      assertEquals([loss.droneId, loss.records, loss.range?.firstSeq, loss.range?.lastSeq], ["d1", 2, 3, 4]);
      const { records } = await status();
      assertEquals(
        records.received,
        records.forwarded! + records.duplicate! + records.nearDuplicate! + records.malformed! + records.refused!,
      );
    }));

  it("closes a connection that sends text with 1003", () =>
    withEdge({}, async ({ connect }) => {
      const drone = connect();
      await drone.hello();
      drone.send("hello");
      assertEquals((await drone.closed).code, 1003);
    }));

  it("closes a connection that sends too large a frame with 1009", () =>
    withEdge({}, async ({ connect }) => {
      const drone = connect();
      await drone.hello();
      drone.send(new Uint8Array(65_537));
      assertEquals((await drone.closed).code, 1009);
    }));

  it("hands over what it has when it stops, then closes its sockets with 1001", () =>
    withEdge({}, async ({ connect, edge, status }) => {
      const drone = connect();
      await drone.hello();
      drone.send(batteryFrame("d1", seqs(5)));
      await until("they are in", async () => (await status()).records.received === 5);
      await edge.stop(2000);
      assertEquals((await drone.closed).code, 1001);
      assertEquals(drone.acknowledged(), seqs(5));
    }));
});

describe("an edge's HTTP surface", () => {
  it("is healthy, and ready while it is connected to the aggregator", () =>
    withEdge({}, async ({ edge, status }) => {
      assertEquals((await edge.app.request("/healthz")).status, 200);
      await until("its uplink", async () => (await status()).uplink === "connected");
      assertEquals((await edge.app.request("/readyz")).status, 200);
      await edge.stop(10);
      assertEquals((await edge.app.request("/readyz")).status, 503);
    }));

  it("says what to do instead of plain HTTP, of another subprotocol and of an unknown path", () =>
    withEdge({}, async ({ edge }) => {
      const plain = await edge.app.request("/v1/telemetry");
      assertEquals(plain.status, 426);
      const headers = { upgrade: "WebSocket", "sec-websocket-protocol": "mqtt" };
      const other = await edge.app.request("/v1/telemetry", { headers });
      assertEquals(other.status, 400);
      assertStringIncludes((await other.json()).error, "slipstream.v1");
      assertEquals((await edge.app.request("/nowhere")).status, 404);
    }));
});
