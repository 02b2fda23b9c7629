import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { VERSION } from "../../platform/version.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { TELEMETRY_PROTOCOL, UPLINK_PROTOCOL } from "../../proto/versions.ts";
import { CloseCode } from "../../proto/words.ts";
import { batteryFrame, withEdge } from "./rig.ts";

/** Bytes that are a message of a kind that nobody knows yet: field 15, empty. */
const UNKNOWN_KIND = Uint8Array.of(0x7a, 0);

describe("an edge", () => {
  it("says its version in its status, to its aggregator and to its drones", async () => {
    await withEdge({}, async ({ aggregator, connect, url }) => {
      const status = await (await fetch(`${url}/v1/status`)).json();
      const drone = connect();
      await drone.hello();
      const hellos = [...aggregator.messages.all, ...drone.inbox.all].flatMap(({ body }) =>
        body.case === "hello" ? [[body.value.version, body.value.protocol]] : []
      );
      assertEquals(status.version, VERSION);
      assertEquals(hellos, [[VERSION, UPLINK_PROTOCOL], [VERSION, TELEMETRY_PROTOCOL]]);
    });
  });

  it("works with an aggregator of a neighbouring version, and passes over what it does not know of it", async () => {
    for (const protocol of [0, UPLINK_PROTOCOL + 1]) {
      await withEdge({}, async ({ aggregator, connect, status }) => {
        aggregator.protocol = protocol;
        const before = aggregator.sockets.length;
        aggregator.sockets.at(-1)!.close();
        await aggregator.messages.until(() => aggregator.sockets.length > before);
        aggregator.sockets.at(-1)!.send(UNKNOWN_KIND);
        const drone = connect();
        await drone.hello();
        drone.send(batteryFrame("d", [1]));
        await drone.inbox.until(() => drone.acknowledged().length > 0);
        const { uplink, aggregator: told } = await status();
        assertEquals([uplink, told, aggregator.sockets.length], [
          "connected",
          { version: "9.9.9", protocol },
          before + 1,
        ]);
      });
    }
  });

  it("leaves one of a version farther away by a clear word, keeps what it has, and comes back", async () => {
    await withEdge({}, async ({ aggregator, connect, status }) => {
      aggregator.protocol = UPLINK_PROTOCOL + 2;
      const closed = Promise.withResolvers<CloseEvent>();
      const before = aggregator.sockets.length;
      aggregator.sockets.at(-1)!.close();
      await aggregator.messages.until(() => aggregator.sockets.length > before);
      aggregator.sockets.at(-1)!.onclose = closed.resolve;
      const { code, reason } = await closed.promise;
      assertEquals(code, CloseCode.versionsApart);
      assertMatch(reason, /edge speaks version 2 of the uplink, the aggregator 4; upgrade the edge$/);
      const drone = connect();
      await drone.hello();
      assertEquals(drone.inbox.all.flatMap(({ body }) => body.case === "hello" ? [body.value.cutOff] : []), [true]);
      drone.send(batteryFrame("d", [1]));
      assertEquals((await status()).uplink, "connecting");
      aggregator.protocol = UPLINK_PROTOCOL;
      await drone.inbox.until(() => drone.acknowledged().length > 0);
    });
  });

  it("keeps a batch of which a newer aggregator says what it does not know", async () => {
    await withEdge({}, async ({ aggregator, connect, status }) => {
      const verdict = 77 as BatchVerdict;
      aggregator.verdict = () => verdict;
      const drone = connect();
      await drone.hello();
      drone.send(batteryFrame("d", [1]));
      await aggregator.messages.until(() => aggregator.batches.length > 0);
      aggregator.verdict = () => BatchVerdict.ACCEPTED;
      drone.send(batteryFrame("d", [2]));
      await drone.inbox.until(() => drone.acknowledged().includes(2));
      assertEquals([drone.acknowledged(), (await status()).batches.taken], [[2], 1]);
      aggregator.tell({ case: "resend", value: {} });
      await drone.inbox.until(() => drone.acknowledged().includes(1));
    });
  });
});
