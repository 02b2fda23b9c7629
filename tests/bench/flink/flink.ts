// The embedded pipeline beside Flink: what the same windows cost, and how soon they are told.
import { hasKafka } from "../../kafka/kafka_server.ts";
import { hasFlink } from "../../parity/flink_job.ts";
import type { BenchSettings, Comparison } from "../comparison.ts";
import { compareCosts } from "./cost.ts";
import { compareDelays } from "./delay.ts";

/** Nothing, and why, where Kafka and Flink are not installed. */
export async function compareFlink(settings: BenchSettings): Promise<Comparison[]> {
  if (!hasKafka || !hasFlink()) {
    console.error("NOTICE  Flink is not compared: tests/with/kafka.sh and tests/with/flink.sh install what it takes");
    return [];
  }
  return [...await compareCosts(settings), ...await compareDelays(settings)];
}
