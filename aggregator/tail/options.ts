// What `deno task tail` can be asked for.
import { oneOf, text, type Values, whole } from "../../platform/kinds.ts";
import { type Command, flag } from "../../platform/options.ts";
import { CLUSTER_SETTINGS } from "../sinks/kafka/settings.ts";

const OPTIONS = {
  topic: text({
    ...{ fallback: null, shown: "needed", placeholder: "NAME" },
    about: "such as fleet-alerts",
  }),
  brokers: text({
    ...{ fallback: null, shown: "those of SLIPSTREAM_KAFKA", placeholder: "HOST:PORT,…" },
    about: "some of them",
  }),
  from: oneOf(["beginning", "end"], { fallback: "end", placeholder: "beginning|end", about: "of the topic" }),
  count: whole({ fallback: null, shown: "until Ctrl-C", about: "ends after so many messages" }),
  json: flag("an object a line, with all that there is"),
};

export type TailOptions = Values<typeof OPTIONS>;

const { SLIPSTREAM_KAFKA, SLIPSTREAM_KAFKA_CA, SLIPSTREAM_KAFKA_LOGIN } = CLUSTER_SETTINGS;

/** The command line of `deno task tail`. */
export const TAIL: Command<typeof OPTIONS> = {
  name: "deno task tail",
  about:
    "Prints what is in a topic of Kafka, decoded: records, windows, alerts and losses by the names that they are " +
    "published under, anything else as it is. Of a topic that is written in transactions what is committed.",
  options: OPTIONS,
  rules: ({ topic }) => topic === null ? ["--topic: say which"] : [],
  settings: { SLIPSTREAM_KAFKA, SLIPSTREAM_KAFKA_CA, SLIPSTREAM_KAFKA_LOGIN },
};
