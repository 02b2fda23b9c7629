import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../../edge/config.ts";
import { memberConfig } from "../../../edge/member/settings.ts";

describe("the settings of MAVLink", () => {
  const UDP = { SLIPSTREAM_MAVLINK_UDP_PORT: "14550" };
  const HOSTED = { DENO_DEPLOY: "1", SLIPSTREAM_TOKEN_KEYS: "https://keys.example.com/set" };
  const WRONG: [what: string, env: Record<string, string>, why: string][] = [
    [
      "a port beyond loopback for anybody",
      { ...UDP, SLIPSTREAM_MAVLINK_HOST: "0.0.0.0" },
      "beyond loopback anybody can",
    ],
    ["a port where the platform takes none", { ...UDP, ...HOSTED }, "the platform takes WebSockets only"],
    ["a system that is none", { SLIPSTREAM_MAVLINK_SYSTEMS: "251=a" }, "must be such as 7=drone-7"],
    ["a drone that is none", { SLIPSTREAM_MAVLINK_SYSTEMS: `7=${"a".repeat(65)}` }, "must be such as 7=drone-7"],
    ["one system that is two drones", { SLIPSTREAM_MAVLINK_SYSTEMS: "7=a,7=b" }, "each system and each drone once"],
    ["one drone that is two systems", { SLIPSTREAM_MAVLINK_SYSTEMS: "7=a,8=a" }, "each system and each drone once"],
    ["what names no drone", { SLIPSTREAM_MAVLINK_SYSTEMS: "7=,8" }, "must be such as 7=drone-7"],
    ["a peer that is no address", { SLIPSTREAM_MAVLINK_PEERS: "drone.local" }, "must be IP addresses"],
  ];
  for (const [what, env, why] of WRONG) {
    it(`refuse ${what}`, () => void assertThrows(() => readEdgeConfig(env), TypeError, why));
  }

  it("say whose systems are whose, and who need not sign", () => {
    const { mavlink } = readEdgeConfig({
      ...UDP,
      SLIPSTREAM_MAVLINK_HOST: "0.0.0.0",
      SLIPSTREAM_MAVLINK_SYSTEMS: "7=drone-7, 8=a=b",
      SLIPSTREAM_MAVLINK_PEERS: "10.0.0.1,2001:DB8::0:1",
    });
    assertEquals(mavlink, {
      ...{ host: "0.0.0.0", udpPort: 14_550, tcpPort: null, keysPath: null, tellsIntruders: false },
      ...{ peers: new Set(["10.0.0.1", "2001:db8::1"]), systems: new Map([[7, "drone-7"], [8, "a=b"]]) },
    });
    assertEquals(readEdgeConfig({}).mavlink.systems, null);
  });

  it("give the ports to the first edge of a node", () => {
    const config = readEdgeConfig(UDP);
    const portOf = (number: number) =>
      memberConfig(config, { number, of: 2, port: 1, mqttPort: null, ratePerS: 1 }).mavlink.udpPort;
    assertEquals([portOf(1), portOf(2)], [14_550, null]);
  });
});
