import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { VERSION } from "../../platform/version.ts";
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
});
