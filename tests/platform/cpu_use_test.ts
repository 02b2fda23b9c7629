import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CpuUse, ownCpuMs } from "../../platform/cpu_use.ts";

/** A processor of which so much is used, looked at five times a second. */
class Machine {
  usedMs: number | null = 0;
  #nowMs = 0;
  readonly use = new CpuUse(() => this.usedMs);

  run(share: number, seconds: number): CpuUse {
    for (let i = 0; i < seconds * 5; i++) {
      this.use.look(this.#nowMs);
      this.#nowMs += 200;
      if (this.usedMs !== null) this.usedMs += 200 * share;
    }
    return this.use;
  }
}

describe("CpuUse", () => {
  it("tells how much of a core is used, smoothed", () => {
    const machine = new Machine();
    assertEquals(machine.use.pct, null);
    assertGreater(machine.run(0.5, 10).pct!, 49);
    assertLess(machine.run(0.5, 1).pct!, 51);
    assertLess(machine.run(4, 0.2).pct!, 60);
  });

  it("is busy from 80 % on, a moment later, and until it is below 70 %", () => {
    const machine = new Machine();
    assertEquals(machine.run(0.75, 10).isBusy, false);
    assertEquals(machine.run(1, 0.4).isBusy, false);
    assertEquals(machine.run(1, 5).isBusy, true);
    assertEquals(machine.run(0.75, 10).isBusy, true);
    assertEquals(machine.run(0.65, 10).isBusy, false);
  });

  it("tells nothing, and is never busy, where nobody can tell", () => {
    const machine = new Machine();
    assertEquals(machine.run(1, 10).isBusy, true);
    machine.usedMs = null;
    const { pct, isBusy } = machine.run(1, 1);
    assertEquals([pct, isBusy], [null, false]);
    assertEquals([new CpuUse().pct, new CpuUse().isBusy], [null, false]);
  });

  it("begins anew where the clock stands still, or what was used shrinks", () => {
    let usedMs = 1000;
    const use = new CpuUse(() => usedMs);
    use.look(0);
    usedMs = 0;
    use.look(0);
    use.look(1000);
    assertEquals(use.pct, 0);
  });
});

describe("what this process has used of the processor", () => {
  it("grows with what it does", () => {
    const before = ownCpuMs()!;
    for (let i = 0, untilMs = performance.now() + 50; performance.now() < untilMs; i++) Math.hypot(i);
    assertGreater(ownCpuMs()!, before);
  });

  it("is not known where the platform has the function, and throws", () => {
    // deno-lint-ignore no-process-global -- that is what is called
    const { cpuUsage } = process;
    // deno-lint-ignore no-process-global -- that is what is called
    process.cpuUsage = () => {
      throw new Error("Cannot tell how much CPU was used: no such system call here");
    };
    try {
      assertEquals(ownCpuMs(), null);
    } finally {
      // deno-lint-ignore no-process-global -- that is what is called
      process.cpuUsage = cpuUsage;
    }
  });
});
