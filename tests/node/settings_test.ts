import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../edge/config.ts";
import { memberConfig } from "../../edge/member/settings.ts";

describe("the settings of an edge of a node", () => {
  it("are the node's, but for what each has for itself", () => {
    const node = readEdgeConfig({ SLIPSTREAM_EDGE_ID: "dock", SLIPSTREAM_KV: "data/kv", SLIPSTREAM_EDGE_PORT: "0" });
    const own = memberConfig(node, { number: 2, of: 3, port: 8787, mqttPort: 1883, ratePerS: 66_000 });
    assertEquals(own, {
      ...node,
      ...{ edgeId: "dock~2", port: 8787, mqttPort: 1883, portSharedBy: 3, backlogKv: "data/kv.2" },
      ...{ nodeRatePerS: 66_000, nodeBurst: Math.floor(node.nodeBurst / 3) },
    });
  });

  it("keep batches where the platform keeps everything, and nowhere if nothing is kept", () => {
    const backlogOf = (env: Record<string, string>) =>
      memberConfig(readEdgeConfig(env), { number: 1, of: 2, port: 1, mqttPort: null, ratePerS: 1 }).backlogKv;
    assertEquals([backlogOf({ SLIPSTREAM_KV: "default" }), backlogOf({})], ["default", undefined]);
  });
});
