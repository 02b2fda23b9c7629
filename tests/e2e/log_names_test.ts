import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { create, toBinary } from "@bufbuild/protobuf";
import { systemPlatform } from "../../platform/system.ts";
import { pseudonyms } from "../../platform/pseudonyms.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { fleetPlan } from "../../sim/fleet.ts";
import { Run } from "../../sim/run.ts";
import { System, until } from "./system.ts";

const KEY = "a key that this test has written down, and nobody else";
const HOSTILE = "drone-that-lies";

/** What a drone may send that it should not, each on a connection of its own, until the edge has answered or closed. */
async function misbehave(url: string): Promise<void> {
  const frame = toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, { droneId: HOSTILE, bootId: 1 }));
  const broken = Uint8Array.from([...frame, 0x1a, 0x7f, 1, 2, 3]);
  const huge = new Uint8Array(100_000);
  huge.set(frame);
  for (const bytes of [broken, huge, `{"droneId":"${HOSTILE}"}`]) {
    const socket = new WebSocket(url, "slipstream.v1");
    socket.binaryType = "arraybuffer";
    await new Promise((resolve) => socket.onopen = resolve);
    const answered = new Promise((resolve) => socket.onclose = socket.onmessage = resolve);
    for (let i = 0; i < 50; i++) socket.send(bytes);
    await answered;
    if (socket.readyState === WebSocket.OPEN) {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    }
  }
}

describe("the log of an edge and an aggregator", () => {
  it("names no drone by its id, whatever goes wrong, and one that is refused by what stands for it", async () => {
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, `${KEY}\n`);
    const few = { SLIPSTREAM_DRONE_RATE: "20", SLIPSTREAM_DRONE_BURST: "20" };
    await using system = await System.start({ edgeEnv: { ...few, SLIPSTREAM_PSEUDONYM_KEY: path } });
    const plan = fleetPlan({ drones: 6, seed: 3, scenario: "twins", coalesce: false });
    const ids = [HOSTILE, ...new Set(plan.drones.map(({ droneId }) => droneId))];
    const signal = new AbortController().signal;
    const run = new Run({ url: system.telemetryUrl, plan, seconds: 6, signal, platform: systemPlatform("sim") });
    await run.connect();
    await Promise.all([run.send(), misbehave(system.telemetryUrl)]);
    await run.close();
    for (const id of ids) {
      const asked = await fetch(`${system.aggregator.url}/v1/drones/${id}`);
      await asked.body?.cancel();
    }
    const headers = { "content-type": "application/json" };
    const erase = `${system.aggregator.url}/v1/drones/${ids[1]}/erase`;
    const answer = await fetch(erase, { method: "POST", headers, body: JSON.stringify({ by: "Ada" }) });
    assertEquals((await answer.json()).by, "Ada");
    await until("drones were refused", async () => (await system.fleet()).refusedRecords > 0);
    const raised = await system.alertHistory();
    const { frames, records } = await system.status();
    assertGreater(raised.length, 0);
    assertGreater(Math.min(frames.malformed, records.refused), 0);
    const { stderr } = await system.stop();
    await Deno.remove(path);
    assertEquals(stderr.split("\n").filter((line) => ids.some((id) => line.includes(id))), []);
    const [, named] = /records refused.*, the last of (drone:[0-9a-f]{10}); see/.exec(stderr) ?? [];
    const names = ids.map(pseudonyms(KEY, "drone"));
    assertEquals(names.filter((name) => name === named).length, 1, stderr);
    assertMatch(stderr, /erasing drone:[0-9a-f]{10}: /);
  });
});
