// Apache Kafka, as one that the journal can be published to.
import type { Destination } from "../publishing/publishing_thread.ts";

export const KAFKA: Destination = {
  name: "kafka",
  title: "Kafka",
  workerUrl: import.meta.resolve("./kafka_worker.ts"),
  largerBy: "raise the topic's max.message.bytes",
  beginsWith: "everything",
};
