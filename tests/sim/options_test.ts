import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { webSocketUrl } from "../../platform/kinds.ts";
import { readOptions, UsageError } from "../../platform/options.ts";
import { loadPlan, TRAFFIC } from "../../sim/options.ts";

const url = webSocketUrl({ fallback: "ws://x", about: "" });
function read(...args: string[]) {
  const options = readOptions(args, { ...TRAFFIC, name: "sim", about: "", options: { url, ...TRAFFIC.options } });
  if (options === "help") throw new Error("Cannot go on: no help was asked for");
  return options;
}

describe("the options of traffic", () => {
  it("have a default for everything", () => {
    assertEquals(read(), {
      drones: null,
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
      url: "ws://x",
    });
  });

  it("ask for as many drones as the scenario is about, unless they say how many", async () => {
    const drones = async (...args: string[]) => (await loadPlan(read(...args), 1)).drones.length;
    assertEquals(await drones(), 50);
    assertEquals(await drones("--scenario", "drone-show"), 500);
    assertEquals(await drones("--scenario", "fleet-2000"), 2000);
    assertEquals(await drones("--scenario", "fleet-2000", "--drones", "7"), 7);
  });

  it("fly no drone that the fleet does not have", () => {
    assertEquals(read("--only", "41-50").only, { first: 41, last: 50 });
    for (const only of ["0-3", "4-3", "1-51", "all"]) {
      assertStringIncludes(
        assertThrows(() => read("--only", only), UsageError).message,
        "must be two numbers of drones",
      );
    }
  });

  it("are read in both forms, and several files after --replay", () => {
    const options = read("--drones=3", "--seconds", "1.5", "--replay", "a.csv", "b.csv", "--coalesce", "--json");
    assertEquals([options.drones, options.seconds, options.coalesce, options.json], [3, 1.5, true, true]);
    assertEquals(options.replay, ["a.csv", "b.csv"]);
  });

  it("name every problem in one message, and where the usage is", () => {
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
        "--url=bad: must be a ws:// or wss:// URL",
        "--json: takes no value",
        "see --help",
      ]
    ) assertStringIncludes(message, part);
  });

  it("refuse a file without --replay, and an option without its value", () => {
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
