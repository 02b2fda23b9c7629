import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { hostClock, systemPlatform } from "../../platform/system.ts";

describe("systemPlatform", () => {
  it("tells the host's time, or the time of the clock it is given", () => {
    assertLess(Math.abs(systemPlatform("test").now() - Date.now()), 1000);
    assertLess(Math.abs(hostClock().now() - Date.now()), 1000);
    assertEquals(systemPlatform("test", { now: () => 5 }).now(), 5);
  });

  it("runs what is due once, again and again, or soon, unless it is cancelled", async () => {
    const { after, every, soon } = systemPlatform("test");
    const ran: string[] = [];
    const cancels = [after(0, () => ran.push("cancelled")), every(1, () => ran.push("cancelled"))];
    for (const cancel of cancels) cancel();
    const twice = Promise.withResolvers<void>();
    let times = 0;
    const end = every(1, () => {
      if (++times === 2) twice.resolve();
    });
    await twice.promise;
    end();
    await new Promise<void>((resolve) => soon(() => (ran.push("soon"), resolve())));
    await new Promise<void>((resolve) => void after(1, () => (ran.push("after"), resolve())));
    assertEquals([ran, times], [["soon", "after"], 2]);
  });

  it("has chance, and a clock that does not go back", () => {
    const { random, fillRandom, clock } = systemPlatform("test");
    const [bytes, others] = [new Uint8Array(16), new Uint8Array(16)];
    fillRandom(bytes);
    fillRandom(others);
    assertEquals(bytes.join() !== others.join() && random() !== random(), true);
    const before = clock();
    assertEquals(clock() >= before, true);
  });

  it("begins each line of the log with the process and how bad it is", () => {
    const lines: unknown[] = [];
    const { error } = console;
    console.error = (line) => lines.push(line);
    try {
      systemPlatform("edge").log("warn", "it leaks");
    } finally {
      console.error = error;
    }
    assertEquals(lines, ["edge warn: it leaks"]);
  });
});
