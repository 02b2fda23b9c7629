import { Buffer } from "node:buffer";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import mqtt from "mqtt";
import mqttPacket from "mqtt-packet";
import { MqttBroker, type MqttSettings } from "../../aggregator/sinks/mqtt/broker.ts";
import { Taken } from "../../aggregator/sinks/mqtt/taken.ts";
import { AnotherWriter, TooLarge } from "../../aggregator/sinks/publishing/broker.ts";
import { type Message, TOPICS } from "../../aggregator/sinks/publishing/messages.ts";
import { systemPlatform } from "../../platform/system.ts";
import { eventually } from "../chaos/eventually.ts";
import { PkiRig } from "../identity/pki_rig.ts";
import { hasMosquitto, Mosquitto } from "./mosquitto.ts";

const ignore = !hasMosquitto;
const LIMIT_MS = 20_000;
/** As `mosquitto_passwd -b` makes it of the user and the password. */
const PASSWORDS = "sink:" +
  "$7$101$o3PAG7+fGQkR7rjK$K4ZBjjsmFEei8rdunyHBrph961FABoPfrMdHiH+zZ+OB+205HuYHpYuTmNP++8lD+ZCvXWflzD6Wdrf5dXLieQ==\n";
const { after } = systemPlatform("test");

function message(ordinal: number, bytes = 10): Message {
  return {
    ...{ topic: "alerts", key: "7", path: ["conflict", "7"], value: new Uint8Array(bytes).fill(65) },
    position: { index: 3, ordinal },
  };
}

function brokerOf(
  at: Pick<Mosquitto, "port">,
  { taken = new Taken(), ...more }: Partial<MqttSettings> & { taken?: Taken } = {},
) {
  const settings = { host: "localhost", port: at.port, prefix: "slipstream", caPath: null, login: null, ...more };
  return new MqttBroker(settings, { journalId: "journal-1", taken, after });
}

/** Why it cannot be opened; null: it can. */
async function whyNot(at: Mosquitto, more: Partial<MqttSettings> = {}): Promise<string | null> {
  const broker = brokerOf(at, more);
  try {
    await broker.open();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : `${error}`;
  } finally {
    await broker.close();
  }
}

/** To a broker that answers so. */
async function sendTo(
  answer: (packet: mqttPacket.Packet) => mqttPacket.Packet | false,
  messages: Message[],
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using connection = await listener.accept();
    const parser = mqttPacket.parser({ protocolVersion: 5 });
    const answers: mqttPacket.Packet[] = [];
    parser.on("packet", (packet) => {
      const told = packet.cmd === "connect"
        ? { cmd: "connack" as const, reasonCode: 0, sessionPresent: false }
        : answer(packet);
      if (told) answers.push(told);
    });
    for await (const bytes of connection.readable.values({ preventCancel: true })) {
      parser.parse(Buffer.from(bytes));
      const told = answers.splice(0);
      for (const packet of told) await connection.write(mqttPacket.generate(packet, { protocolVersion: 5 }));
      if (told.some(({ cmd }) => cmd === "disconnect")) return;
    }
  })();
  const broker = brokerOf({ port: (listener.addr as Deno.NetAddr).port });
  await broker.open();
  try {
    await broker.send(messages);
  } finally {
    await broker.close();
    await serving;
  }
}

/** Topics and ordinals as somebody hears them who may hear all. */
async function hearing(at: Mosquitto) {
  const client = await mqtt.connectAsync(`mqtt://${at.address}`, { protocolVersion: 5 });
  const heard: string[] = [];
  client.on("message", (topic, _value, { properties }) => {
    heard.push(`${topic.split("/").slice(1).join("/")} ${String(properties?.userProperties?.position).split("/")[1]}`);
  });
  await client.subscribeAsync("slipstream/#", { qos: 1 });
  return { heard, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

describe("a broker of MQTT that refuses some", { ignore }, () => {
  const loss = (drone: string, ordinal: number): Message => ({ ...message(ordinal), topic: "losses", path: [drone] });

  it("is sent other kinds all the same, and what stands behind a refusal once, until that is taken", async () => {
    const aclPath = await Deno.makeTempFile();
    const acl = (...topics: string[]) =>
      Deno.writeTextFile(aclPath, ["topic read #", ...topics.map((topic) => `topic write ${topic}`), ""].join("\n"));
    try {
      await acl("slipstream/alerts/#", "slipstream/losses/b");
      await using at = await Mosquitto.start({ settings: ["allow_anonymous true", `acl_file ${aclPath}`] });
      const taken = new Taken();
      const waiting = [message(0), loss("a", 1), message(2), loss("b", 3), loss("b", 4), message(5)];
      /** As a publisher does, with a connection of its own. */
      const attempt = async () => {
        const broker = brokerOf(at, { taken });
        const last = await broker.open();
        const isNew = ({ topic, position }: Message) =>
          position.ordinal > (last.get(`${topic}/0`)?.position?.ordinal ?? -1);
        const why = await broker.send(waiting.filter(isNew)).then(() => null, (error: Error) => error.message);
        await broker.close();
        return why;
      };
      const ends = () => ["alerts/0", "losses/0"].map((name) => Number(taken.last.get(name)?.end));
      {
        await using listener = await hearing(at);
        for (let tries = 0; tries < 3; tries++) {
          assertMatch(await attempt() ?? "", /Not authorized/);
          assertEquals(ends(), [3, 0]);
        }
        const all = ["alerts/conflict/7 0", "alerts/conflict/7 2", "alerts/conflict/7 5", "losses/b 3", "losses/b 4"];
        await eventually(() => listener.heard.length >= all.length, LIMIT_MS);
        assertEquals(listener.heard.toSorted(), all);
      }
      await acl("slipstream/#");
      await at.kill();
      await at.restart();
      await using listener = await hearing(at);
      assertEquals(await attempt(), null);
      assertEquals(ends(), [3, 3]);
      await eventually(() => listener.heard.length >= 3, LIMIT_MS);
      assertEquals(listener.heard, ["losses/a 1", "losses/b 3", "losses/b 4"]);
    } finally {
      await Deno.remove(aclPath);
    }
  });
});

describe("a broker of MQTT", { ignore }, () => {
  it("passes on what is published, with its place in the journal", async () => {
    await using at = await Mosquitto.start();
    const reader = await mqtt.connectAsync(`mqtt://${at.address}`, { protocolVersion: 5 });
    const heard: unknown[] = [];
    reader.on("message", (topic, value, { qos, properties: { userProperties, contentType } = {} }) => {
      heard.push([topic, `${value}`, qos, { ...userProperties }, contentType]);
    });
    await reader.subscribeAsync("slipstream/alerts/#", { qos: 1 });
    const broker = brokerOf(at);
    await broker.open();
    assertEquals(await broker.send([message(0, 1)]), new Map([["alerts/0", 0n]]));
    await eventually(() => heard.length > 0, LIMIT_MS);
    const place = { journal: "journal-1", position: "3/0" };
    assertEquals(heard, [["slipstream/alerts/conflict/7", "A", 1, place, "application/json"]]);
    await broker.close();
    await reader.endAsync();
  });

  it("is told of each kind whether it is text", async () => {
    const types = new Map<string, unknown>();
    await sendTo((packet) => {
      if (packet.cmd !== "publish") return false;
      const { contentType, payloadFormatIndicator = false } = packet.properties ?? {};
      types.set(packet.topic.split("/")[1]!, [contentType, payloadFormatIndicator]);
      return { cmd: "puback", messageId: packet.messageId!, reasonCode: 0 };
    }, TOPICS.map((topic) => ({ ...message(0), topic })));
    const [json, protobuf] = [["application/json", true], ["application/x-protobuf", false]];
    assertEquals(Object.fromEntries(types), {
      ...{ telemetry: protobuf, metrics: json, alerts: json, losses: json, "metrics-partial": protobuf },
    });
  });

  it("that takes some and breaks off is known to have them, over all connections of one thread", async () => {
    await using at = await Mosquitto.start();
    const taken = new Taken();
    const first = brokerOf(at, { taken });
    await first.open();
    await first.send([message(0), message(1)]);
    await at.kill();
    await assertRejects(() => first.send([message(2)]));
    await first.close();
    await at.restart();
    const second = brokerOf(at, { taken });
    const position = { index: 3, ordinal: 1 };
    assertEquals((await second.open()).get("alerts/0"), { end: 2n, journalId: "journal-1", position });
    assertEquals(await second.send([message(2)]), new Map([["alerts/0", 2n]]));
    await second.close();
  });

  it("that says that somebody else has come under the same name is sent nothing more", async () => {
    const answer = ({ cmd }: mqttPacket.Packet) =>
      cmd === "publish" && { cmd: "disconnect" as const, reasonCode: 0x8e };
    await assertRejects(() => sendTo(answer, [message(0)]), AnotherWriter, "slipstream-slipstream");
  });

  it("that ends the connection says why; over a size, or a name, a message is left out", async () => {
    const ending = (reasonCode: number) => (packet: mqttPacket.Packet) =>
      packet.cmd === "publish" && packet.payload.length > 10 && { cmd: "disconnect" as const, reasonCode };
    const sent = [message(0), message(1, 20), message(2, 200), message(3)];
    const tooLarge = await assertRejects(() => sendTo(ending(0x95), sent), TooLarge);
    assertEquals(tooLarge.message, "the broker has ended the connection: Packet too large (0x95)");
    assertEquals(tooLarge.tooLarge, sent[2]!);
    await assertRejects(() => sendTo(ending(0x90), sent), TooLarge, "Topic Name invalid (0x90)");
    const other = await assertRejects(() => sendTo(ending(0x97), sent), Error, "Quota exceeded (0x97)");
    assertEquals(other instanceof TooLarge, false);
  });

  it("that takes not one name says so of that message", async () => {
    const sent = [message(0), message(1, 20), message(2)];
    const why = await assertRejects(() =>
      sendTo((packet) => {
        if (packet.cmd !== "publish") return false;
        return { cmd: "puback", messageId: packet.messageId!, reasonCode: packet.payload.length === 20 ? 0x90 : 0 };
      }, sent), TooLarge);
    assertEquals(why.tooLarge, sent[1]!);
  });

  it("that takes nothing of a size says so, before and after it was asked", async () => {
    for (const limit of ["max_packet_size 5000", "message_size_limit 5000"]) {
      await using at = await Mosquitto.start({ settings: ["allow_anonymous true", limit] });
      const broker = brokerOf(at);
      await broker.open();
      await assertRejects(() => broker.send([message(0, 6000)]), TooLarge);
      await broker.close();
    }
  });

  it("is asked for nothing in the clear where it is to speak TLS, and says what it has against a login", async () => {
    await using pki = await PkiRig.create();
    const pemPath = await pki.with((open) => open.issueToServer(["localhost"], { hours: 24 }));
    await using other = await PkiRig.create();
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/passwords`, PASSWORDS);
      const tls = [`certfile ${pemPath}`, `keyfile ${pemPath}`, `password_file ${folder}/passwords`];
      await using at = await Mosquitto.start({ settings: [...tls, "allow_anonymous false"] });
      const [caPath, login] = [pki.file("ca.pem"), { username: "sink", password: "right" }];
      assertEquals(await whyNot(at, { caPath, login }), null);
      assertMatch(await whyNot(at, { caPath, login: { ...login, password: "wrong" } }) ?? "", /not authori[sz]ed/i);
      assertMatch(await whyNot(at, { caPath: other.file("ca.pem"), login }) ?? "", /certificate|UnknownIssuer/i);
      await using open = await Mosquitto.start();
      assertMatch(await whyNot(open, { caPath, login }) ?? "", /./);
      await open.kill();
      assertMatch(await whyNot(open) ?? "", /ECONNREFUSED|refused/i);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});
