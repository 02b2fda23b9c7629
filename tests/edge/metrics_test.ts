import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DRONES_MAX } from "../../wasm/limits.ts";
import { batteryFrame, withEdge } from "./rig.ts";

/** By name and labels. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

describe("an edge, asked for its metrics", () => {
  it("tells what /v1/status tells", async () => {
    await withEdge({}, async ({ aggregator, connect, url, status }) => {
      const drone = connect();
      await drone.hello();
      drone.send(batteryFrame("d-1", [1, 2, 2]));
      await drone.inbox.until(() => drone.acknowledged().length === 2);
      await aggregator.messages.until((all) => all.some(({ body }) => body.case === "batch"));
      const response = await fetch(`${url}/metrics`);
      const told = samplesOf(await response.text());
      const { records, frames, connections, slots } = await status();
      assertEquals(response.headers.get("content-type")?.startsWith("text/plain; version=0.0.4"), true);
      const edge = (name: string) => told.get(`slipstream_edge_${name}`);
      for (const verdict of ["forwarded", "duplicate", "malformed", "refused", "shed"]) {
        assertEquals(edge(`records_total{verdict="${verdict}"}`), records[verdict], verdict);
      }
      assertEquals([records.forwarded, records.duplicate], [2, 1]);
      assertEquals(
        [edge("records_received_total"), edge("frames_malformed_total"), edge("connections"), edge("slots")],
        [records.received, frames.malformed, connections, slots.known],
      );
      assertEquals([edge("uplink_connected"), edge(`batches_total{lane="bulk"}`)], [1, 1]);
      assertEquals(edge(`acknowledgement_seconds_count{lane="bulk"}`), 1);
      assertEquals(
        [edge(`sealed_records_total{lane="bulk"}`), edge(`flushes_total{reason="due"}`)],
        [records.forwarded, 1],
      );
      assertEquals(
        ["websocket", "json", "mqtt", "mavlink"].map((protocol) =>
          edge(`protocol_connections{protocol="${protocol}"}`)
        ),
        [1, 0, 0, 0],
      );
      assertEquals([edge(`batches_credit{lane="safety"}`), edge(`batches_credit{lane="bulk"}`)], [8, 16]);
      assertEquals(edge("slots_max"), DRONES_MAX);
      await drone.close();
      const stillThere = async () =>
        samplesOf(await (await fetch(`${url}/metrics`)).text()).get(
          'slipstream_edge_protocol_connections{protocol="websocket"}',
        );
      const untilMs = performance.now() + 20_000;
      while (await stillThere() !== 0) assertLess(performance.now(), untilMs);
    });
  });

  it("counts what was refused by why", async () => {
    await withEdge({ droneRatePerS: 1, droneBurst: 2 }, async ({ connect, url }) => {
      const drone = connect();
      await drone.hello();
      for (const seq of [1, 2, 3, 4]) drone.send(batteryFrame("d-1", [seq]));
      await drone.inbox.until((all) => all.filter(({ body }) => body.case === "throttle").length > 0);
      const told = samplesOf(await (await fetch(`${url}/metrics`)).text());
      const byReason = (reason: string) => told.get(`slipstream_edge_ledger_records_total{reason="${reason}"}`);
      assertEquals(byReason("drone-rate"), told.get(`slipstream_edge_records_total{verdict="refused"}`));
      assertEquals((byReason("drone-rate") ?? 0) > 0 && byReason("node-rate") === 0, true);
    });
  });
});
