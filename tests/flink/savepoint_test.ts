import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SEED } from "../bench/comparison.ts";
import { createLoad } from "../bench/pipeline.ts";
import { eventually } from "../chaos/eventually.ts";
import { hasKafka, KafkaServer } from "../kafka/kafka_server.ts";
import { compare } from "../parity/compare.ts";
import { hasFlink } from "../parity/flink_job.ts";
import { type FlinkRow, flinkWindows, ownWindows } from "../parity/windows.ts";
import { Cluster } from "./cluster.ts";
import { fly, intoZones, publish } from "./flight.ts";
import { behind } from "./group.ts";

const LIMIT_MS = 120_000;
const TOLD = "fleet-metrics-flink";

describe("the Flink job that is stopped with a savepoint", { ignore: !hasKafka || !hasFlink() }, () => {
  it("goes on from there, in a cluster of its own or in a session: no window is missing, or told twice", async () => {
    const { messages, windows } = await fly(
      intoZones(await createLoad({ seed: SEED, smoke: true }, { seconds: 9, drones: 40 })),
    );
    await using kafka = await KafkaServer.start();
    await kafka.createTopic(TOLD);
    const state = await Deno.makeTempDir({ prefix: "slipstream-flink-" });
    const values = [`BROKERS=${kafka.address}`, "IDLE=1 h"];
    const isRead = async () =>
      await behind(kafka.address, { group: "slipstream-windows", topic: "fleet-telemetry" }) === 0;
    const rows = async () => flinkWindows(await kafka.rows(TOLD) as FlinkRow[]);
    // In the middle of windows: those that were open are in the savepoint, and nowhere else.
    const third = Math.ceil(messages.length / 3);
    const next = async (cluster: Cluster, part: number) => {
      await publish(kafka.address, messages.slice(part * third, (part + 1) * third), { entry: 1 + part * third });
      assertEquals(await eventually(isRead, LIMIT_MS), true, `part ${part} is not read`);
      return await cluster.stopJob({ drain: part === 2 });
    };
    const run = async (part: number, ...args: string[]) => {
      await using cluster = await Cluster.start({ args: [...args, ...values], state });
      const savepoint = await next(cluster, part);
      assertEquals(await cluster.ended(), 0);
      return savepoint;
    };

    const first = await run(0);
    const { windows: early } = await rows();
    assertGreater(early.size, 0);
    let second = "";
    {
      await using session = await Cluster.start({ args: ["--session"], state });
      await session.submit(values, { savepoint: first });
      second = await next(session, 1);
    }
    const { windows: later, doubled: inSession } = await rows();
    assertGreater(later.size, early.size);
    assertEquals(inSession, 0);
    await run(2, "--from-savepoint", second);

    const { windows: told, doubled } = await rows();
    const { equal, differences } = compare(ownWindows(windows).windows, told);
    assertEquals({ differences, doubled }, { differences: [], doubled: 0 });
    assertGreater(equal, later.size / 2);
    await Deno.remove(state, { recursive: true });
  });
});
