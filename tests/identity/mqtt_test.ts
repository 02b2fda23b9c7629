// Who may do what over MQTT: proven once, by a certificate of the connection or by a token as password.
import { Buffer } from "node:buffer";
import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { freePort } from "../e2e/free_port.ts";
import { System } from "./system.ts";

let system: System;
let ca: string;
const port = freePort();

function frame(droneId: string): string {
  const eventTimeUs = `${Date.now() * 1000}`;
  return JSON.stringify({
    droneId,
    bootId: 1,
    records: [{ seq: 1, eventTimeUs, position: { latE7: 474_000_000, lonE7: 85_000_000, fixType: 3 } }],
  });
}

/** Who has connected; else a rejection with the CONNACK's reason. */
async function connect(options: IClientOptions, url = `mqtts://localhost:${port}`): Promise<MqttClient> {
  return await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ca, ...options }, false);
}

/** By what reason code a promise is rejected; 0: it is not. */
async function reasonOf(done: Promise<unknown>): Promise<number> {
  try {
    await done;
    return 0;
  } catch (error) {
    if (error instanceof Error && "code" in error) return Number(error.code);
    throw error;
  }
}

async function certified(droneId: string): Promise<IClientOptions> {
  const pem = await Deno.readTextFile(await system.authority.certificate("drone", droneId));
  return { cert: pem, key: pem, clientId: droneId };
}

/** What each proof of drone d1 must lead to. */
async function actsAs(client: MqttClient, droneId: string): Promise<void> {
  assertEquals(await reasonOf(client.publishAsync(`fleet/${droneId}/telemetry/json`, frame(droneId), { qos: 1 })), 0);
  assertEquals(await reasonOf(client.publishAsync("fleet/other/telemetry/json", frame("other"), { qos: 1 })), 0x87);
  for (const topic of [`fleet/${droneId}/alerts`, `fleet/${droneId}/#`]) await client.subscribeAsync(topic, { qos: 1 });
  for (const topic of ["fleet/other/alerts", "fleet/+/alerts", "#"]) {
    await assertRejects(() => client.subscribeAsync(topic, { qos: 1 }), Error, "Not authorized");
  }
}

describe("a drone over MQTT", () => {
  beforeAll(async () => {
    system = await System.start({ edge: { SLIPSTREAM_MQTT_PORT: `${port}` } });
    ca = await Deno.readTextFile(system.authority.path("root"));
  });
  afterAll(async () => await system[Symbol.asyncDispose]());

  it("proves who it is by its certificate, and speaks for itself alone", async () => {
    const client = await connect(await certified("d1"));
    await actsAs(client, "d1");
    await client.endAsync();
  });

  it("proves who it is by a token as password, over TLS and over a WebSocket", async () => {
    const token = await system.authority.token("drone", "d2");
    for (const url of [`mqtts://localhost:${port}`, `${system.edgeUrl.replace("https", "wss")}/mqtt`]) {
      const client = await connect({ username: "d2", password: token, clientId: "d2" }, url);
      await actsAs(client, "d2");
      await client.endAsync();
    }
  });

  it("is not let in without a proof, nor by a wrong one", async () => {
    assertEquals(await reasonOf(connect({})), 0x87);
    assertEquals(await reasonOf(connect({ username: "d1", password: "not-a-token" })), 0x86);
    const person = await system.authority.token("person", "ann", { role: "viewer" });
    assertEquals(await reasonOf(connect({ username: "ann", password: person })), 0x87);
    const denied = await system.denied();
    assertEquals([denied["no-proof"]! > 0, denied["unreadable"]! > 0, denied["not-allowed"]! > 0], [true, true, true]);
  });

  it("can have no will about another drone", async () => {
    const will = { topic: "fleet/other/telemetry", payload: Buffer.from(""), qos: 0 as const, retain: false };
    assertEquals(await reasonOf(connect({ ...await certified("d1"), will })), 0x87);
  });

  it("is let go when its proof is revoked", async () => {
    const path = await system.authority.certificate("drone", "d9");
    const pem = await Deno.readTextFile(path);
    const client = await connect({ cert: pem, key: pem, clientId: "d9" });
    const reasons: (number | undefined)[] = [];
    client.on("disconnect", ({ reasonCode }) => void reasons.push(reasonCode));
    const closed = new Promise<void>((resolve) => client.once("close", resolve));
    await system.authority.use((pki) => pki.revoke(pki.allOf({ kind: "drone", id: "d9" }), { reason: "" }));
    await closed;
    assertEquals(reasons, [0x87]);
    await client.endAsync(true);
  });

  it("needs TLS where that ends here", async () => {
    await assertRejects(() => connect({ connectTimeout: 2000 }, `mqtt://127.0.0.1:${port}`));
  });
});
