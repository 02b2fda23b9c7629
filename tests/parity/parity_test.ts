import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { hasKafka } from "../kafka/kafka_server.ts";
import { hasFlink } from "./flink_job.ts";
import { parity } from "./parity.ts";

describe("the Flink job", { ignore: !hasKafka || !hasFlink() }, () => {
  it("tells each window of the embedded pipeline, of a fleet that makes it hard, and nothing else", async () => {
    const { flown: { records, cutS }, equal, doubled, differences } = await parity({
      ...{ drones: 16, seconds: 14, latenessS: 5, kill: false },
    });
    assertEquals({ differences: differences.slice(0, 3), doubled }, { differences: [], doubled: 0 });
    assertGreater(equal, 100);
    // The fleet was one that makes it hard.
    assertGreater(records.late, 0);
    assertGreater(records.retimed, 0);
    assertGreater(records.nearDuplicate, 0);
    assertGreater(cutS, 9);
  });
});
