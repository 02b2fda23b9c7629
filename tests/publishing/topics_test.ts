import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ProtocolError } from "@platformatic/kafka";
import { readyTopics, type TopicAdmin, type TopicSettings } from "../../aggregator/sinks/kafka/topics.ts";
import { TOPICS } from "../../aggregator/sinks/publishing/messages.ts";

const HOUR_MS = 3_600_000;
const GOOD = { "cleanup.policy": "delete", "max.message.bytes": "1048588", "retention.ms": "604800000" };
const names = new Map(TOPICS.map((kind) => [kind, `fleet-${kind}`]));
const settings: TopicSettings = {
  ...{ partitions: 6, replicas: 1 },
  retention: { telemetryMs: 24 * HOUR_MS, othersMs: 168 * HOUR_MS },
};

/** Topics that are there, with what is set of them; and what was made, by name. */
function cluster(there: Record<string, Record<string, string>>, { denies }: { denies?: "create" | "describe" } = {}) {
  const made: Record<string, unknown> = {};
  const denied = () => Promise.reject(new ProtocolError("TOPIC_AUTHORIZATION_FAILED"));
  const admin = {
    listTopics: () => Promise.resolve(Object.keys(there)),
    createTopics: ({ topics: [topic], ...how }: { topics: string[]; configs: { name: string; value: string }[] }) => {
      if (denies === "create") return denied();
      made[topic!] = { ...how, configs: Object.fromEntries(how.configs.map(({ name, value }) => [name, value])) };
      return Promise.resolve([]);
    },
    describeConfigs: ({ resources }: { resources: { resourceName: string }[] }) => {
      if (denies === "describe") return denied();
      return Promise.resolve(resources.map(({ resourceName }) => ({
        resourceName,
        configs: Object.entries(there[resourceName]!).map(([name, value]) => ({ name, value })),
      })));
    },
  } as unknown as TopicAdmin;
  return { admin, made };
}

const withAll = (changed: Record<string, string>) =>
  Object.fromEntries(
    [...names.values()].map((name) => [name, name === "fleet-alerts" ? { ...GOOD, ...changed } : GOOD]),
  );

describe("Kafka's topics", () => {
  it("are made where they are missing, of records with a retention of their own, of parts with one partition", async () => {
    const { admin, made } = cluster({ "fleet-metrics": GOOD });
    await readyTopics(admin, { names, settings });
    const madeWith = (ms: number) => {
      return { partitions: 6, replicas: 1, configs: { "cleanup.policy": "delete", "retention.ms": `${ms}` } };
    };
    assertEquals(made, {
      "fleet-telemetry": madeWith(24 * HOUR_MS),
      "fleet-alerts": madeWith(168 * HOUR_MS),
      "fleet-losses": madeWith(168 * HOUR_MS),
      "fleet-metrics-partial": { ...madeWith(168 * HOUR_MS), partitions: 1 },
    });
  });

  it("with three replicas need two that confirm", async () => {
    const { admin, made } = cluster(withAll({}));
    const topics = new Map(names).set("losses", "fleet-other");
    await readyTopics(admin, { names: topics, settings: { ...settings, replicas: 3 } });
    assertEquals((made["fleet-other"] as { configs: object }).configs, {
      ...{ "cleanup.policy": "delete", "retention.ms": `${168 * HOUR_MS}`, "min.insync.replicas": "2" },
    });
  });

  for (
    const [name, value, must] of [
      ["cleanup.policy", "compact", "be delete"],
      ["cleanup.policy", "compact,delete", "be delete"],
      ["max.message.bytes", "65535", "be 65536 or more"],
      ["retention.ms", "3599999", "be 3600000 or more"],
    ] as const
  ) {
    it(`are refused where ${name} is ${value}`, async () => {
      const { admin } = cluster(withAll({ [name]: value }));
      await assertRejects(
        () => readyTopics(admin, { names, settings }),
        Error,
        `Cannot use fleet-alerts: its ${name} is ${value}, and must ${must}`,
      );
    });
  }

  it("are taken with other settings, also by who may not look at them", async () => {
    await readyTopics(cluster(withAll({ "retention.ms": "-1" })).admin, { names, settings });
    const { admin } = cluster(withAll({ "cleanup.policy": "compact" }), { denies: "describe" });
    await readyTopics(admin, { names, settings });
  });

  it("that may not be made are named", async () => {
    const { admin } = cluster({}, { denies: "create" });
    const { cause } = await assertRejects(
      () => readyTopics(admin, { names, settings }),
      Error,
      "Cannot make the topic fleet-telemetry, which is missing",
    );
    assertEquals((cause as ProtocolError).apiId, "TOPIC_AUTHORIZATION_FAILED");
  });
});
