// A broker of MQTT, as one that the journal can be published to. What is said there is for those who listen now: it begins with what
// comes once it is set.
import type { Destination } from "../publishing/publishing_thread.ts";

export const MQTT: Destination = {
  name: "mqtt",
  title: "MQTT",
  workerUrl: import.meta.resolve("./mqtt_worker.ts"),
  largerBy: "raise the broker's limit of a packet",
  beginsWith: "now",
};
