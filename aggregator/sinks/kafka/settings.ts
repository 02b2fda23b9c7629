// What is set about Kafka.
import { list, name, text, type Values, whole } from "../../../platform/kinds.ts";
import type { Rule } from "../../../platform/settings.ts";
import type { KafkaSettings } from "./broker.ts";

const BROKER = /^(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/;
const LOGIN = /^(PLAIN|SCRAM-SHA-256|SCRAM-SHA-512):([^:]+):(.+)$/;

/** By variable. */
export const KAFKA_SETTINGS = {
  SLIPSTREAM_KAFKA: list({
    ...{ fallback: [], shown: "none", placeholder: "HOST:PORT,…" },
    about: "brokers to which the journal is published",
    fits: (broker) => BROKER.test(broker),
    must: "be HOST:PORT of brokers, with commas between",
  }),
  SLIPSTREAM_KAFKA_PREFIX: name({ fallback: "fleet", about: "its topics are called so, a dash, and what is in them" }),
  SLIPSTREAM_KAFKA_PARTITIONS: whole({ fallback: 6, max: 10_000, about: "of each topic that is not there yet" }),
  SLIPSTREAM_KAFKA_REPLICAS: whole({ fallback: 1, max: 100, about: "of each partition of those" }),
  SLIPSTREAM_KAFKA_TELEMETRY_HOURS: whole({
    ...{ fallback: 24, max: 87_600 },
    about: "a topic of records that is not there yet keeps them for so long",
  }),
  SLIPSTREAM_KAFKA_HOURS: whole({ fallback: 168, max: 87_600, about: "the same of windows, alerts and losses" }),
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
  SLIPSTREAM_KAFKA_JOURNAL_MIB: whole({
    ...{ fallback: 16_384, min: 32, max: 10_000_000 },
    about: "the journal keeps what Kafka lacks, until it is so large",
  }),
};

type Read = Values<typeof KAFKA_SETTINGS>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What of Kafka's settings makes sense with brokers, or with the journal, only. */
export function kafkaRules<All extends Read & { SLIPSTREAM_JOURNAL: string }>(): Rule<All>[] {
  return [{
    name: "SLIPSTREAM_KAFKA",
    isBroken: (read) => read.SLIPSTREAM_KAFKA.length > 0 && read.SLIPSTREAM_JOURNAL === ":memory:",
    needs: "needs a journal on a disk: SLIPSTREAM_JOURNAL",
  }, {
    name: "SLIPSTREAM_KAFKA_LOGIN",
    isBroken: (read) => read.SLIPSTREAM_KAFKA_LOGIN?.startsWith("PLAIN:") === true && read.SLIPSTREAM_KAFKA_CA === null,
    needs: "needs SLIPSTREAM_KAFKA_CA: without TLS the password could be read on the way",
  }];
}

/** Null: nothing is published. @throws {Error} when the file of those who sign cannot be read */
export function kafkaConfig(read: Read & { SLIPSTREAM_RETENTION_DAYS: number }): KafkaSettings | null {
  const [, mechanism, username, password] = LOGIN.exec(read.SLIPSTREAM_KAFKA_LOGIN ?? "") ?? [];
  if (read.SLIPSTREAM_KAFKA.length === 0) return null;
  // What names a drone is kept nowhere for longer than that.
  const within = (hours: number) => Math.min(hours * HOUR_MS, read.SLIPSTREAM_RETENTION_DAYS * DAY_MS);
  const restMs = within(read.SLIPSTREAM_KAFKA_HOURS);
  return {
    brokers: read.SLIPSTREAM_KAFKA,
    prefix: read.SLIPSTREAM_KAFKA_PREFIX,
    partitions: read.SLIPSTREAM_KAFKA_PARTITIONS,
    replicas: read.SLIPSTREAM_KAFKA_REPLICAS,
    retentionMs: {
      telemetry: within(read.SLIPSTREAM_KAFKA_TELEMETRY_HOURS),
      ...{ metrics: restMs, alerts: restMs, losses: restMs },
    },
    caPath: read.SLIPSTREAM_KAFKA_CA,
    login: mechanism && username && password ? { mechanism: mechanism as Mechanism, username, password } : null,
  };
}

type Mechanism = NonNullable<KafkaSettings["login"]>["mechanism"];
