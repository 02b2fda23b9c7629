import { assertEquals, assertLess } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { zstdCompressSync } from "node:zlib";
import { RAW_BYTES_MAX } from "../../aggregator/batch/decompress.ts";
import { Codec } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batchInit, EdgeEnd } from "../aggregator/rig.ts";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { Process } from "../e2e/process.ts";
import { System, until } from "../e2e/system.ts";
import { Bystander } from "./bystander.ts";

const EXPANDED_BYTES = 256 << 20;
const ATTACK_FILE = new URL("attacks.ts", import.meta.url).pathname;
/** Under attack, on a busy machine: an acknowledgement waits for the disk as well. */
const USUAL_MS_MAX = 250;
const LONGEST_MS_MAX = 2000;
const ACKNOWLEDGED_MIN = 20;
const GROWN_MIB_MAX = 96;

type Side = "edge" | "aggregator";
type Refused = Record<string, number>;

interface Attack {
  by: string;
  on: Side;
  /** By which it is refused. */
  counted: string;
}

const ATTACKS: Attack[] = [
  { by: "half-open", on: "edge", counted: "request" },
  { by: "slow-headers", on: "edge", counted: "request" },
  { by: "slow-body", on: "edge", counted: "request" },
  { by: "slow-message", on: "edge", counted: "slow" },
  { by: "fragments", on: "edge", counted: "slow" },
  { by: "compressed", on: "edge", counted: "message" },
  { by: "pings", on: "edge", counted: "flood" },
  { by: "frames", on: "edge", counted: "flood" },
  { by: "connections", on: "edge", counted: "address" },
  { by: "half-open", on: "aggregator", counted: "address" },
  { by: "slow-headers", on: "aggregator", counted: "request" },
  { by: "slow-acknowledgement", on: "aggregator", counted: "request" },
  { by: "connections", on: "aggregator", counted: "address" },
];

function descriptors(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

function memoryMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) / 1024;
}

/** An older Deno has none of these limits; elsewhere there is no /proc to look at. */
const hasLimits = noticesBrokenSockets() && Deno.build.os === "linux";

describe("a system under attack", { ignore: !hasLimits }, () => {
  let system: System;
  let bystander: Bystander;
  beforeAll(async () => {
    system = await System.start();
    bystander = await Bystander.connect(system.telemetryUrl);
  });
  afterAll(async () => {
    await bystander.close();
    await system[Symbol.asyncDispose]();
  });

  it("expands no batch beyond what it says, and beyond what a batch may have: each is malformed, and others are served", async () => {
    const { pid, url } = system.aggregator;
    const before = memoryMib(pid);
    bystander.take();
    const edge = await new EdgeEnd(url).greet(7n, "bomber");
    const body = new Uint8Array(zstdCompressSync(new Uint8Array(EXPANDED_BYTES)));
    for (const rawBytes of [1000, RAW_BYTES_MAX, EXPANDED_BYTES]) {
      for (let i = 0; i < 5; i++) {
        const verdict = await edge.hand(batchInit(body, { codec: Codec.ZSTD, rawBytes }));
        assertEquals(verdict, BatchVerdict.MALFORMED);
      }
    }
    await edge.close();
    await until("the bystander is served", () => Promise.resolve(bystander.take().length > 0));
    assertLess(memoryMib(pid), before + GROWN_MIB_MAX);
  });

  const refused = async (side: Side): Promise<Refused> => {
    const { connectionsRefused } = side === "edge"
      ? await system.status() as unknown as { connectionsRefused: Refused }
      : await system.fleet();
    return connectionsRefused;
  };

  for (const { by, on, counted } of ATTACKS) {
    it(`serves others while ${by} go on at the ${on}, counts them (${counted}), and is as before afterwards`, async () => {
      const { pid, url } = system[on];
      const before = { files: descriptors(pid), memoryMib: memoryMib(pid), refused: await refused(on) };
      bystander.take();
      {
        await using _attack = await Process.start({
          args: ["run", "-A", "--quiet", "--no-check", ATTACK_FILE, by, url],
          readyWhen: "attacking",
        });
        await until("it is refused", async () => {
          return (await refused(on))[counted]! > before.refused[counted]!;
        }, 30_000);
        const latenciesMs: number[] = [];
        await until("the bystander is served", () => {
          latenciesMs.push(...bystander.take());
          return Promise.resolve(latenciesMs.length >= ACKNOWLEDGED_MIN);
        });
        latenciesMs.sort((a, b) => a - b);
        assertLess(latenciesMs[latenciesMs.length >> 1]!, USUAL_MS_MAX);
        assertLess(latenciesMs.at(-1)!, LONGEST_MS_MAX);
      }
      assertEquals(bystander.isConnected, true);
      await until("its descriptors are back", () => Promise.resolve(descriptors(pid) <= before.files + 5), 45_000);
      assertLess(memoryMib(pid), before.memoryMib + GROWN_MIB_MAX);
    });
  }
});
