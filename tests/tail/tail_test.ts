import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { KafkaBroker } from "../../aggregator/sinks/kafka/broker.ts";
import type { Message } from "../../aggregator/sinks/publishing/messages.ts";
import { runToEnd } from "../e2e/process.ts";
import { PkiRig } from "../identity/pki_rig.ts";
import { hasKafka, KafkaServer } from "../kafka/kafka_server.ts";

const HOUR_MS = 3_600_000;

function alert(ordinal: number): Message {
  const value = new TextEncoder().encode(JSON.stringify({ alertId: ordinal }));
  return { topic: "alerts", key: `${ordinal}`, path: [], value, position: { index: 3, ordinal } };
}

async function tail(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runToEnd(["run", "-A", "aggregator/tail/main.ts", ...args], { env });
  return { code, stderr, lines: stdout.split("\n").filter((line) => line !== "") };
}

const numbersIn = (lines: string[]): number[] => lines.map((line) => JSON.parse(line).value.number);

describe("deno task tail", { ignore: !hasKafka }, () => {
  it("prints what is there, what comes, and of transactions what is committed; and says what is wrong", async () => {
    await using pki = await PkiRig.create();
    const pemPath = await pki.with((open) => open.issueToServer(["localhost"], { hours: 24 }));
    await using kafka = await KafkaServer.start({ secured: { pemPath, user: "reader", password: "right" } });
    const at = ["--brokers", kafka.address];
    const retention = { telemetryMs: HOUR_MS, othersMs: HOUR_MS };
    const topics = { prefix: "fleet", topics: ["alerts" as const], partitions: 3, replicas: 1, retention };
    const broker = new KafkaBroker({ brokers: [kafka.address], ...topics, caPath: null, login: null }, "journal-1");
    await broker.open();
    await broker.send([0, 1, 2, 3].map(alert));

    const secured = (password: string) => ({
      SLIPSTREAM_KAFKA: kafka.securedAddress,
      SLIPSTREAM_KAFKA_CA: pki.file("ca.pem"),
      SLIPSTREAM_KAFKA_LOGIN: `SCRAM-SHA-256:reader:${password}`,
    });
    const all = ["--topic", "fleet-alerts", "--from", "beginning", "--count", "4", "--json"];
    const there = await tail(all, secured("right"));
    const ids = there.lines.map((line) => JSON.parse(line).value.alertId);
    assertEquals([there.code, ids.sort()], [0, [0, 1, 2, 3]], there.stderr);

    // What comes before it is ready is none of what it shows: it is sent until it has seen one.
    let [isOver, ordinal] = [false, 4];
    const coming = tail([...at, "--topic", "fleet-alerts", "--count", "1", "--json"]).finally(() => isOver = true);
    while (!isOver) await broker.send([alert(ordinal++)]);
    assertEquals(JSON.parse((await coming).lines[0]!).value.alertId > 3, true);
    await broker.close();

    await kafka.createTopic("fleet-metrics-flink");
    const committed = await kafka.writeTransactions("fleet-metrics-flink");
    const flink = [...at, "--topic", "fleet-metrics-flink", "--from", "beginning", "--json"];
    const seen = await tail([...flink, "--count", `${committed.length}`]);
    assertEquals([committed.length, numbersIn(seen.lines)], [80, committed], seen.stderr);

    const unknown = await tail([...at, "--topic", "fleet-alert"]);
    assertMatch(
      unknown.stderr,
      /^Cannot read fleet-alert: there is no such topic; there are fleet-alerts, fleet-metrics-flink/,
    );
    const away = await tail(["--brokers", "127.0.0.1:1", "--topic", "fleet-alerts"]);
    assertMatch(away.stderr, /^Cannot read fleet-alerts: .*ECONNREFUSED/);
    assertMatch((await tail(all, secured("wrong"))).stderr, /[Aa]uthentication/);
    assertEquals([unknown.code, away.code], [2, 2]);
  });
});
