import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ChaosSystem } from "../chaos/system.ts";
import { inTrouble, published } from "../publishing/published.ts";
import { fly } from "./flight.ts";
import { hasKafka, KafkaServer } from "./kafka_server.ts";
import { SmallDisk } from "./small_disk.ts";

const MIB = 1 << 20;

describe("a broker whose disk is full", { ignore: !hasKafka || !await SmallDisk.isPossible() }, () => {
  it("is told about while drones are acknowledged as ever, and gets all of it once there is room", async () => {
    await using kafka = await KafkaServer.start({ diskBytes: 64 * MIB });
    await using system = await ChaosSystem.start({
      aggregatorEnv: { SLIPSTREAM_KAFKA: kafka.address, SLIPSTREAM_KAFKA_PARTITIONS: "1" },
    });
    const early = await fly(system, "early");
    await published(system, "kafka");
    await kafka.fillDisk();
    const later = await fly(system, "later");
    // A broker whose only disk takes nothing ends itself.
    assertMatch(await inTrouble(system, "kafka"), /Disk error|ECONNREFUSED|refused|Connecti/);
    await kafka.kill();
    await kafka.resizeDisk(256 * MIB);
    await kafka.restart();
    await published(system, "kafka");
    const { counted, topics } = await kafka.consume("fleet");
    assertEquals(counted, early + later);
    for (const [topic, { doubled, disorder }] of Object.entries(topics)) {
      assertEquals([doubled, disorder], [0, 0], topic);
    }
  });
});
