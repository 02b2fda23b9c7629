// deno task tail: what is published to Kafka, as lines, as it comes.
import { oneLine } from "../../platform/one_line.ts";
import { optionsOf } from "../../platform/options.ts";
import { readSettings } from "../../platform/settings.ts";
import { AGGREGATOR_SETTINGS } from "../config.ts";
import type { ClusterSettings } from "../sinks/kafka/client.ts";
import { clusterConfig, loginRule } from "../sinks/kafka/settings.ts";
import { describe } from "../sinks/publishing/publisher.ts";
import { linesOf } from "./lines.ts";
import { TAIL, type TailOptions } from "./options.ts";
import { readTopic } from "./topic_reader.ts";

/** As the aggregator reaches them, by the same variables. */
function brokersOf({ brokers }: TailOptions): ClusterSettings {
  const env = { ...Deno.env.toObject(), ...brokers !== null && { SLIPSTREAM_KAFKA: brokers } };
  const read = readSettings(env, { process: "aggregator", table: AGGREGATOR_SETTINGS, rules: [loginRule()] });
  if (read.SLIPSTREAM_KAFKA.length > 0) return clusterConfig(read);
  throw new Error("no brokers are known: say --brokers, or set SLIPSTREAM_KAFKA");
}

async function main(options: TailOptions): Promise<void> {
  const { topic, from, count, json } = options;
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => ending.abort());
  const lineOf = linesOf(topic!, { json });
  let printed = 0;
  for await (const message of readTopic(brokersOf(options), { topic: topic!, from, signal: ending.signal })) {
    console.log(lineOf(message));
    if (++printed === count || ending.signal.aborted) return;
  }
}

const options = optionsOf(TAIL);
try {
  await main(options);
  Deno.exit(0);
} catch (error) {
  // Whoever reads the lines has enough of them.
  if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
  if (!(error instanceof Error)) throw error;
  console.error(`Cannot read ${options.topic}: ${oneLine(describe(error))}`);
  Deno.exit(2);
}
