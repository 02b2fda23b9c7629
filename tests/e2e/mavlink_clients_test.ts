// Vehicles by pymavlink, which nobody here has written, against the running system: their telemetry arrives field for field, and
// they are warned of each other in their own language.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { PositionView } from "../../aggregator/views.ts";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { hasPymavlink } from "../mavlink/pymavlink.ts";
import { Command } from "./command.ts";
import { freePort } from "./free_port.ts";
import { System, until } from "./system.ts";

const hasWsproto = hasPymavlink && await new Command("python3", ["-c", "import wsproto"]).succeeds();
const hasStreams = hasPymavlink && noticesBrokenSockets();

const KEY = "0123456789abcdef".repeat(4);
const SCRIPT = new URL("./clients/mavlink_vehicles.py", import.meta.url).pathname;

interface Flown {
  sent: PositionView[];
  heard: { mavpackettype: string; system: number; signed: boolean; text?: string; threat_level?: number }[];
}

/** Both vehicles, by drone id. */
async function fly(connection: string, key: string | null): Promise<Record<string, Flown>> {
  const args = [SCRIPT, connection, ...key === null ? [] : [key]];
  const { code, stdout, stderr } = await new Command("python3", args).output();
  assertEquals(code, 0, stderr);
  const flown = Object.entries(JSON.parse(stdout) as Record<string, Flown>);
  return Object.fromEntries(flown.map(([system, of]) => [`mav-${system}`, of]));
}

async function check(system: System, flown: Record<string, Flown>, isSigned: boolean): Promise<void> {
  for (const [droneId, { sent, heard }] of Object.entries(flown)) {
    const last = sent.at(-1)!;
    await until(`the last position of ${droneId} is known`, async () => {
      return (await system.drone(droneId)).position?.eventTimeUs === last.eventTimeUs;
    });
    const { position, batteries } = await system.drone(droneId);
    assertEquals(position, last);
    const battery = batteries.map(({ id, voltageMv, currentCa, remainingCpct }) => [
      id,
      voltageMv,
      currentCa,
      remainingCpct,
    ]);
    assertEquals(battery, [[0, 12_270, 1234, 8700]]);
    const [collision, text] = ["COLLISION", "STATUSTEXT"].map((name) =>
      heard.find(({ mavpackettype }) => mavpackettype === name)
    );
    assertEquals([collision?.system, collision?.signed, text?.signed], [254, isSigned, isSigned]);
    assertEquals(text?.text?.includes(droneId === "mav-7" ? "mav-8" : "mav-7"), true, text?.text);
  }
  const { mavlink, warnings, records } = await system.status();
  assertEquals([mavlink.radio.lost, mavlink.frames.unsigned, warnings.acknowledged], [0, 0, 0]);
  assertEquals([warnings.delivered === warnings.sent, warnings.sent >= 2], [true, true]);
  assertEquals([records.malformed, records.refused], [0, 0]);
}

describe("the running system, for vehicles by pymavlink", () => {
  const WAYS: { name: string; has: boolean; setting?: string; connection: (port: string) => string }[] = [
    {
      ...{ name: "UDP", has: hasPymavlink, setting: "SLIPSTREAM_MAVLINK_UDP_PORT" },
      connection: (port) => `udpout:127.0.0.1:${port}`,
    },
    {
      ...{ name: "TCP", has: hasStreams, setting: "SLIPSTREAM_MAVLINK_TCP_PORT" },
      connection: (port) => `tcp:127.0.0.1:${port}`,
    },
    { name: "WebSocket", has: hasWsproto, connection: (port) => `ws:127.0.0.1:${port}:/v1/mavlink` },
  ];
  for (const { name, has: hasClient, setting, connection } of WAYS) {
    for (const key of [null, KEY]) {
      const how = key === null ? "" : ", signed";
      it(`takes their telemetry over ${name}${how}, and warns them`, { ignore: !hasClient }, async () => {
        const folder = await Deno.makeTempDir();
        await Deno.writeTextFile(`${folder}/keys`, `7 ${KEY}\nmav-8 ${KEY}\n`, { mode: 0o600 });
        const port = `${freePort()}`;
        await using system = await System.start({
          edgeEnv: {
            ...setting !== undefined && { [setting]: port },
            ...key !== null && { SLIPSTREAM_MAVLINK_KEYS: `${folder}/keys` },
          },
        });
        const at = setting === undefined ? new URL(system.edge.url).port : port;
        await check(system, await fly(connection(at), key), key !== null);
        await Deno.remove(folder, { recursive: true });
      });
    }
  }
});
