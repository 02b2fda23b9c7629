import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { hearResets } from "../../aggregator/sinks/nats/below_tls.ts";
import { NatsBroker, type NatsSettings } from "../../aggregator/sinks/nats/broker.ts";
import { AnotherWriter, TooLarge } from "../../aggregator/sinks/publishing/broker.ts";
import { type Message, TOPICS } from "../../aggregator/sinks/publishing/messages.ts";
import { Publisher } from "../../aggregator/sinks/publishing/publisher.ts";
import { PkiRig } from "../identity/pki_rig.ts";
import { operatorMode } from "./credentials.ts";
import { hasNats, NatsServer } from "./nats_server.ts";

const ignore = !hasNats;
hearResets();

function settingsOf(nats: NatsServer, more: Partial<NatsSettings> = {}): NatsSettings {
  const streams = { prefix: "fleet", replicas: 1, keptMs: 3_600_000 };
  return { servers: [nats.address], topics: TOPICS, ...streams, caPath: null, login: {}, ...more };
}

function message(ordinal: number, bytes = 10): Message {
  const value = new Uint8Array(bytes);
  return { topic: "losses", key: "d", path: ["d"], value, position: { index: 7, ordinal } };
}

async function opened(nats: NatsServer, more: Partial<NatsSettings> = {}) {
  const broker = new NatsBroker(settingsOf(nats, more), "journal-1");
  const last = await broker.open();
  return { broker, last, [Symbol.asyncDispose]: () => broker.close() };
}

/** Why it cannot be opened; null: it can. */
async function whyNot(nats: NatsServer, more: Partial<NatsSettings> = {}): Promise<string | null> {
  const broker = new NatsBroker(settingsOf(nats, more), "journal-1");
  try {
    await broker.open();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : `${error}`;
  } finally {
    await broker.close();
  }
}

async function manage(nats: NatsServer) {
  const connection = await connect({ servers: [nats.address] });
  const jsm = await jetstreamManager(connection);
  return { jsm, [Symbol.asyncDispose]: () => connection.close() };
}

/** One whose journal has a message in each entry. */
function publisherOf(nats: NatsServer, journalId: string) {
  let last = 0;
  let reached = Promise.withResolvers<void>();
  const publisher = new Publisher({
    ...{ journalId, publishedIndex: 0, remembers: true, onTooLarge: () => {}, onTrouble: () => {} },
    ...{ onSent: () => {}, onLost: () => {}, onUnseen: () => {} },
    read: function* (durableIndex) {
      while (last < durableIndex) yield { index: ++last, timeUs: 0, body: new Uint8Array() };
    },
    messagesOf: ({ index }) => [{ ...message(0), position: { index, ordinal: 0 } }],
    connect: () => new NatsBroker(settingsOf(nats), journalId),
    pause: () => Promise.resolve(),
    linger: () => Promise.resolve(),
    onPublished: () => reached.resolve(),
  });
  const publish = async (index: number) => {
    reached = Promise.withResolvers();
    publisher.durable(index);
    await Promise.race([reached.promise, publisher.ended]);
  };
  return { publish, close: () => publisher.close() };
}

describe("streams of JetStream", { ignore }, () => {
  it("say what they hold last, and take behind it", async () => {
    await using nats = await NatsServer.start();
    {
      await using first = await opened(nats);
      assertEquals(first.last.get("losses/0"), { end: 1n, journalId: null, position: null });
      assertEquals(await first.broker.send([message(0), message(1)]), new Map([["losses/0", 1n]]));
      assertEquals(await first.broker.send([message(2)]), new Map([["losses/0", 3n]]));
    }
    await using again = await opened(nats);
    assertEquals(again.last.get("losses/0"), {
      ...{ end: 4n, journalId: "journal-1", position: { index: 7, ordinal: 2 } },
    });
  });

  it("take nothing behind what another has written, and who finds that sends nothing more", async () => {
    await using nats = await NatsServer.start();
    const ours = publisherOf(nats, "journal-1");
    await ours.publish(10);
    const theirs = publisherOf(nats, "journal-2");
    await theirs.publish(5);
    await assertRejects(() => ours.publish(20), AnotherWriter, "journal-2");
    await using manager = await manage(nats);
    assertEquals((await manager.jsm.streams.info("fleet-losses")).state.messages, 15);
    await theirs.publish(6);
    assertEquals((await manager.jsm.streams.info("fleet-losses")).state.messages, 16);
    await theirs.close();
  });

  it("that take nothing of a size say so: of the server's, and of their own", async () => {
    await using nats = await NatsServer.start({ settings: ["max_payload: 65536"] });
    await using manager = await manage(nats);
    const subjects = ["fleet.losses.>"];
    await manager.jsm.streams.add({ name: "fleet-losses", subjects, max_msg_size: 20_000 });
    await using open = await opened(nats);
    for (const bytes of [70_000, 30_000]) {
      const sent = [message(0), message(1, bytes), message(2)];
      assertEquals((await assertRejects(() => open.broker.send(sent), TooLarge)).tooLarge, sent[1]!);
      await using again = await opened(nats);
      assertEquals(again.last.get("losses/0")?.position?.ordinal, bytes === 70_000 ? undefined : 0);
    }
  });

  it("that are gone are noticed at once", async () => {
    await using nats = await NatsServer.start();
    await using manager = await manage(nats);
    await using open = await opened(nats);
    await manager.jsm.streams.delete("fleet-losses");
    await assertRejects(() => open.broker.send([message(0), message(1)]), Error, "no stream takes losses");
    await assertRejects(() => open.broker.send([message(0)]), Error, "no responders");
    assertEquals(await open.broker.send([{ ...message(0), topic: "alerts" }]), new Map([["alerts/0", 1n]]));
  });

  it("that will not do are refused: of other subjects, that confirm or keep nothing, or none at all", async () => {
    await using nats = await NatsServer.start();
    await using manager = await manage(nats);
    await manager.jsm.streams.add({ name: "other-telemetry", subjects: ["other.telemetry"] });
    assertMatch(await whyNot(nats, { prefix: "other" }) ?? "", /other-telemetry: it is of other\.telemetry, not of/);
    await manager.jsm.streams.add({ name: "mute-telemetry", subjects: ["mute.telemetry.>"], no_ack: true });
    assertMatch(await whyNot(nats, { prefix: "mute" }) ?? "", /confirms nothing/);
    for (const [prefix, retention] of [["queue", "workqueue"], ["wanted", "interest"]] as const) {
      const subjects = [`${prefix}.telemetry.>`];
      await manager.jsm.streams.add({ name: `${prefix}-telemetry`, subjects, retention });
      const why = await whyNot(nats, { prefix });
      assertMatch(why ?? "", new RegExp(`${prefix}-telemetry: it lets go .*retention ${retention}`));
    }
    await manager.jsm.streams.add({ name: "copy-telemetry", mirror: { name: "other-telemetry" } });
    assertMatch(await whyNot(nats, { prefix: "copy" }) ?? "", /mirror of other-telemetry/);
    await manager.jsm.streams.add({ name: "shut-telemetry", subjects: ["shut.telemetry.>"] });
    await manager.jsm.streams.update("shut-telemetry", { sealed: true } as Partial<StreamConfig>);
    assertMatch(await whyNot(nats, { prefix: "shut" }) ?? "", /sealed/);
    await using plain = await NatsServer.start({ jetstream: false });
    assertMatch(await whyNot(plain) ?? "", /jetstream is not enabled/);
  });
});

describe("a nats-server that asks who it is", { ignore }, () => {
  it("is not the end of whoever spoke to it when a socket below TLS is reset", () => {
    // Unheard it would fail this test.
    reportError(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
  });

  it("is told by TLS: a wrong word, or a certificate of nobody known, is said so", async () => {
    await using pki = await PkiRig.create();
    const pemPath = await pki.with((open) => open.issueToServer(["localhost"], { hours: 24 }));
    await using other = await PkiRig.create();
    const tls = `tls { cert_file: "${pemPath}", key_file: "${pemPath}" }`;
    const caPath = pki.file("ca.pem");
    await using byUser = await NatsServer.start({
      settings: [tls, 'authorization { users: [{ user: "sink", password: "right" }] }'],
    });
    await using byToken = await NatsServer.start({ settings: [tls, 'authorization { token: "right" }'] });
    const login = { user: "sink", pass: "right" };
    assertEquals(await whyNot(byUser, { caPath, login }), null);
    assertMatch(await whyNot(byUser, { caPath, login: { ...login, pass: "wrong" } }) ?? "", /Authorization/i);
    assertMatch(await whyNot(byUser, { caPath: other.file("ca.pem"), login }) ?? "", /certificate|UnknownIssuer/i);
    assertEquals(await whyNot(byToken, { caPath, login: { token: "right" } }), null);
    assertMatch(await whyNot(byToken, { caPath, login: { token: "wrong" } }) ?? "", /Authorization/i);
    await using open = await NatsServer.start();
    assertMatch(await whyNot(open, { caPath, login }) ?? "", /does not support 'tls'/);
  });

  it("takes the credentials of a user of its operator's, and no others", async () => {
    const [ours, theirs] = [await operatorMode(), await operatorMode()];
    await using nats = await NatsServer.start({ settings: ours.settings });
    const credsPath = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(credsPath, ours.credentials);
      assertEquals(await whyNot(nats, { login: { credsPath } }), null);
      await Deno.writeTextFile(credsPath, theirs.credentials);
      assertMatch(await whyNot(nats, { login: { credsPath } }) ?? "", /Authorization/i);
    } finally {
      await Deno.remove(credsPath);
    }
  });
});
