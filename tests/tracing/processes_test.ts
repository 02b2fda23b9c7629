import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fleetPlan } from "../../sim/fleet.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Run } from "../../sim/run.ts";
import { freePort } from "../e2e/free_port.ts";
import { System } from "../e2e/system.ts";
import { startNode } from "../node/rig.ts";
import { sources } from "../style/sources.ts";
import { Collector } from "./collector.ts";

/** An edge has so long, and a moment for what is on its way to a collector. */
const STOP_MS_MAX = 15_000;

function fly(system: System, drones: number): Promise<Run> {
  const plan = fleetPlan({ drones, seed: 3, scenario: "calm", coalesce: false });
  const signal = new AbortController().signal;
  const run = new Run({ url: system.telemetryUrl, plan, seconds: 2, signal, platform: systemPlatform("sim") });
  return run.connect().then(() => run.send()).then(() => run);
}

describe("an edge and an aggregator that are traced", () => {
  it("tell refusals, by the name that the log has for the drone", async () => {
    await using collector = new Collector();
    const few = { SLIPSTREAM_DRONE_RATE: "20", SLIPSTREAM_DRONE_BURST: "20" };
    await using system = await System.start({ edgeEnv: { ...collector.env("edge"), ...few } });
    const run = await fly(system, 1);
    const refusal = await collector.find("a refusal is told", ({ name }) => name === "refusal");
    assertEquals([refusal.error, refusal.attributes.reason, refusal.parentSpanId], ["drone-rate", "drone-rate", ""]);
    assertMatch(String(refusal.attributes.drone), /^drone:[0-9a-f]{10}$/);
    await run.close();
    const { stderr } = await system.stop();
    assertEquals(stderr.includes(String(refusal.attributes.drone)), true, stderr);
  });

  it("work as ever, and end in time, while nobody takes what they tell", async () => {
    const nobody = {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${freePort()}`,
      OTEL_BSP_SCHEDULE_DELAY: "100",
      SLIPSTREAM_TRACE_ONE_IN: "1",
    };
    const { SLIPSTREAM_TRACE_ONE_IN: _, ...aggregatorEnv } = nobody;
    await using system = await System.start({ edgeEnv: nobody, aggregatorEnv });
    const run = await fly(system, 3);
    const { sent, acknowledged, unacknowledged } = run.summary();
    await run.close();
    assertEquals([acknowledged, unacknowledged], [sent.records, 0]);
    const beganMs = performance.now();
    const { edgeCode, aggregatorCode, stderr } = await system.stop();
    assertEquals([edgeCode, aggregatorCode], [0, 0], stderr);
    assertLess(performance.now() - beganMs, STOP_MS_MAX);
  });
});

describe("an edge and an aggregator that are not traced", () => {
  it("tell nobody anything, with a collector or without", async () => {
    await using collector = new Collector();
    const { OTEL_DENO: _, ...env } = collector.env("silent");
    await using system = await System.start({ edgeEnv: { ...env, SLIPSTREAM_TRACE_ONE_IN: "1" }, aggregatorEnv: env });
    const run = await fly(system, 1);
    await run.close();
    await system.stop();
    assertEquals(collector.spans, []);
  });

  it("do not load what traces", async () => {
    const loading = (await sources()).filter(({ path }) => !path.startsWith("tests/")).flatMap(({ path, lines }) =>
      lines.filter((line) => line.includes('"@opentelemetry/api"')).map((line) => `${path}: ${line.trim()}`)
    );
    assertEquals(loading.filter((line) => !line.startsWith("import_map.json") && !line.includes("await import(")), []);
  });
});

describe("the log of a process that nobody reads on a terminal", () => {
  const FORMATS: [env: Record<string, string>, isJson: boolean][] = [[{}, true], [{ SLIPSTREAM_LOG: "text" }, false]];
  for (const [env, isJson] of FORMATS) {
    it(`is ${isJson ? "JSON, each line of it" : "text where somebody wants that"}`, async () => {
      await using system = await System.start({ edgeEnv: env, aggregatorEnv: env });
      const ready = [system.edge, system.aggregator].map(({ readyLine }) => readyLine);
      const { stderr } = await system.stop();
      const lines = [...ready, ...stderr.trim().split("\n")];
      const read = lines.map((line) => line.startsWith("{") ? Object.keys(JSON.parse(line)).join() : "text");
      assertEquals([...new Set(read)], [isJson ? "time,level,process,message" : "text"], stderr);
    });
  }

  it("is the same of all edges of a node", async () => {
    await using node = await startNode();
    const { code, stderr } = await node.stop();
    assertEquals(code, 0, stderr);
    const lines = [node.readyLine, ...stderr.trim().split("\n")].map((line) => JSON.parse(line));
    const processes = new Set(lines.map(({ process }) => process));
    for (const process of ["edge", "edge 1", "edge 2"]) assertEquals(processes.has(process), true, stderr);
  });

  it("leaves out what is less than somebody wants to hear", async () => {
    await using system = await System.start({ edgeEnv: { SLIPSTREAM_LOG_LEVEL: "warn" } });
    const { stderr } = await system.edge.stop();
    assertEquals(stderr.includes('"level":"info"'), false, stderr);
  });
});
