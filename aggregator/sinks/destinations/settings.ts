// What is set about everything that the journal can be published to.
import { type Values, whole } from "../../../platform/kinds.ts";
import type { Rule } from "../../../platform/settings.ts";
import { KAFKA } from "../kafka/destination.ts";
import { KAFKA_SETTINGS, kafkaConfig, kafkaRules } from "../kafka/settings.ts";
import type { Destined } from "../publishing/publishers.ts";

/** By variable. */
export const PUBLISHING_SETTINGS = {
  ...KAFKA_SETTINGS,
  SLIPSTREAM_PUBLISH_JOURNAL_MIB: whole({
    ...{ fallback: 16_384, min: 32, max: 10_000_000 },
    about: "the journal keeps what is not published everywhere, until it is so large",
  }),
};

type Read = Values<typeof PUBLISHING_SETTINGS>;

/** What makes sense with a destination, or with a journal on a disk, only. */
export function publishingRules<All extends Read & { SLIPSTREAM_JOURNAL: string }>(): Rule<All>[] {
  return [
    {
      name: "SLIPSTREAM_KAFKA",
      isBroken: (read) => read.SLIPSTREAM_KAFKA.length > 0 && read.SLIPSTREAM_JOURNAL === ":memory:",
      needs: "needs a journal on a disk: SLIPSTREAM_JOURNAL",
    },
    ...kafkaRules<All>(),
  ];
}

/** Those that are set. */
export function publishedTo(read: Read): Destined[] {
  const kafka = kafkaConfig(read);
  return [...kafka ? [{ destination: KAFKA, settings: kafka }] : []];
}
