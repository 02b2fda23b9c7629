import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { until } from "../e2e/system.ts";
import { EDGE_ID, System } from "./system.ts";

for (const what of noticesBrokenSockets() ? ["edges that share a port and a certificate"] : []) {
  describe(what, () => {
    it("connect each by an id of its own, and end TLS alike", async () => {
      await using system = await System.start({ edges: 2 });
      await until("both are connected", async () => {
        const { edges } = await system.see(`${system.aggregatorUrl}/v1/fleet`) as { edges: { edgeId: string }[] };
        return edges.map(({ edgeId }) => edgeId).sort().join() === `${EDGE_ID}~1,${EDGE_ID}~2`;
      });
      // Each question goes to the one or the other by chance.
      for (let i = 0; i < 8; i++) {
        const { uplink, edges } = await system.see(`${system.edgeUrl}/v1/status`) as Record<string, unknown>;
        assertEquals([uplink, (edges as unknown[]).length], ["connected", 2]);
        assertEquals((await system.ask(`${system.edgeUrl}/v1/status`)).status, 401);
      }
    });
  });
}
