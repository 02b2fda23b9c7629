import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { REPLAY, replayOptions } from "../../aggregator/replay/options.ts";
import { readOptions } from "../../platform/options.ts";

function read(args: string[]) {
  const options = readOptions(args, REPLAY);
  if (options === "help") throw new Error("Cannot go on: no help was asked for");
  return replayOptions(options);
}

describe("the options of replay", () => {
  it("takes times as ISO 8601 and as Unix µs, and settings by their names", () => {
    const args = [
      "--from",
      "2026-09-21T14:13:20Z",
      "--to",
      "1790000001000000",
      "--set",
      "battery.lowCpct=3000",
      "--diff",
    ];
    const options = read(args);
    assertEquals([options.fromUs, options.toUs], [1_790_000_000_000_000, 1_790_000_001_000_000]);
    assertEquals([options.settings.battery.lowCpct, [...options.fixed], options.diff], [
      3000,
      ["battery.lowCpct"],
      true,
    ]);
    assertEquals(PIPELINE_DEFAULTS.battery.lowCpct, 2500);
  });

  it("names every problem at once", () => {
    const wrong = ["--from", "noon", "--set", "battery=5", "--set", "linkLossUs=soon"];
    const error = assertThrows(() => read(wrong), TypeError, "3 options are wrong");
    for (const part of ["--from=noon", "--set=battery=5", "--set=linkLossUs=soon"]) {
      assertEquals(error.message.includes(part), true, part);
    }
    assertThrows(() => read(["--from", "5", "--to", "5"]), TypeError, "must be before --to");
  });
});
