import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../edge/config.ts";
import { isolateId } from "../../edge/ids/isolate_id.ts";
import { serveByDeno } from "../../platform/server/deno_server.ts";
import { Refusals } from "../../platform/server/refusals.ts";
import type { Bindings, SocketLimits } from "../../platform/server/server.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Proofs } from "../deploy/proofs.ts";
import { Process } from "../e2e/process.ts";
import { until } from "../e2e/system.ts";
import { FakeAggregator } from "./rig.ts";

const proofs = await Proofs.create("deploy");
const SOCKETS: SocketLimits = {
  ...{
    messageBytesMax: 1024,
    fragmentsMax: 1,
    chunksMax: 1,
    messagesPerSMax: 9,
    messageMs: 1000,
    unreadBytesMax: 1024,
  },
};
const HOSTED: Record<string, string> = { DENO_DEPLOY: "true", ...proofs.edgeEnv };

describe("the settings of an edge that a platform hosts", () => {
  it("leave it to the platform where it listens, and fit its memory", () => {
    const { host, port, connectionsMax, uplinkBytesMax } = readEdgeConfig(HOSTED);
    assertEquals([host, port, connectionsMax, uplinkBytesMax], ["0.0.0.0", 8000, 5000, 64 << 20]);
    const asked = readEdgeConfig({ ...HOSTED, SLIPSTREAM_CONNECTIONS_MAX: "7", SLIPSTREAM_EDGE_PORT: "" });
    assertEquals([asked.connectionsMax, asked.port], [7, 8000]);
  });

  it("want token keys: anybody can connect there", () => {
    const { SLIPSTREAM_TOKEN_KEYS: _, ...open } = HOSTED;
    assertThrows(() => readEdgeConfig(open), TypeError, "SLIPSTREAM_TOKEN_KEYS=: must be set");
    const { identity } = readEdgeConfig(HOSTED);
    assertStringIncludes(identity?.tokens?.keys ?? "", '"keys"');
  });

  for (const name of ["SLIPSTREAM_TLS_CERT", "SLIPSTREAM_TLS_KEY", "SLIPSTREAM_TLS_CA", "SLIPSTREAM_PROXIES"]) {
    it(`refuse ${name}: TLS ends before it`, () => {
      assertThrows(
        () => readEdgeConfig({ ...HOSTED, [name]: "127.0.0.1" }),
        TypeError,
        `${name}=127.0.0.1: must not be`,
      );
    });
  }

  it("leave room behind its name for what each isolate adds", () => {
    assertEquals(readEdgeConfig({ ...HOSTED, SLIPSTREAM_EDGE_ID: "e".repeat(48) }).edgeName.length, 48);
    assertThrows(() => readEdgeConfig({ ...HOSTED, SLIPSTREAM_EDGE_ID: "e".repeat(49) }), TypeError, "at most 48");
    const { fillRandom } = systemPlatform("test");
    assertMatch(isolateId("e".repeat(48), fillRandom), /^[^\p{Cc}]{1,64}$/u);
  });

  it("count everybody as one who shares an address: nobody shuts the others out", () => {
    assertEquals([...readEdgeConfig(HOSTED).sharedAddresses], ["127.0.0.1", "::1", "platform"]);
  });
});

describe("a server that a platform hosts", () => {
  for (const hosted of [true, false]) {
    it(`says that everybody comes from ${hosted ? "the platform" : "an address, where none does"}`, async () => {
      const { clock, after, every, soon, log } = systemPlatform("test");
      const app = { fetch: (_: Request, { peer }: Bindings) => Response.json(peer?.address ?? null) };
      const places = { connectionsMax: 9, addressConnectionsMax: 9, sharedAddresses: new Set<string>() };
      const settings = { ...places, host: "127.0.0.1", port: 0, listenBacklog: 8, sockets: SOCKETS, tls: null };
      const machine = { clock, after, every, soon, log };
      const server = serveByDeno(app, { ...settings, ...machine, refusals: new Refusals(), hosted });
      assertEquals(await (await fetch(server.url)).json(), hosted ? "platform" : "127.0.0.1");
      await server.stop();
    });
  }
});

describe("isolateId", () => {
  it("begins with the name, and is another one each time", () => {
    const { fillRandom } = systemPlatform("test");
    const [one, other] = [isolateId("edge-1", fillRandom), isolateId("edge-1", fillRandom)];
    assertMatch(one, /^edge-1~[0-9a-z]{8}$/);
    assertNotEquals(one, other);
  });
});

describe("an edge that a platform hosts", () => {
  const start = (env: Record<string, string>) =>
    Process.start({
      args: ["run", "-A", "--quiet", "edge/main.ts"],
      env: { ...HOSTED, ...env },
      readyWhen: "listening on",
    });

  it("goes by an id of its own, though another one has the same settings", async () => {
    const aggregator = new FakeAggregator();
    const env = { DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0", SLIPSTREAM_UPLINK_URL: aggregator.url };
    await using _one = await start(env);
    await using _other = await start(env);
    const hellos = await aggregator.messages.until((all) => {
      const found = all.flatMap(({ body }) => body.case === "hello" ? [body.value.edgeId] : []);
      return new Set(found).size >= 2 && found;
    });
    for (const edgeId of hellos) assertMatch(edgeId, /^deploy~[0-9a-z]{8}$/);
    await aggregator.stop();
  });

  it("listens where the platform says, on a socket without a port as well", async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/edge.sock`;
    await using _edge = await start({ DENO_SERVE_ADDRESS: `unix:${path}`, SLIPSTREAM_UPLINK_URL: "ws://127.0.0.1:9/" });
    let answer = "";
    await until("it answers", async () => {
      using socket = await Deno.connect({ transport: "unix", path });
      await socket.write(
        new TextEncoder().encode("GET /v1/telemetry HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n\r\n"),
      );
      const buffer = new Uint8Array(4096);
      answer = new TextDecoder().decode(buffer.subarray(0, await socket.read(buffer) ?? 0));
      return answer !== "";
    });
    // Whoever asks has no address: that is no reason not to answer.
    assertStringIncludes(answer, " 400 ");
    await Deno.remove(folder, { recursive: true });
  });
});
