import { assertEquals, assertGreater } from "@std/assert";
import { it } from "@std/testing/bdd";
import { hasKafka } from "../kafka/kafka_server.ts";
import { hasFlink } from "./flink_job.ts";
import { parity } from "./parity.ts";

const SETTINGS = { drones: 24, seconds: 9, latenessS: 8, cutS: 4, kill: false };

it("the windows of a small fleet are those that Flink makes of its records", {
  ignore: !hasKafka || !hasFlink(),
}, async () => {
  const { differences, equal, values, open, doubled, flown, revisions } = await parity(SETTINGS);
  assertEquals(differences, []);
  assertEquals({ open, doubled }, { open: 0, doubled: 0 });
  assertGreater(flown.records.accepted, 3000);
  assertGreater(revisions, 0);
  assertGreater(equal, 50);
  assertGreater(values, 1000);
});
