// Topics that are as they must be: made where they are missing, and refused where what is set of them would break a promise.
import { type Admin, ConfigResourceTypes, findErrorBy } from "@platformatic/kafka";
import type { TopicKind } from "../publishing/messages.ts";
import { PARTIALS_TOPIC } from "../publishing/partials.ts";

/** What topics are made with; of those that are there the number of partitions stays. */
export interface TopicSettings {
  partitions: number;
  replicas: number;
  /** Messages go so long after they were published: records, and everything else. */
  retention: { telemetryMs: number; othersMs: number };
}

/** What is needed of who may make topics and look at them. */
export type TopicAdmin = Pick<Admin, "listTopics" | "createTopics" | "describeConfigs">;

/** Our largest message and some room: a window names the 64 densest cells, and every edge that it lacks. */
const MESSAGE_BYTES_MIN = 65_536;
/** What was published last says after a restart where to go on: it must be there still. */
const RETENTION_MS_MIN = 3_600_000;

/**
 * Makes those of the topics that are not there, and looks at the others.
 * @throws {Error} when one cannot be made, or may not be used as it is
 */
export async function readyTopics(
  admin: TopicAdmin,
  { names, settings }: { names: ReadonlyMap<TopicKind, string>; settings: TopicSettings },
): Promise<void> {
  const there = new Set(await admin.listTopics());
  const missing = [...names].filter(([, topic]) => !there.has(topic));
  for (const [kind, topic] of missing) await makeTopic(admin, { kind, topic, settings });
  const wrong = await wrongWith(admin, [...names.values()].filter((topic) => there.has(topic)));
  if (wrong.length > 0) throw new Error(`Cannot use ${wrong.join("; ")}`);
}

async function makeTopic(
  admin: TopicAdmin,
  { kind, topic, settings: { partitions, replicas, retention } }: {
    kind: TopicKind;
    topic: string;
    settings: TopicSettings;
  },
): Promise<void> {
  const configs = Object.entries({
    "cleanup.policy": "delete",
    "retention.ms": `${kind === "telemetry" ? retention.telemetryMs : retention.othersMs}`,
    // What one broker alone has confirmed is lost with it.
    ...replicas > 2 && { "min.insync.replicas": "2" },
  }).map(([name, value]) => ({ name, value }));
  try {
    // Parts of windows have one order for all of them: see KafkaBroker.partitionOf.
    await admin.createTopics({
      topics: [topic],
      partitions: kind === PARTIALS_TOPIC ? 1 : partitions,
      replicas,
      configs,
    });
  } catch (cause) {
    throw new Error(`Cannot make the topic ${topic}, which is missing`, { cause });
  }
}

async function wrongWith(admin: TopicAdmin, topics: string[]): Promise<string[]> {
  if (topics.length === 0) return [];
  const configurationKeys = Object.keys(CHECKS);
  const resources = topics.map((topic) => ({
    ...{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configurationKeys },
  }));
  const described = await admin.describeConfigs({ resources }).catch((error: Error) => {
    // Who may not look at what is set may publish all the same.
    if (findErrorBy(error, "apiId", "TOPIC_AUTHORIZATION_FAILED")) return [];
    throw error;
  });
  return described.flatMap(({ resourceName, configs }) =>
    configs.flatMap(({ name, value }) => {
      const must = CHECKS[name as keyof typeof CHECKS]?.(value ?? "") ?? null;
      return must === null ? [] : [`${resourceName}: its ${name} is ${value}, and must ${must}`];
    })
  );
}

/** What each must be; null: it is. */
const CHECKS: Record<string, (value: string) => string | null> = {
  "cleanup.policy": (value) => value === "delete" ? null : "be delete: all that is of one key is kept",
  "max.message.bytes": (value) => Number(value) >= MESSAGE_BYTES_MIN ? null : `be ${MESSAGE_BYTES_MIN} or more`,
  "retention.ms": (value) =>
    Number(value) < 0 || Number(value) >= RETENTION_MS_MIN ? null : `be ${RETENTION_MS_MIN} or more, or -1`,
};
