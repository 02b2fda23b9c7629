import { Buffer } from "node:buffer";
import { Producer } from "@platformatic/kafka";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { GlobalTopic } from "../../aggregator/merge/global_topic.ts";
import type { GlobalOutput } from "../../aggregator/merge/global_window.ts";
import { NOWHERE, type Place } from "../../aggregator/merge/place.ts";
import { Readers } from "../../aggregator/merge/readers.ts";
import type { ClusterSettings } from "../../aggregator/sinks/kafka/client.ts";
import { eventually } from "../chaos/eventually.ts";
import { hasKafka, KafkaServer } from "../kafka/kafka_server.ts";
import { T0_S, telling } from "./tellings.ts";

const LIMIT_MS = 60_000;
const REGION = "eu";
const OUTPUT = { type: "tumbling", window: { fleet: "survey", zone: "north", startUs: 0 } } as GlobalOutput;

function settingsOf(kafka: KafkaServer): ClusterSettings {
  return { brokers: [kafka.address], prefix: "fleet", caPath: null, login: null };
}

async function send(kafka: KafkaServer, topic: string, values: readonly Uint8Array[]): Promise<void> {
  const producer = new Producer({ clientId: "tests", bootstrapBrokers: [kafka.address] });
  try {
    const messages = values.map((value) => ({ topic, partition: 0, value: Buffer.from(value) }));
    await producer.send({ messages });
  } finally {
    await producer.close(true);
  }
}

/** Whoever reads one region's topic, and what comes of it. */
class Reader implements AsyncDisposable {
  readonly taken: bigint[] = [];
  readonly logged: string[] = [];
  lacks = 0;
  isHeldUp = false;
  /** How often it was asked whether it may go on. */
  asked = 0;
  readonly readers: Readers;

  constructor(kafka: KafkaServer, topic: string, { offset }: { offset?: string } = {}) {
    const place: Place = { ...NOWHERE, offsets: offset === undefined ? {} : { [REGION]: offset } };
    const topics = new Map([[REGION, topic]]);
    this.readers = new Readers({
      ...{ settings: settingsOf(kafka), topics, place },
      merger: {
        take: (_, { offset, value }) => {
          this.taken.push(offset);
          return value.length < 2 ? "unreadable" : "progress";
        },
        lack: () => this.lacks++,
        regions: [],
      },
      isHeldUp: () => {
        this.asked++;
        return this.isHeldUp;
      },
      now: () => T0_S * 1000,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      log: (_, line) => this.logged.push(line),
    });
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    if (await eventually(isSo, LIMIT_MS)) return;
    const seen = {
      taken: this.taken.map(String),
      asked: this.asked,
      ...this.readers.view.get(REGION),
      logged: this.logged,
    };
    throw new Error(`Cannot wait until ${what}: ${JSON.stringify(seen)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.readers.close();
  }
}

const PROGRESS = telling({ region: REGION, fired: 1 });

describe("the topics that a merger reads", { ignore: !hasKafka }, () => {
  it("are read as they are: quiet, made anew, cut, emptied, or with what nobody can read", async () => {
    await using kafka = await KafkaServer.start();
    const make = async (topic: string, values: readonly Uint8Array[]) => {
      await kafka.createTopic(topic);
      await send(kafka, topic, values);
    };

    await make("quiet", [PROGRESS]);
    {
      await using reader = new Reader(kafka, "quiet");
      await reader.until("it has asked for more a few times", () => reader.taken.length === 1 && reader.asked > 5);
      assertEquals([reader.logged, reader.lacks], [[], 0]);
      assertEquals(reader.readers.view.get(REGION), { behind: 0, trouble: null });
      await send(kafka, "quiet", [PROGRESS]);
      await reader.until("it has the next", () => reader.taken.length === 2);
      reader.isHeldUp = true;
      const before = reader.asked;
      // What is under way then may come still.
      await reader.until("it waits", () => reader.asked > before + 1);
      await send(kafka, "quiet", [PROGRESS]);
      await reader.until("it waits on", () => reader.asked > before + 10);
      assertEquals(reader.taken, [0n, 1n]);
      reader.isHeldUp = false;
      await reader.until("it has the last", () => reader.taken.length === 3);
    }

    await make("strange", [new Uint8Array([255]), PROGRESS, new Uint8Array([255])]);
    {
      await using reader = new Reader(kafka, "strange");
      await reader.until("it has all", () => reader.taken.length === 3);
      assertEquals(reader.logged, [
        "strange has messages that cannot be read, or say what cannot be: they are left out, and counted",
      ]);
    }

    // As one that has been made anew while nobody read it.
    {
      await using reader = new Reader(kafka, "strange", { offset: "90" });
      await reader.until("it has the first", () => reader.taken.includes(0n));
      assertEquals(reader.lacks, 1);
    }

    await kafka.admin((admin) =>
      admin.deleteRecords({ topics: [{ name: "quiet", partitions: [{ partition: 0, offset: 2n }] }] })
    );
    {
      await using reader = new Reader(kafka, "quiet");
      await reader.until("it has what is left", () => reader.taken.length === 1);
      const what = "quiet no longer holds messages 0 to 1: windows lack what was there";
      assertEquals([reader.taken, reader.lacks, reader.logged], [[2n], 1, [what]]);
      await kafka.admin((admin) => admin.deleteTopics({ topics: ["quiet"] }));
      await reader.until("it is gone", () => reader.readers.view.get(REGION)!.trouble !== null);
      await make("quiet", [PROGRESS, PROGRESS, PROGRESS, PROGRESS]);
      await reader.until("it has all from the first on", () => reader.taken.length === 5);
      assertEquals([reader.taken.slice(1), reader.lacks], [[0n, 1n, 2n, 3n], 2]);
    }
  });

  it("say nothing of where to go on once all in them has grown too old", async () => {
    await using kafka = await KafkaServer.start();
    const settings = { ...settingsOf(kafka), partitions: 1, replicas: 1 };
    const [before, after] = [new GlobalTopic(settings), new GlobalTopic(settings)];
    const place = { ...NOWHERE, step: 4, offsets: { [REGION]: "7" } };
    assertEquals(await before.open(), null);
    await before.send([OUTPUT, OUTPUT], place);
    assertEquals(await after.open(), place);
    await kafka.admin((admin) =>
      admin.deleteRecords({ topics: [{ name: "fleet-metrics-global", partitions: [{ partition: 0, offset: 2n }] }] })
    );
    assertEquals(await after.open(), null);
    for (const topic of [before, after]) await topic.close();
  });
});
