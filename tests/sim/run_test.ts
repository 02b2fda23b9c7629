import { assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fleetPlan } from "../../sim/fleet.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Run, type RunSummary } from "../../sim/run.ts";
import type { ScenarioName } from "../../sim/scenarios/table.ts";
import type { TrafficPlan } from "../../sim/traffic.ts";
import { TinyEdge } from "./tiny_edge.ts";

const plan = (scenario: ScenarioName): TrafficPlan =>
  fleetPlan({ drones: 4, seed: 1, scenario, coalesce: false, bootId: 1 });

async function runAgainst(edge: TinyEdge, what: TrafficPlan): Promise<RunSummary> {
  const { signal } = new AbortController();
  const run = new Run({ url: edge.url, plan: what, seconds: 1, signal, platform: systemPlatform("sim") });
  await run.connect();
  await run.send();
  await run.close();
  return run.summary();
}

describe("Run", () => {
  it("sends every record over real sockets, and ends when all are acknowledged", async () => {
    await using edge = new TinyEdge();
    const { sent, acknowledged, unacknowledged, drones } = await runAgainst(edge, plan("calm"));
    assertGreater(sent.records, 100);
    assertEquals([acknowledged, unacknowledged, drones], [sent.records, 0, 4]);
    assertEquals(edge.arrivals.size, sent.records);
  });

  it("loses nothing when all connections drop at once", async () => {
    await using edge = new TinyEdge();
    const summary = await runAgainst(edge, { ...plan("reconnect-storm"), dropsAfterUs: [0.3e6, 0.6e6] });
    assertEquals(summary.acknowledged, summary.sent.records);
    assertEquals(edge.arrivals.size, summary.sent.records);
    assertGreater(summary.reconnects, 3);
  });

  it("sends repeated and damaged frames as the scenario has them", async () => {
    await using edge = new TinyEdge();
    const { sent } = await runAgainst(edge, plan("duplicates"));
    const twice = [...edge.arrivals.values()].filter((times) => times === 2).length;
    assertEquals(twice, sent.duplicate);
    assertGreater(twice, 0);
  });

  it("catches up in small steps after a stall, so that acknowledgements are read in between", async () => {
    await using edge = new TinyEdge();
    const steps: number[] = [];
    let stallMs = 0;
    const calm = plan("calm");
    const observed: TrafficPlan = {
      ...calm,
      begin: (startUs) => {
        const traffic = calm.begin(startUs);
        let lastUs = startUs;
        return {
          ...{ finish: traffic.finish.bind(traffic), truth: traffic.truth.bind(traffic), ended: false },
          advance: (toUs) => {
            steps.push(toUs - lastUs);
            lastUs = toUs;
            stallMs = 20_000;
            return traffic.advance(toUs);
          },
        };
      },
    };
    const { now, ...rest } = systemPlatform("sim");
    const platform = { ...rest, now: () => now() + stallMs };
    const { signal } = new AbortController();
    const run = new Run({ url: edge.url, plan: observed, seconds: 21, signal, platform });
    await run.connect();
    await run.send();
    await run.close();
    assertGreater(steps.length, 10);
    assertEquals(steps.filter((us) => us > 100_000), []);
    const { sent, acknowledged } = run.summary();
    assertEquals(acknowledged, sent.records);
  });

  it("keeps up in a process whose event loop is busy with other things", async () => {
    await using edge = new TinyEdge();
    const { after, ...rest } = systemPlatform("sim");
    const platform = { ...rest, after: (ms: number, fn: () => void) => after(ms + 25, fn) };
    const { signal } = new AbortController();
    const run = new Run({ url: edge.url, plan: plan("calm"), seconds: 2, signal, platform });
    await run.connect();
    await run.send();
    await run.close();
    // Turns of 27 ms and steps of 10 would leave it 1.2 s behind.
    assertLess(run.summary().lagMs.max, 400);
  });

  for (const prompt of [false, true]) {
    it(`says that no edge is there, and lives on (${prompt ? "ws" : "WebSocket"})`, () => refused(prompt));
  }
});

async function refused(prompt: boolean): Promise<void> {
  const { signal } = new AbortController();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const url = `ws://127.0.0.1:${port}/v1/telemetry`;
  const platform = systemPlatform("sim");
  const run = new Run({ url, plan: plan("calm"), seconds: 1, signal, prompt, platform, connectMsMax: 300 });
  await assertRejects(() => run.connect(), Error, `Cannot connect to ${url}: 0 of 4 drones did`);
}
