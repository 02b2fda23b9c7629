import { assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { Proofs } from "../deploy/proofs.ts";
import { Process } from "../e2e/process.ts";
import { until } from "../e2e/system.ts";
import { RawClient } from "./raw_client.ts";

interface Start {
  hosted?: boolean;
  flags?: string[];
  through?: string[];
}

// Where a platform serves it everybody proves who they are; elsewhere nobody minds a token.
const proofs = await Proofs.create("edge-1");
const drone = await proofs.droneToken("d-1");
const admin = await proofs.adminToken();
const authorization = (token: string) => ({ authorization: `Bearer ${token}` });

/** An edge as a process of its own, whose aggregator is away. */
function startEdge({ hosted = false, flags = [], through = [] }: Start = {}): Promise<Process> {
  return Process.start({
    args: ["run", "-A", "--quiet", ...flags, "edge/main.ts"],
    env: {
      SLIPSTREAM_EDGE_PORT: "0",
      SLIPSTREAM_UPLINK_URL: "ws://127.0.0.1:9/v1/uplink",
      ...hosted && { DENO_DEPLOYMENT_ID: "test", SLIPSTREAM_EDGE_HOST: "127.0.0.1", ...proofs.edgeEnv },
    },
    through,
    readyWhen: "listening on",
  });
}

async function connections(edge: Process): Promise<number> {
  return (await (await fetch(`${edge.url}/v1/status`, { headers: authorization(admin) })).json()).connections;
}

const OPEN_FILES = 256;
const WITH_FEW_FILES = ["sh", "-c", `ulimit -n ${OPEN_FILES}; exec "$0" "$@"`];

const HALF_A_HANDSHAKE = [
  "GET /v1/telemetry HTTP/1.1",
  "host: localhost",
  "upgrade: websocket",
  "connection: upgrade",
  "sec-websocket-version: 13",
  "x: ",
].join("\r\n");

for (const hosted of noticesBrokenSockets() ? [false, true] : [true]) {
  describe(`the edge's process, served ${hosted ? "by Deno.serve" : "with limits"}`, () => {
    it("outlives more drones than it has open files for, and takes drones again when they have left", async () => {
      await using edge = await startEdge({ hosted, through: WITH_FEW_FILES });
      // One after the other they come faster than the edge looks at them, and all of them get through to it.
      const clients: RawClient[] = [];
      for (let i = 0; i < 1.25 * OPEN_FILES; i++) {
        const client = await RawClient.connect(edge.url).catch(() => null);
        if (!client) continue;
        clients.push(client);
        await client.write(HALF_A_HANDSHAKE);
      }
      // With limits the edge itself drops those that do not fit; else it has no listener any more. Before it has come to them
      // they take no file, and may not leave.
      if (!hosted) await Promise.race(clients.map((client) => client.end()));
      else {await until("it accepts no more", async () => {
          const next = await RawClient.connect(edge.url).catch(() => null);
          next?.close();
          return next === null;
        }, 60_000);}
      for (const client of clients) client.close();
      await until("it takes a drone again", async () => {
        const next = await RawClient.upgrade(edge.url, authorization(drone)).catch(() => null);
        next?.client.close();
        return next?.status.includes(" 101 ") === true;
      }, 60_000);
      const { code, stderr } = await edge.stop("SIGTERM");
      assertEquals(code, 0, stderr);
      if (hosted) assertStringIncludes(stderr, "Cannot accept connections");
    });

    it("says 1001 to its drones when it is told to end, and ends", async () => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        await using edge = await startEdge({ hosted });
        const offered = ["slipstream.v1", `slipstream.token.${drone}`];
        const socket = new WebSocket(`${edge.url.replace("http", "ws")}/v1/telemetry`, offered);
        const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
        await new Promise((resolve) => socket.onmessage = resolve);
        assertEquals(await connections(edge), 1);
        const { code } = await edge.stop(signal);
        assertEquals([code, (await closed).code], [0, 1001]);
      }
    });
  });
}

describe("the edge's process", () => {
  it("follows when its host's clock is set, and says so", async () => {
    // Read in the process before the edge: from when a file is there, the clock is an hour ahead.
    const directory = await Deno.makeTempDir();
    const preload = `${directory}/clock.ts`;
    const signal = `${directory}/set`;
    await Deno.writeTextFile(
      preload,
      `const now = Date.now;
       const isSet = () => { try { return Deno.statSync(${JSON.stringify(signal)}).isFile; } catch { return false; } };
       Date.now = () => now() + (isSet() ? 3_600_000 : 0);`,
    );
    await using edge = await startEdge({ flags: ["--preload", preload] });
    const aheadMs = async () => {
      const socket = new WebSocket(`${edge.url.replace("http", "ws")}/v1/telemetry`);
      socket.binaryType = "arraybuffer";
      const closed = new Promise((resolve) => socket.onclose = resolve);
      const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
      socket.close();
      await closed;
      const { body } = fromBinary(DroneDownlinkSchema, new Uint8Array(data));
      return body.case === "hello" ? Number(body.value.serverTimeUs) / 1000 - Date.now() : NaN;
    };
    assertLess(Math.abs(await aheadMs()), 1000);
    await Deno.writeTextFile(signal, "");
    const fromMs = performance.now();
    for (let ms = 0; Math.abs(ms - 3_600_000) > 1000; ms = await aheadMs()) {
      assertLess(performance.now() - fromMs, 20_000, `the clock is ahead by ${ms} ms`);
    }
    const { stderr } = await edge.stop();
    assertMatch(stderr, /the clock was set by (3599\.9|3600\.0)\d\d s/);
    await Deno.remove(directory, { recursive: true });
  });
});
