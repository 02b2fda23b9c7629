// The embedded pipeline beside Flink: what the same windows cost, and how soon they are told.
import { hasKafka } from "../../kafka/kafka_server.ts";
import { hasFlink } from "../../parity/flink_job.ts";
import type { BenchSettings, Comparison } from "../comparison.ts";
import { compareCosts } from "./cost.ts";
import { compareDelays } from "./delay.ts";

export const compareFlink = (settings: BenchSettings) => whereInstalled(compareCosts, settings);
export const compareFlinkDelay = (settings: BenchSettings) => whereInstalled(compareDelays, settings);

/** Nothing, and why, where Kafka and Flink are not installed. */
async function whereInstalled(
  measure: (settings: BenchSettings) => Promise<Comparison[]>,
  settings: BenchSettings,
): Promise<Comparison[]> {
  if (hasKafka && hasFlink()) return await measure(settings);
  console.error("NOTICE  Flink is not compared: tests/with/kafka.sh and tests/with/flink.sh install what it takes");
  return [];
}
