// What is set about Kafka.
import { list, name, text, type Values, whole } from "../../../platform/kinds.ts";
import type { Rule } from "../../../platform/settings.ts";
import type { TopicKind } from "../publishing/messages.ts";
import type { KafkaSettings } from "./broker.ts";
import type { ClusterSettings } from "./client.ts";

const BROKER = /^(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/;
const LOGIN = /^(PLAIN|SCRAM-SHA-256|SCRAM-SHA-512):([^:]+):(.+)$/;

/** By variable: whoever speaks to Kafka has these. */
export const CLUSTER_SETTINGS = {
  SLIPSTREAM_KAFKA: list({
    ...{ fallback: [], shown: "none", placeholder: "HOST:PORT,…" },
    about: "brokers to which the journal is published",
    fits: (broker) => BROKER.test(broker),
    must: "be HOST:PORT of brokers, with commas between",
  }),
  SLIPSTREAM_KAFKA_PREFIX: name({ fallback: "fleet", about: "its topics are called so, a dash, and what is in them" }),
  SLIPSTREAM_KAFKA_PARTITIONS: whole({ fallback: 6, max: 10_000, about: "of each topic that is not there yet" }),
  SLIPSTREAM_KAFKA_REPLICAS: whole({ fallback: 1, max: 100, about: "of each partition of those" }),
  SLIPSTREAM_KAFKA_CA: text({
    ...{ fallback: null, placeholder: "FILE|system", shown: "none" },
    about: "PEM of those who sign the brokers' certificates: it speaks TLS then",
  }),
  SLIPSTREAM_KAFKA_LOGIN: {
    ...text({
      ...{ fallback: null, placeholder: "MECHANISM:USER:PASSWORD", shown: "none" },
      about: "how it logs in; PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
      fits: (login) => LOGIN.test(login),
      must: "be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, a user and a password, with colons between",
    }),
    isSecret: true as const,
  },
};

/** Whoever publishes has these as well. */
export const RETENTION_SETTINGS = {
  SLIPSTREAM_KAFKA_TELEMETRY_HOURS: whole({
    ...{ fallback: 24, max: 87_600 },
    about: "a topic of records that is not there yet keeps them for so long",
  }),
  SLIPSTREAM_KAFKA_HOURS: whole({ fallback: 168, max: 87_600, about: "the same of windows, alerts and losses" }),
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Read = Values<typeof CLUSTER_SETTINGS>;
type Published = Read & Values<typeof RETENTION_SETTINGS> & { SLIPSTREAM_RETENTION_DAYS: number };

/** A password is not sent in the clear. */
export function loginRule<All extends Read>(): Rule<All> {
  return {
    name: "SLIPSTREAM_KAFKA_LOGIN",
    isBroken: (read) => read.SLIPSTREAM_KAFKA_LOGIN?.startsWith("PLAIN:") === true && read.SLIPSTREAM_KAFKA_CA === null,
    needs: "needs SLIPSTREAM_KAFKA_CA: without TLS the password could be read on the way",
  };
}

/** Null: nothing is published there. */
export function kafkaConfig(read: Published, topics: readonly TopicKind[]): KafkaSettings | null {
  if (read.SLIPSTREAM_KAFKA.length === 0) return null;
  // What names a drone is kept nowhere for longer than that.
  const within = (hours: number) => Math.min(hours * HOUR_MS, read.SLIPSTREAM_RETENTION_DAYS * DAY_MS);
  const retention = {
    telemetryMs: within(read.SLIPSTREAM_KAFKA_TELEMETRY_HOURS),
    othersMs: within(read.SLIPSTREAM_KAFKA_HOURS),
  };
  return { ...clusterConfig(read), topics, retention };
}

/** How the brokers are reached, and what topics are like that are not there yet. */
export function clusterConfig(read: Read): ClusterSettings & Pick<KafkaSettings, "partitions" | "replicas"> {
  const [, mechanism, username, password] = LOGIN.exec(read.SLIPSTREAM_KAFKA_LOGIN ?? "") ?? [];
  return {
    brokers: read.SLIPSTREAM_KAFKA,
    prefix: read.SLIPSTREAM_KAFKA_PREFIX,
    partitions: read.SLIPSTREAM_KAFKA_PARTITIONS,
    replicas: read.SLIPSTREAM_KAFKA_REPLICAS,
    caPath: read.SLIPSTREAM_KAFKA_CA,
    login: mechanism && username && password ? { mechanism: mechanism as Mechanism, username, password } : null,
  };
}

type Mechanism = NonNullable<ClusterSettings["login"]>["mechanism"];
