import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { positionOf } from "../../mavlink/frames.ts";
import { RawClient } from "../raw_client.ts";
import { withEdge } from "../rig.ts";

describe("/v1/mavlink", () => {
  it("is a WebSocket with the subprotocol mavlink, or with none", () =>
    withEdge({}, async ({ url }) => {
      const asked = async (protocol: string | undefined) => {
        const heard = await RawClient.upgrade(url, { "sec-websocket-protocol": protocol }, { path: "/v1/mavlink" });
        heard.client.close();
        return heard;
      };
      assertMatch((await asked("mavlink")).text, /^HTTP\/1.1 101[^]*sec-websocket-protocol: mavlink\r\n/i);
      const { status, text } = await asked(undefined);
      assertMatch(status, /101/);
      assertEquals(/sec-websocket-protocol/i.test(text), false);
      assertMatch((await asked("slipstream.v1")).status, /400/);
      assertMatch(await fetch(`${url}/v1/mavlink`).then((answer) => answer.text()), /connect with a WebSocket/);
    }));

  it("is of one drone where its query names one", () =>
    withEdge({}, async ({ url, status }) => {
      const asked = (drone: string) => RawClient.upgrade(url, {}, { path: `/v1/mavlink?drone=${drone}` });
      const { client, status: line } = await asked("alpha%20one");
      assertMatch(line, /101/);
      client.close();
      for (const none of ["", "a".repeat(65)]) {
        const heard = await asked(none);
        assertMatch(heard.status, /403/);
        heard.client.close();
      }
      assertEquals((await status()).frames.foreign, 0);
    }));

  it("takes telemetry to the aggregator", () =>
    withEdge({}, async ({ url, aggregator }) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/v1/mavlink`);
      const opened = Promise.withResolvers<void>();
      socket.onopen = () => opened.resolve();
      await opened.promise;
      socket.send(positionOf(1000, { system: 9 }));
      await aggregator.messages.until(() =>
        aggregator.batches.some(({ slots }) => slots.some(({ droneId }) => droneId === "mav-9"))
      );
      const closed = Promise.withResolvers<void>();
      socket.onclose = () => closed.resolve();
      socket.close();
      await closed.promise;
    }));
});
