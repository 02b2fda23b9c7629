// What is set about everything that the journal can be published to.
import { type Values, whole } from "../../../platform/kinds.ts";
import type { Rule } from "../../../platform/settings.ts";
import { KAFKA } from "../kafka/destination.ts";
import { CLUSTER_SETTINGS, kafkaConfig, loginRule, RETENTION_SETTINGS } from "../kafka/settings.ts";
import { MQTT } from "../mqtt/destination.ts";
import { MQTT_SETTINGS, mqttConfig, mqttRules } from "../mqtt/settings.ts";
import { NATS } from "../nats/destination.ts";
import { NATS_SETTINGS, natsConfig, natsRules } from "../nats/settings.ts";
import { TOPICS } from "../publishing/messages.ts";
import { PARTIALS_TOPIC } from "../publishing/partials.ts";
import type { Destined } from "../publishing/publishers.ts";

/** By variable. */
export const PUBLISHING_SETTINGS = {
  ...CLUSTER_SETTINGS,
  ...RETENTION_SETTINGS,
  ...NATS_SETTINGS,
  ...MQTT_SETTINGS,
  SLIPSTREAM_PUBLISH_JOURNAL_MIB: whole({
    ...{ fallback: 16_384, min: 32, max: 10_000_000 },
    about: "the journal keeps what is not published everywhere, until it is so large",
  }),
};

type Read = Values<typeof PUBLISHING_SETTINGS>;

/** Where it is published, if anything is said. */
const WHERE = ["SLIPSTREAM_KAFKA", "SLIPSTREAM_NATS", "SLIPSTREAM_MQTT_PUBLISH"] as const;

/** What makes sense with another setting, or with a journal on a disk, only. */
export function publishingRules<
  All extends Read & { SLIPSTREAM_JOURNAL: string; SLIPSTREAM_REGION: string | null },
>(): Rule<All>[] {
  const needJournal = WHERE.map((name) => ({
    name,
    isBroken: (read: All) => (read[name]?.length ?? 0) > 0 && read.SLIPSTREAM_JOURNAL === ":memory:",
    needs: "needs a journal on a disk: SLIPSTREAM_JOURNAL",
  }));
  return [...needJournal, loginRule<All>(), ...natsRules<All>(), ...mqttRules<All>()];
}

/** Those that are set. */
export function publishedTo(
  read: Read & { SLIPSTREAM_REGION: string | null; SLIPSTREAM_RETENTION_DAYS: number },
): Destined[] {
  const topics = TOPICS.filter((kind) => kind !== PARTIALS_TOPIC || read.SLIPSTREAM_REGION !== null);
  const [kafka, nats, mqtt] = [kafkaConfig(read, topics), natsConfig(read, topics), mqttConfig(read)];
  const at = (prefix: string, addresses: readonly string[]) => ({ place: { prefix, addresses } });
  return [
    ...kafka ? [{ destination: KAFKA, settings: kafka, topics, ...at(kafka.prefix, kafka.brokers) }] : [],
    ...nats ? [{ destination: NATS, settings: nats, topics, ...at(nats.prefix, nats.servers) }] : [],
    ...mqtt
      ? [{ destination: MQTT, ...mqtt, ...at(mqtt.settings.prefix, [`${mqtt.settings.host}:${mqtt.settings.port}`]) }]
      : [],
  ];
}
