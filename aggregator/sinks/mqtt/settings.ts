// What is set about the broker of MQTT to which the journal is published.
import { list, name, text, type Values } from "../../../platform/kinds.ts";
import type { Rule } from "../../../platform/settings.ts";
import { type TopicKind, TOPICS } from "../publishing/messages.ts";
import { PARTIALS_TOPIC } from "../publishing/partials.ts";
import type { MqttSettings } from "./broker.ts";

const BROKER = /^(\[[0-9a-fA-F:.]+\]|[\w.-]+):(\d{1,5})$/;
const LOGIN = /^([^:]+):(.+)$/;
const isTopicKind = (name: string): name is TopicKind => (TOPICS as readonly string[]).includes(name);

/** By variable. */
export const MQTT_SETTINGS = {
  SLIPSTREAM_MQTT_PUBLISH: text({
    ...{ fallback: null, shown: "none", placeholder: "HOST:PORT" },
    about: "a broker of MQTT 5 to which the journal is published, from when that is set",
    fits: (broker) => BROKER.test(broker),
    must: "be HOST:PORT of a broker",
  }),
  SLIPSTREAM_MQTT_PUBLISH_PREFIX: name({ fallback: "slipstream", about: "its topics begin so, and a slash" }),
  SLIPSTREAM_MQTT_PUBLISH_TOPICS: list({
    ...{ fallback: ["metrics", "alerts", "losses"] as string[], placeholder: "KIND,…" },
    about: `of ${TOPICS.join(", ")}`,
    fits: isTopicKind,
    must: `be some of ${TOPICS.join(", ")}, with commas between`,
  }),
  SLIPSTREAM_MQTT_PUBLISH_CA: text({
    ...{ fallback: null, placeholder: "FILE|system", shown: "none" },
    about: "PEM of those who sign the broker's certificate: it speaks TLS then",
  }),
  SLIPSTREAM_MQTT_PUBLISH_LOGIN: {
    ...text({
      ...{ fallback: null, placeholder: "USER:PASSWORD", shown: "none" },
      about: "how it logs in",
      fits: (login) => LOGIN.test(login),
      must: "be a user and a password, with a colon between",
    }),
    isSecret: true as const,
  },
};

type Read = Values<typeof MQTT_SETTINGS>;

/** What of these settings makes sense with others only. */
export function mqttRules<All extends Read & { SLIPSTREAM_REGION: string | null }>(): Rule<All>[] {
  return [{
    name: "SLIPSTREAM_MQTT_PUBLISH_TOPICS",
    isBroken: (read) => read.SLIPSTREAM_MQTT_PUBLISH_TOPICS.includes(PARTIALS_TOPIC) && read.SLIPSTREAM_REGION === null,
    needs: `needs SLIPSTREAM_REGION: without it there is no ${PARTIALS_TOPIC}`,
  }, {
    name: "SLIPSTREAM_MQTT_PUBLISH_LOGIN",
    isBroken: (read) => read.SLIPSTREAM_MQTT_PUBLISH_LOGIN !== null && read.SLIPSTREAM_MQTT_PUBLISH_CA === null,
    needs: "needs SLIPSTREAM_MQTT_PUBLISH_CA: without TLS the password could be read on the way",
  }];
}

/** Null: nothing is published there. */
export function mqttConfig(read: Read): { settings: MqttSettings; topics: TopicKind[] } | null {
  const [, host, port] = BROKER.exec(read.SLIPSTREAM_MQTT_PUBLISH ?? "") ?? [];
  const [, username, password] = LOGIN.exec(read.SLIPSTREAM_MQTT_PUBLISH_LOGIN ?? "") ?? [];
  if (!host) return null;
  return {
    settings: {
      ...{ host: host.replace(/^\[|\]$/g, ""), port: Number(port), prefix: read.SLIPSTREAM_MQTT_PUBLISH_PREFIX },
      caPath: read.SLIPSTREAM_MQTT_PUBLISH_CA,
      login: username && password ? { username, password } : null,
    },
    topics: read.SLIPSTREAM_MQTT_PUBLISH_TOPICS.filter(isTopicKind),
  };
}
