import { Buffer } from "node:buffer";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import mqtt from "mqtt";
import { System, until } from "./system.ts";

const TOPIC = "fleet/d1/telemetry/json";

function frame(seq: number): string {
  const position = { latE7: 474_000_000 + seq * 300, lonE7: 85_000_000, altMslMm: 500_000, fixType: 3, vnCms: 200 };
  return JSON.stringify({ bootId: 1, records: [{ seq, eventTimeUs: `${Date.now() * 1000}`, flags: 3, position }] });
}

describe("a drone in the air whose connection breaks, and that has a will", () => {
  it("is lost without waiting for its silence, until it is back", async () => {
    await using system = await System.start();
    const url = `${system.edge.url.replace("http", "ws")}/mqtt`;
    const will = { topic: TOPIC, payload: Buffer.from(""), qos: 1 as const, retain: false };
    const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId: "d1", will, reconnectPeriod: 0 });
    await client.publishAsync(TOPIC, frame(1), { qos: 1 });
    client.stream.destroy();
    const lost = async () => (await system.alertHistory()).filter(({ kind }) => kind === "link-loss");
    await until("it is lost", async () => (await lost()).length > 0);
    assertMatch((await lost())[0]!.message, /d1 is in the air and its connection was lost/);
    const back = await mqtt.connectAsync(url, { protocolVersion: 5, clientId: "d1", will });
    await back.publishAsync(TOPIC, frame(2), { qos: 1 });
    await until("it is heard", async () => (await lost()).some(({ transition }) => transition === "resolve"));
    await back.endAsync();
    await client.endAsync(true);
    assertEquals((await system.status()).records.malformed, 0);
  });
});
