import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { batteryFrame } from "./rig.ts";
import { StillEdge } from "./still_rig.ts";

/** How long a battery waits at an edge that uses so much of a core, and what it is told to have to do. */
async function bulkWindow(cpuShare: number | null) {
  const rig = await StillEdge.start({}, { cpuShare });
  const drone = rig.drone();
  await rig.pass(40_000);
  const fromMs = rig.world.nowMs;
  let waitedMs = NaN;
  const { answer } = rig;
  rig.answer = (batch) => {
    if (batch.lane === Lane.BULK) waitedMs = Math.round(rig.world.nowMs - fromMs);
    return answer(batch);
  };
  drone.receive(batteryFrame("d1", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]));
  await rig.pass(150);
  const { level, cpuPct } = await rig.status();
  const told = rig.messages.flatMap(({ body }) => body.case === "status" ? [body.value.cpuCpct] : []).at(-1);
  await rig.stop();
  return { waitedMs, level, cpuPct: cpuPct === null ? null : Math.round(cpuPct), told };
}

describe("the bulk window", () => {
  it("is 100 ms above 80 % of the processor, while the ladder gives up nothing", async () => {
    assertEquals(await bulkWindow(0.9), { waitedMs: 100, level: 0, cpuPct: 90, told: 9000 });
  });

  it("is what acknowledgements make it below that", async () => {
    assertEquals(await bulkWindow(0.75), { waitedMs: 50, level: 0, cpuPct: 75, told: 7500 });
  });

  it("goes by the ladder alone where nobody can tell", async () => {
    assertEquals(await bulkWindow(null), { waitedMs: 50, level: 0, cpuPct: null, told: 0 });
  });
});

describe("/v1/scale of an edge", () => {
  const scaleOf = async (rig: StillEdge) => await (await rig.edge.app.request("/v1/scale")).json();

  it("wants another edge beside it after two minutes above 70 %, and says so in the log", async () => {
    const rig = await StillEdge.start({}, { cpuShare: 0.82 });
    await rig.pass(100_000);
    const { replicas, wanted, reasons, signals } = await scaleOf(rig);
    assertEquals([replicas, wanted, signals], [1, 1, { cpuPct: 82, lagMs: 0, connectionsPct: 0, backlogMs: 0 }]);
    assertMatch(reasons[0], /^cpu is 82 %, more than 70 %, for \d+ s$/);
    await rig.pass(30_000);
    assertEquals((await scaleOf(rig)).wanted, 2);
    const logged = rig.log.filter((line) =>
      line.startsWith("2 edges are wanted in place of this one, 1 before: cpu is")
    );
    assertEquals(logged.length, 1, rig.log.join("\n"));
    await rig.stop();
  });

  it("wants no other for what waits for an aggregator that is away", async () => {
    const rig = await StillEdge.start({}, { cpuShare: 0.1 });
    rig.takesUplinks = false;
    rig.uplinks.at(-1)!.close(1006);
    rig.drone().receive(batteryFrame("d1", [1]));
    await rig.pass(200_000);
    const { wanted, signals } = await scaleOf(rig);
    assertEquals([wanted, signals.backlogMs], [1, null]);
    await rig.stop();
  });
});

describe("/v1/status of an edge", () => {
  it("tells its time, and why it has no aggregator for as long as it has none", async () => {
    const rig = await StillEdge.start();
    const { time, kv, uplinkTrouble } = await rig.status();
    assertEquals([time, kv, uplinkTrouble], ["2026-09-21T14:13:20.001Z", "off", null]);
    rig.takesUplinks = false;
    rig.uplinks.at(-1)!.close(4004, "the proof has ended");
    await rig.pass(10);
    assertEquals((await rig.status()).uplinkTrouble, "closed with code 4004: the proof has ended");
    rig.takesUplinks = true;
    await rig.pass(30_000);
    assertEquals((await rig.status()).uplinkTrouble, null);
    await rig.stop();
  });
});
