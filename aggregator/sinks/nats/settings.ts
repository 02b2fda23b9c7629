// What is set about NATS.
import { list, text, type Values, whole } from "../../../platform/kinds.ts";
import type { Rule } from "../../../platform/settings.ts";
import type { TopicKind } from "../publishing/messages.ts";
import type { NatsSettings } from "./broker.ts";

const SERVER = /^(nats:\/\/)?(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/;
/** A stream's name, and what a subject begins with. */
const PREFIX = /^[\w-]{1,64}$/;
const LOGIN = /^(?:user:(?<user>[^:]+):(?<pass>.+)|token:(?<token>.+)|creds:(?<credsPath>.+))$/;

/** By variable. */
export const NATS_SETTINGS = {
  SLIPSTREAM_NATS: list({
    ...{ fallback: [], shown: "none", placeholder: "HOST:PORT,…" },
    about: "servers of NATS to whose JetStream the journal is published",
    fits: (server) => SERVER.test(server),
    must: "be HOST:PORT of servers, with commas between",
  }),
  SLIPSTREAM_NATS_PREFIX: text({
    ...{ fallback: "fleet", placeholder: "NAME" },
    about: "its streams are called so, a dash, and what is in them",
    fits: (prefix) => PREFIX.test(prefix),
    must: "be 1 to 64 letters, digits, dashes",
  }),
  SLIPSTREAM_NATS_REPLICAS: whole({ fallback: 1, max: 5, about: "of each stream that is not there yet" }),
  SLIPSTREAM_NATS_HOURS: whole({ fallback: 168, max: 87_600, about: "for which those keep a message" }),
  SLIPSTREAM_NATS_CA: text({
    ...{ fallback: null, placeholder: "FILE|system", shown: "none" },
    about: "PEM of those who sign the servers' certificates: it speaks TLS only then",
  }),
  SLIPSTREAM_NATS_LOGIN: {
    ...text({
      ...{ fallback: null, placeholder: "HOW:…", shown: "none" },
      about: "how it logs in: user:NAME:PASSWORD, token:TOKEN or creds:FILE",
      fits: (login) => LOGIN.test(login),
      must: "be user:NAME:PASSWORD, token:TOKEN or creds:FILE",
    }),
    isSecret: true as const,
  },
};

type Read = Values<typeof NATS_SETTINGS>;

/** What of NATS's settings makes sense with others only. */
export function natsRules<All extends Read>(): Rule<All>[] {
  return [{
    name: "SLIPSTREAM_NATS_LOGIN",
    isBroken: (read) => /^(user|token):/.test(read.SLIPSTREAM_NATS_LOGIN ?? "") && read.SLIPSTREAM_NATS_CA === null,
    needs: "needs SLIPSTREAM_NATS_CA: without TLS what it says could be read on the way",
  }];
}

/** Null: nothing is published there. */
export function natsConfig(
  read: Read & { SLIPSTREAM_RETENTION_DAYS: number },
  topics: readonly TopicKind[],
): NatsSettings | null {
  if (read.SLIPSTREAM_NATS.length === 0) return null;
  return {
    servers: read.SLIPSTREAM_NATS,
    topics,
    prefix: read.SLIPSTREAM_NATS_PREFIX,
    replicas: read.SLIPSTREAM_NATS_REPLICAS,
    // What names a drone is kept nowhere for longer than that.
    keptMs: Math.min(read.SLIPSTREAM_NATS_HOURS, read.SLIPSTREAM_RETENTION_DAYS * 24) * 3_600_000,
    caPath: read.SLIPSTREAM_NATS_CA,
    login: { ...LOGIN.exec(read.SLIPSTREAM_NATS_LOGIN ?? "")?.groups },
  };
}
