import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Producer } from "@platformatic/kafka";
import { TextLineStream } from "../../platform/text_lines.ts";
import { hasKafka, KafkaServer } from "../kafka/kafka_server.ts";

const ROOT = new URL("../../", import.meta.url);

const LIMIT_MS = 20_000;

/** A tail, as a child of what `through` says: a command that runs it. */
function tail(args: string[], { through = [] }: { through?: string[] } = {}): Deno.ChildProcess {
  const [command, ...more] = [...through, Deno.execPath(), "run", "-A", "aggregator/tail/main.ts", ...args];
  return new Deno.Command(command!, { args: more, cwd: ROOT, stdout: "piped", stderr: "null" }).spawn();
}

describe("the end of deno task tail", () => {
  it("is where somebody says so, whether brokers answer or not", async () => {
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = silent.addr as Deno.NetAddr;
    const child = tail(["--brokers", `127.0.0.1:${port}`, "--topic", "fleet-alerts"]);
    using _connection = await silent.accept();
    child.kill("SIGINT");
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    const { code } = await child.output();
    clearTimeout(timer);
    assertEquals(code, 0);
  });

  it("is where nobody reads on, and not where a partition comes to the topic", { ignore: !hasKafka }, async () => {
    await using kafka = await KafkaServer.start();
    await kafka.createTopic("grown");
    const args = ["--brokers", kafka.address, "--topic", "grown", "--from", "beginning", "--json"];
    // Of the two the first says how it ended: 124 where it had to be told.
    const script = `timeout 30 "$0" "$@" | sed -u '/"partition":6/q'; exit "\${PIPESTATUS[0]}"`;
    const child = tail(args, { through: ["bash", "-c", script] });
    let isOver = false;
    const ended = child.status.finally(() => isOver = true);
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();

    await send(kafka, 0);
    assertEquals(JSON.parse((await lines.read()).value ?? "{}").partition, 0);
    const topics = [{ name: "grown", count: 7, assignments: [{ brokerIds: [1] }] }];
    await kafka.admin((admin) => admin.createPartitions({ topics }));
    await send(kafka, 6);
    const { value = "{}" } = await lines.read();
    const { partition, offset } = JSON.parse(value);
    assertEquals({ partition, offset }, { partition: 6, offset: "0" });
    while (!isOver) await send(kafka, 0);
    assertEquals((await ended).code, 0);
    await lines.cancel();
  });
});

async function send({ address }: KafkaServer, partition: number): Promise<void> {
  const producer = new Producer({ clientId: "tests", bootstrapBrokers: [address], retries: 20, retryDelay: 100 });
  try {
    await producer.send({ messages: [{ topic: "grown", partition, value: Buffer.from("1") }] });
  } finally {
    await producer.close();
  }
}
