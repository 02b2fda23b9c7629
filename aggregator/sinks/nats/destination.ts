// NATS JetStream, as one that the journal can be published to.
import type { Destination } from "../publishing/publishing_thread.ts";

export const NATS: Destination = {
  name: "nats",
  title: "NATS",
  workerUrl: import.meta.resolve("./nats_worker.ts"),
  largerBy: "raise the servers' max_payload, or the stream's max_msg_size",
  beginsWith: "everything",
};
