import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../../edge/config.ts";
import { mustSign, serveMavlinkTcp, serveMavlinkUdp } from "../../../edge/ingest/mavlink_serving.ts";
import type { Links } from "../../../edge/ingest/mavlink/links.ts";
import { Refusals } from "../../../platform/server/refusals.ts";
import { noticesBrokenSockets } from "../../../platform/runtime.ts";
import { systemPlatform } from "../../../platform/system.ts";
import { Changes } from "../../changes.ts";
import { DatagramClient } from "../../server/datagram_client.ts";

type Taken = { uri: string; droneIds: unknown; mustSign: boolean | undefined };

/** What this Deno can serve. */
const WAYS = noticesBrokenSockets() ? ["udp", "tcp"] as const : ["udp"] as const;
/** On this machine all the same; to the edge it is as any other address. */
const BEYOND_LOOPBACK = "::ffff:127.0.0.1";

/** How a peer on this machine is taken, who says this. */
async function taken(
  way: typeof WAYS[number],
  { host = "127.0.0.1", peers = "127.0.0.2", says = ["x"] }: { host?: string; peers?: string; says?: string[] } = {},
): Promise<{ peers: Taken[]; refused: number }> {
  const [changes, refusals] = [new Changes(), new Refusals()];
  const all: Taken[] = [];
  const take: Links["take"] = (_, { uri, droneIds }, { mustSign } = {}) => {
    all.push({ uri, droneIds, mustSign });
    changes.happened();
    return { bytes: () => {}, text: () => {}, closed: () => {} };
  };
  const isSigned: Links["isSigned"] = (datagram) => new TextDecoder().decode(datagram) === "signed";
  const door = { open: () => Promise.resolve({ take, accept: () => {}, isSigned }) };
  const config = readEdgeConfig({
    [`SLIPSTREAM_MAVLINK_${way.toUpperCase()}_PORT`]: "0",
    SLIPSTREAM_MAVLINK_HOST: host,
    SLIPSTREAM_MAVLINK_PEERS: peers,
  });
  const serving = { config, platform: { ...systemPlatform("test"), log: () => {} }, refusals };
  const server = (await (way === "udp" ? serveMavlinkUdp : serveMavlinkTcp)(door, serving))!;
  const port = Number(server.url.split(":").at(-1));
  const client = way === "udp" ? await DatagramClient.open(port) : await Deno.connect({ port });
  if (client instanceof DatagramClient) { for (const each of says) await client.send(each); }
  await changes.until(() => all[0]);
  client.close();
  await server.stop();
  return { peers: all, refused: refusals.view.unsigned };
}

describe("MAVLink without a WebSocket", () => {
  for (const way of WAYS) {
    it(`takes whoever is on this machine, where it is bound to that, over ${way.toUpperCase()}`, async () => {
      const { peers, refused } = await taken(way);
      assertEquals([peers, refused], [[{ uri: "mavlink:127.0.0.1/1", droneIds: null, mustSign: false }], 0]);
    });
  }

  it("takes a stranger over UDP once a datagram of his is signed, and not before", async () => {
    const { peers, refused } = await taken("udp", { host: BEYOND_LOOPBACK, says: ["x", "y", "signed", "z"] });
    assertEquals([peers, refused], [[{ uri: "mavlink:127.0.0.1/1", droneIds: null, mustSign: true }], 2]);
  });

  it("takes who is named over UDP, whatever he says", async () => {
    const { peers, refused } = await taken("udp", { host: BEYOND_LOOPBACK, peers: "127.0.0.1" });
    assertEquals([peers, refused], [[{ uri: "mavlink:127.0.0.1/1", droneIds: null, mustSign: false }], 0]);
  });

  const CASES: [what: string, host: string, peers: string[], signs: boolean][] = [
    ["is on this machine, which is all that it is bound to", "127.0.0.1", [], false],
    ["is named", "0.0.0.0", ["10.0.0.1", "10.0.0.2"], false],
    ["is not named", "0.0.0.0", ["10.0.0.2"], true],
    ["is one of anybody", "10.0.0.9", [], true],
  ];
  for (const [what, host, peers, signs] of CASES) {
    it(`${signs ? "hears by its signatures only" : "hears"} who ${what}`, () => {
      assertEquals(mustSign("10.0.0.1", { host, peers: new Set(peers) }), signs);
    });
  }

  it("is off unless it is asked for", async () => {
    const door = { open: () => Promise.reject(new Error("Cannot open: nobody may knock")) };
    const serving = { config: readEdgeConfig({}), platform: systemPlatform("test"), refusals: new Refusals() };
    assertEquals([await serveMavlinkUdp(door, serving), await serveMavlinkTcp(door, serving)], [null, null]);
  });
});
