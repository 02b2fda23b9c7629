import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FAULTS } from "./faults.ts";
import { judge } from "./oracle.ts";
import { runFault } from "./run.ts";
import { ChaosSystem } from "./system.ts";

const DRONES = 10;

describe("the conservation oracle", () => {
  const all = ["a/1/1", "a/1/2", "a/1/3"];
  it("finds nothing where everything acknowledged is stored once", () => {
    const verdict = judge({ sent: all, acknowledged: all, stored: new Set(all), counted: 3 });
    assertEquals(verdict, { sent: 3, acknowledged: 3, stored: 3, lost: 0, doubled: 0, invented: 0 });
  });

  it("finds what was lost, counted twice and invented, and does not mind what nobody was promised", () => {
    const partly = judge({ sent: all, acknowledged: all.slice(0, 2), stored: new Set(["a/1/1"]), counted: 1 });
    assertEquals([partly.lost, partly.doubled, partly.invented], [1, 0, 0]);
    const doubled = judge({ sent: all, acknowledged: all, stored: new Set([...all, "b/1/1"]), counted: 5 });
    assertEquals([doubled.lost, doubled.doubled, doubled.invented], [0, 2, 1]);
  });
});

describe("processes under faults", () => {
  it("lose nothing that they acknowledged, count nothing twice, and recover: one fault after the other", async () => {
    await using shared = await ChaosSystem.start();
    for (const fault of FAULTS) {
      if (fault.system) continue;
      const outcome = await runFault(shared, fault, { drones: DRONES, ms: fault.msMin });
      const { lost, doubled, invented, sent, acknowledged, recoveryMs } = outcome;
      assertEquals({ lost, doubled, invented }, { lost: 0, doubled: 0, invented: 0 }, fault.name);
      assertEquals(acknowledged, sent, fault.name);
      assertEquals(typeof recoveryMs, "number", fault.name);
    }
  });

  const full = FAULTS.find(({ name }) => name === "disk full")!;
  it("stop acknowledging while the journal's disk is full, say so, and go on by themselves", async () => {
    await using own = await ChaosSystem.start(full.system);
    const outcome = await runFault(own, full, { drones: DRONES, ms: full.msMin });
    assertEquals([outcome.lost, outcome.doubled, outcome.acknowledged], [0, 0, outcome.sent]);
    const { alerts } = await (await fetch(`${own.aggregatorUrl}/v1/alerts?state=all`)).json();
    const degraded = alerts.find(({ kind, detail }: { kind: string; detail: string }) => {
      return kind === "degraded" && detail === "journal";
    });
    assertEquals(degraded?.transition, "resolve");
  });
});
