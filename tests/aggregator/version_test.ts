import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { VERSION } from "../../platform/version.ts";
import { UPLINK_PROTOCOL } from "../../proto/versions.ts";
import { CloseCode } from "../../proto/words.ts";
import { withAggregator } from "./rig.ts";

describe("an aggregator", () => {
  it("says its version in /v1/fleet and to its edges, and theirs in /v1/fleet: also after an update", async () => {
    await withAggregator({}, async ({ aggregator, connect }) => {
      const fleet = async () => await (await fetch(`${aggregator.url}/v1/fleet`)).json();
      const greet = async (version: string) => {
        const edge = await connect().open();
        edge.send({ case: "hello", value: { edgeId: "edge-1", session: 5n, version } });
        await edge.until(() => edge.messages.length >= 3);
        return edge.messages.flatMap(({ body }) => body.case === "hello" ? [body.value.version] : []);
      };
      assertEquals([await greet("1.0.0"), (await fleet()).version], [[VERSION], VERSION]);
      assertEquals((await fleet()).edges[0].version, "1.0.0");
      await greet("2".repeat(1000));
      assertEquals((await fleet()).edges[0].version, "2".repeat(64));
    });
  });

  it("takes an edge from before versions were told", async () => {
    await withAggregator({}, async ({ aggregator, connect }) => {
      await connect().greet();
      assertEquals((await (await fetch(`${aggregator.url}/v1/fleet`)).json()).edges[0].version, "");
    });
  });

  for (const protocol of [UPLINK_PROTOCOL - 1, UPLINK_PROTOCOL, UPLINK_PROTOCOL + 1]) {
    it(`takes an edge that speaks ${protocol}, says so in /v1/fleet, and passes over what it does not know of it`, async () => {
      await withAggregator({}, async ({ aggregator, connect }) => {
        const edge = await connect().open();
        edge.send({ case: "hello", value: { edgeId: "edge-1", session: 5n, protocol } });
        await edge.until(() => edge.messages.length >= 3);
        // A message of a kind that nobody knows yet: field 15, empty.
        edge.sendRaw(Uint8Array.of(0x7a, 0));
        const before = edge.messages.length;
        edge.send({ case: "status", value: {} });
        await edge.until(() => edge.messages.length > before);
        assertEquals((await (await fetch(`${aggregator.url}/v1/fleet`)).json()).edges[0].protocol, protocol);
        assertEquals(edge.messages.flatMap(({ body }) => body.case === "hello" ? [body.value.protocol] : []), [
          UPLINK_PROTOCOL,
        ]);
      });
    });
  }

  it("refuses one of a version farther away by a clear word, in the log and as an alert that ends when it fits", async () => {
    await withAggregator({}, async ({ aggregator, connect, logs }) => {
      const details = async () => {
        const { alerts } = await (await fetch(`${aggregator.url}/v1/alerts`)).json();
        return alerts.map(({ detail }: { detail: string }) => detail);
      };
      const edge = await connect().open();
      const value = { edgeId: "edge-1", session: 5n, protocol: UPLINK_PROTOCOL + 2 };
      edge.send({ case: "hello", value });
      const { code, reason } = await edge.closed;
      assertEquals([code, edge.messages.length], [CloseCode.versionsApart, 0]);
      assertMatch(reason, /^Cannot work together: .* upgrade the aggregator$/);
      assertEquals(logs.filter((line) => line.includes(reason)).length, 1);
      assertEquals(await details(), ["edge-version/edge-1"]);
      const upgraded = await connect().open();
      upgraded.send({ case: "hello", value: { ...value, protocol: UPLINK_PROTOCOL } });
      await upgraded.until(() => upgraded.messages.length >= 3);
      assertEquals(await details(), []);
    });
  });
});
