import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MERGER_SETTINGS, readMergerConfig } from "../../aggregator/merge/config.ts";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { runToEnd } from "../e2e/process.ts";

const ENV = { SLIPSTREAM_MERGER_REGIONS: "us=u, eu=e", SLIPSTREAM_KAFKA: "localhost:9092" };

describe("the settings of a merger", () => {
  it("name its regions, in an order of their own, and their topics", () => {
    const { topics, merger } = readMergerConfig(ENV);
    assertEquals([topics.get("eu"), topics.get("us"), merger.regions], ["e", "u", ["eu", "us"]]);
  });

  for (
    const [regions, why] of [
      ["", "SLIPSTREAM_MERGER_REGIONS=: must name at least one region and its topic"],
      ["eu", "SLIPSTREAM_MERGER_REGIONS=eu: must be regions with their topics"],
      ["eu=a,eu=b", "must name each region and each topic once"],
      ["eu=a,us=a", "must name each region and each topic once"],
    ]
  ) {
    it(`are refused with the regions ${JSON.stringify(regions)}, by name`, () => {
      const read = () => readMergerConfig({ ...ENV, SLIPSTREAM_MERGER_REGIONS: regions });
      assertStringIncludes(assertThrows(read, TypeError).message, why!);
    });
  }

  it("are refused without brokers", () => {
    const read = () => readMergerConfig({ ...ENV, SLIPSTREAM_KAFKA: "" });
    assertThrows(read, TypeError, "SLIPSTREAM_KAFKA=: must name brokers that have the regions' topics");
  });

  it("are what --merge --help tells of; nothing starts then, nor where they are wrong", async () => {
    const run = (...args: string[]) => runToEnd(["run", "-A", "--quiet", "aggregator/main.ts", ...args]);
    const { code, stdout } = await run("--merge", "--help");
    assertEquals(code, 0);
    for (const name of Object.keys(MERGER_SETTINGS)) assertStringIncludes(stdout, `\n  ${name} `);
    const refused = await run("--merge");
    assertEquals([refused.code, refused.stdout], [2, ""]);
    assertStringIncludes(refused.stderr, "Cannot start the merger: 2 setting(s) are wrong");
  });
});

describe("an aggregator's region", () => {
  const env = { SLIPSTREAM_KAFKA: "localhost:9092" };
  const topicsOf = (region: string) =>
    readAggregatorConfig({ ...env, SLIPSTREAM_REGION: region }).publishedTo.flatMap(({ topics }) => topics);

  it("has partial windows published, which are not without one", () => {
    assertEquals([topicsOf("eu").includes("metrics-partial"), topicsOf("").includes("metrics-partial")], [true, false]);
  });
});
