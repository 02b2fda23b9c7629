// Clients that others have made, unmodified, against the running system: each sends telemetry of a drone that flies at
// something, and is warned of it.
import { fromJsonString } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import mqtt from "mqtt";
import { AlertKind, AlertSchema } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { hasTool } from "../server/tools.ts";
import { Command } from "./command.ts";
import { freePort } from "./free_port.ts";
import { System, until } from "./system.ts";

const hasMosquitto = hasTool("mosquitto") && hasTool("mosquitto_pub");
const hasPaho = await new Command("python3", ["-c", "import paho.mqtt"]).succeeds();

/** Frames enough for two scans running, and some more while a client subscribes. */
const FRAMES_MAX = 60;
const FRAME_MS = 200;

/** The JSON of a frame, measured now: a drone in the air, 3 m before something. */
function frame(droneId: string, i: number): string {
  const eventTimeUs = `${Date.now() * 1000}`;
  const position = { latE7: 474_000_000 + i * 300, lonE7: 85_000_000, altMslMm: 500_000, fixType: 3, vnCms: 200 };
  const obstacles = { sensorId: 1, maxRangeCm: 3000, hits: [{ bearingCdeg: 0, rangeCm: 300 }] };
  const records = [{ position }, { obstacles }].map((body, k) => ({
    seq: 2 * i + k + 1,
    eventTimeUs,
    flags: 3,
    ...body,
  }));
  return JSON.stringify({ droneId, bootId: 1, records });
}

async function* frames(droneId: string, isEnough: () => boolean): AsyncGenerator<string> {
  for (let i = 0; i < FRAMES_MAX && !isEnough(); i++) {
    yield frame(droneId, i);
    await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
  }
}

/** One run: the text of the first warning. */
type Fly = (at: { port: number; url: string; droneId: string }) => Promise<string>;

/** By `mosquitto_pub` and `mosquitto_sub`, at whatever speaks MQTT there. */
const byMosquitto: Fly = async ({ port, droneId }) => {
  const at = ["-h", "127.0.0.1", "-p", `${port}`, "-q", "1"];
  const sub = new Command("mosquitto_sub", [...at, "-t", `fleet/${droneId}/alerts/json`, "-C", "1", "-W", "30"]);
  let isWarned = false;
  const warning = sub.output().then(({ stdout }) => {
    isWarned = true;
    return stdout;
  });
  for await (const text of frames(droneId, () => isWarned)) {
    const pub = new Command("mosquitto_pub", [...at, "-t", `fleet/${droneId}/telemetry/json`, "-s"]);
    const { code, stderr } = await pub.output(text);
    assertEquals(code, 0, stderr);
  }
  return await warning;
};

/** The configuration that docs/mqtt.md shows. */
async function documentedBridge(): Promise<string> {
  const page = await Deno.readTextFile(new URL("../../docs/mqtt.md", import.meta.url));
  return /^listener 1883 [^]*?(?=^```)/m.exec(page)?.[0] ?? "";
}

/** A site's own broker, which passes on what its drones send, and what they are told. */
const byBridge: Fly = async ({ port, droneId, url }) => {
  const folder = await Deno.makeTempDir();
  const sitePort = freePort();
  await Deno.writeTextFile(
    `${folder}/mosquitto.conf`,
    (await documentedBridge()).replace("listener 1883 ", `listener ${sitePort} `).replace(":8883", `:${port}`),
  );
  const broker = new Command("mosquitto", ["-c", `${folder}/mosquitto.conf`]).spawn();
  try {
    await until("the site's broker listens", async () => {
      const at = await Deno.connect({ hostname: "127.0.0.1", port: sitePort }).catch(() => null);
      at?.close();
      return at !== null;
    });
    return await byMosquitto({ port: sitePort, droneId, url });
  } finally {
    broker.kill();
    await broker.status;
    await Deno.remove(folder, { recursive: true });
  }
};

const byMqttJs: Fly = async ({ url, droneId }) => {
  const client = await mqtt.connectAsync(`${url.replace("http", "ws")}/mqtt`, {
    protocolVersion: 5,
    clientId: droneId,
  });
  let warning: string | undefined;
  client.on("message", (_, payload) => warning ??= payload.toString());
  await client.subscribeAsync(`fleet/${droneId}/alerts/json`, { qos: 1 });
  for await (const text of frames(droneId, () => warning !== undefined)) {
    await client.publishAsync(`fleet/${droneId}/telemetry/json`, text, { qos: 1 });
  }
  await client.endAsync();
  return warning ?? "";
};

const byPaho: Fly = async ({ port, droneId }) => {
  const script = new URL("./clients/paho_client.py", import.meta.url).pathname;
  const client = new Command("python3", [script, `${port}`, droneId]);
  let isWarned = false;
  const { code, stdout, stderr } = await client.output(frames(droneId, () => isWarned), () => isWarned = true);
  assertEquals(code, 0, stderr);
  return stdout;
};

const CLIENTS: { name: string; hasClient: boolean; fly: Fly }[] = [
  { name: "mosquitto_pub and mosquitto_sub", hasClient: hasMosquitto, fly: byMosquitto },
  { name: "a mosquitto broker as bridge", hasClient: hasMosquitto, fly: byBridge },
  { name: "MQTT.js", hasClient: true, fly: byMqttJs },
  { name: "Eclipse Paho", hasClient: hasPaho, fly: byPaho },
];

describe("the running system", () => {
  for (const [i, { name, hasClient, fly }] of CLIENTS.entries()) {
    it(`takes telemetry of ${name}, and warns it`, { ignore: !hasClient }, async () => {
      const port = freePort();
      await using system = await System.start({ edgeEnv: { SLIPSTREAM_MQTT_PORT: `${port}` } });
      const droneId = `other-${i}`;
      const warning = await fly({ port, url: system.edge.url, droneId });
      const { kind, droneIds } = fromJsonString(AlertSchema, warning);
      assertEquals([kind, droneIds], [AlertKind.OBSTACLE, [droneId]]);
      assertEquals((await system.status()).records.malformed, 0);
    });
  }
});
