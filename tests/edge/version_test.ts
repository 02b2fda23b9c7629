import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { VERSION } from "../../platform/version.ts";
import { withEdge } from "./rig.ts";

describe("an edge", () => {
  it("says its version in its status, to its aggregator and to its drones", async () => {
    await withEdge({}, async ({ aggregator, connect, url }) => {
      const status = await (await fetch(`${url}/v1/status`)).json();
      const drone = connect();
      await drone.hello();
      const hellos = [...aggregator.messages.all, ...drone.inbox.all].flatMap(({ body }) =>
        body.case === "hello" ? [body.value.version] : []
      );
      assertEquals([status.version, ...hellos], [VERSION, VERSION, VERSION]);
    });
  });
});
