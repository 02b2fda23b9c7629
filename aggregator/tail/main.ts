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

const encoder = new TextEncoder();

/** @throws {Deno.errors.BrokenPipe} when whoever reads has enough: the console would say nothing */
function print(line: string): void {
  const bytes = encoder.encode(`${line}\n`);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}

async function main(options: TailOptions): Promise<void> {
  const { topic, from, count, json } = options;
  // Nobody has to be told, and brokers that are away may say nothing for long.
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => Deno.exit(0));
  const lineOf = linesOf(topic!, { json });
  let printed = 0;
  for await (const message of readTopic(brokersOf(options), { topic: topic!, from })) {
    print(lineOf(message));
    if (++printed === count) return;
  }
}

const options = optionsOf(TAIL);
try {
  await main(options);
  Deno.exit(0);
} catch (error) {
  if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
  if (!(error instanceof Error)) throw error;
  console.error(`Cannot read ${options.topic}: ${oneLine(describe(error))}`);
  Deno.exit(2);
}
