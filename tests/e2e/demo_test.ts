import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Process } from "./process.ts";
import { until } from "./system.ts";

/** What anybody who waits at a terminal is promised. */
const STOP_MS_MAX = 3000;

/** A demo that runs, and its parts: of a process that is gone no file is left, of one that nobody waited for the state is Z. */
async function demo(): Promise<{ demo: Process; parts: number[] }> {
  const args = ["run", "-A", "sim/demo.ts", "--drones", "5", "--port", "0", "--edge-port", "0"];
  const process = await Process.start({ args, readyWhen: "console:" });
  const parts: number[] = [];
  await until("all parts run", async () => {
    parts.splice(0, Infinity, ...await childrenOf(process.pid));
    return parts.length === 3;
  });
  return { demo: process, parts };
}

async function childrenOf(pid: number): Promise<number[]> {
  const list: number[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`);
    list.push(...text.split(" ").filter((word) => word !== "").map(Number));
  }
  const own = await commandOf(pid);
  const commands = await Promise.all(list.map(commandOf));
  // One that is still its parent's copy is just being made: stopped now, it would hold its parent in the kernel for good.
  return list.filter((_, i) => commands[i] !== own);
}

async function commandOf(pid: number): Promise<string> {
  return await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
}

async function runs(pid: number): Promise<boolean> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return text !== "" && !/\) [ZX] /.test(text);
}

async function allGone(pids: number[], limitMs: number): Promise<void> {
  await until("no part is left", async () => !(await Promise.all(pids.map(runs))).includes(true), limitMs);
}

describe("the demo", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`ends within three seconds of ${signal}, though none of its parts answers`, async () => {
      const { demo: process, parts } = await demo();
      for (const pid of parts) Deno.kill(pid, "SIGSTOP");
      const sinceMs = performance.now();
      const { code, stderr } = await process.stop(signal);
      assertLess(performance.now() - sinceMs, STOP_MS_MAX);
      assertEquals(code, 0, stderr);
      await allGone(parts, 100);
    });
  }

  it("ends at once by a second signal", async () => {
    for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const { demo: process, parts } = await demo();
      for (const pid of parts) Deno.kill(pid, "SIGSTOP");
      const sinceMs = performance.now();
      // Somebody who presses until it ends: the first one that is heard asks, the second one ends it.
      const again = setInterval(() => process.signal(signal), 50);
      const { code } = await process.stop(signal).finally(() => clearInterval(again));
      assertLess(performance.now() - sinceMs, 1500);
      assertEquals(code, expected);
      await allGone(parts, 1000);
    }
  });

  it("leaves no part behind when it is killed", async () => {
    const { demo: process, parts } = await demo();
    await process.stop("SIGKILL");
    await allGone(parts, 2000);
  });
});
