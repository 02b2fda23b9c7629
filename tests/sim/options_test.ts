import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { loadPlan, readOptions, UsageError } from "../../sim/options.ts";

const extra = {
  url: { fallback: "ws://x", placeholder: "URL", about: "", problem: (url: string) => url === "bad" ? "is bad" : null },
};
const read = (...args: string[]) => readOptions(args, { command: "sim", extra });

describe("readOptions", () => {
  it("has a default for everything", () => {
    assertEquals(read(), {
      drones: 50,
      seconds: null,
      scenario: "calm",
      seed: 1,
      coalesce: false,
      replay: [],
      speed: 1,
      copies: 1,
      json: false,
      prompt: false,
      only: null,
      extra: { url: "ws://x" },
    });
  });

  it("has as many drones as the scenario is about, unless it is told", () => {
    assertEquals(read("--scenario", "drone-show").drones, 500);
    assertEquals(read("--scenario", "fleet-2000").drones, 2000);
    assertEquals(read("--scenario", "fleet-2000", "--drones", "7").drones, 7);
  });

  it("reads values in both forms, and several files after --replay", () => {
    const options = read("--drones=3", "--seconds", "1.5", "--replay", "a.csv", "b.csv", "--coalesce", "--json");
    assertEquals([options.drones, options.seconds, options.coalesce, options.json], [3, 1.5, true, true]);
    assertEquals(options.replay, ["a.csv", "b.csv"]);
  });

  it("names every problem in one message, with the usage", () => {
    const { message } = assertThrows(
      () => read("--drones", "many", "--scenario", "storm", "--speed=0", "--wings", "2", "--url", "bad", "--json=no"),
      UsageError,
    );
    for (
      const part of [
        "--drones=many: must be a whole number",
        "--scenario=storm: must be one of calm, low-battery",
        "--speed=0: must be a number from 0.01",
        "--wings: no such option",
        "--url=bad: is bad",
        "--json: takes no value",
        "Usage: sim",
      ]
    ) assertStringIncludes(message, part);
  });

  it("refuses a file without --replay, and an option without its value", () => {
    assertStringIncludes(assertThrows(() => read("a.csv"), UsageError).message, "a.csv: files follow --replay");
    assertStringIncludes(assertThrows(() => read("--drones"), UsageError).message, "--drones: needs a value");
  });
});

describe("loadPlan", () => {
  it("gives every drone the boot of the run", async () => {
    const { drones } = await loadPlan(read("--drones", "2"), 77);
    assertEquals(drones, [{ droneId: "drone-0001", bootId: 77 }, { droneId: "drone-0002", bootId: 77 }]);
  });

  it("names every file that is missing", async () => {
    const { message } = await assertRejects(
      () => loadPlan(read("--replay", "no-such-1.csv", "no-such-2.csv"), 1),
      UsageError,
      "Cannot read no-such-1.csv",
    );
    assertStringIncludes(message, "Cannot read no-such-2.csv");
  });
});
