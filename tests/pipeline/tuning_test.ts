import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { Output } from "../../aggregator/outputs.ts";
import { numberNames, numberOf, setNumber } from "../../aggregator/pipeline/named.ts";
import { Pipeline, PIPELINE_DEFAULTS, type PipelineSettings } from "../../aggregator/pipeline/pipeline.ts";
import { propose } from "../../aggregator/pipeline/proposal.ts";
import { disorders, TUNABLES } from "../../aggregator/pipeline/tunables.ts";
import { type SettingValues, Tuning } from "../../aggregator/pipeline/tuning.ts";
import { makeEntry } from "./build_batch.ts";
import { ARRIVALS_SETTINGS, entrances, happenings, settingChange } from "./arbitrary_arrivals.ts";

const T0 = 1_790_000_000_000_000;
const NAMES = [...TUNABLES.keys()];
const defaults = () => new Tuning(PIPELINE_DEFAULTS).values();

function withSettings(values: SettingValues, settings: PipelineSettings): PipelineSettings {
  const changed = structuredClone(settings);
  for (const [name, value] of values) setNumber(changed, { name, value });
  return changed;
}

/** All but the audit, which has one record more where settings were changed. */
function results(outputs: Output[]): Output[] {
  return outputs.filter(({ type }) => type !== "audit");
}

function configure(pipeline: Pipeline, values: SettingValues): Output[] {
  return pipeline.configure({ by: "Ada", values, nowUs: T0 });
}

describe("a setting that may be changed", () => {
  it("is one of the pipeline's, whose default is within its bounds", () => {
    for (const [name, { min, max, isWhole, about }] of TUNABLES) {
      const value = numberOf(PIPELINE_DEFAULTS, name);
      assert(value !== null && value >= min && value <= max && min < max, `${name} is ${value}`);
      assert(!isWhole || [value, min, max].every(Number.isInteger), name);
      assert(about.length > 0, name);
    }
    assertEquals(disorders(new Map(defaults())), []);
  });

  it("of the environment holds from the start on that the journal tells, unless it is fixed", () => {
    const environment: [string, string][] = [["SLIPSTREAM_LATENESS_S", "20"], ["SLIPSTREAM_RETENTION_DAYS", "x"]];
    const finalS = (fixed: ReadonlySet<string>) => {
      const pipeline = new Pipeline(PIPELINE_DEFAULTS, { fixed });
      pipeline.started({ values: environment, nowUs: T0 });
      const sent = (s: number) => {
        const rows = [{
          kind: "battery" as const,
          slot: 1,
          seq: s + 1,
          eventTimeUs: T0 + s * 1e6,
          remainingCpct: 9000,
        }];
        return pipeline.step(makeEntry({ rows, slots: [{ slot: 1, droneId: "d" }], ingestionTimeUs: T0 + s * 1e6 }));
      };
      const outputs = Array.from({ length: 40 }, (_, s) => sent(s).outputs).flat();
      const finals = outputs.flatMap((of) => of.type === "tumbling" && of.window.final ? [of.window.endUs] : []);
      return finals.length === 0 ? null : (Math.max(...finals) - T0) / 1e6;
    };
    assertEquals(finalS(new Set()), 18);
    assertEquals(finalS(new Set(["allowedLatenessUs"])), null);
  });

  it("is none that sizes memory, or says how long drones are kept", () => {
    const others = numberNames(PIPELINE_DEFAULTS).filter((name) => !TUNABLES.has(name));
    assertEquals(others, [
      ...[
        "edgesMax",
        "allowedLatenessUs",
        "pastBytesMax",
        "windowUnits",
        "h3Resolution",
        "dronesMax",
        "droneKeptUs",
        "batchIdsMax",
      ],
      ...["airspace.testsMax", "airspace.pairsOfDroneMax", "airspace.trafficPairsOfDroneMax", "airspace.pairsMax"],
      ...["airspace.trafficMax", "airspace.crowdDronesNamed"],
      "openAlertsMax",
    ]);
  });

  it("holds at once in every part: as in a pipeline that began with it", () => {
    fc.assert(
      fc.property(happenings, fc.array(settingChange, { minLength: 1, maxLength: 12 }), (all, values) => {
        const changed = new Pipeline(ARRIVALS_SETTINGS);
        configure(changed, values);
        const begun = new Pipeline(withSettings(values, ARRIVALS_SETTINGS));
        for (const [i, next] of entrances(all.filter(({ type }) => type !== "configure")).entries()) {
          assertEquals(results(next(changed)), results(next(begun)), `happening ${i}`);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("Tuning", () => {
  it("tells what is another than before, and has the default of what is missing", () => {
    const tuning = new Tuning(PIPELINE_DEFAULTS);
    assertEquals(tuning.change([["linkLossUs", 4_000_000], ["reminderUs", 60_000_000]]), [
      { name: "linkLossUs", before: 3_000_000, after: 4_000_000 },
    ]);
    assertEquals(tuning.change([["battery.lowCpct", 3000]]), [
      { name: "battery.lowCpct", before: 2500, after: 3000 },
      { name: "linkLossUs", before: 4_000_000, after: 3_000_000 },
    ]);
    assertEquals([tuning.settings.battery.lowCpct, PIPELINE_DEFAULTS.battery.lowCpct], [3000, 2500]);
  });

  it("leaves out names of another version, what is no number, and what must not be changed", () => {
    const tuning = new Tuning(PIPELINE_DEFAULTS, new Set(["linkLossUs"]));
    const odd: SettingValues = [["airspace.gone", 1], ["dronesMax", 1], ["reminderUs", NaN], ["linkLossUs", 1]];
    assertEquals(tuning.change(odd), []);
    assertEquals([tuning.settings.dronesMax, tuning.settings.linkLossUs], [65_536, 3_000_000]);
  });

  it("says of each change once who made it, and nothing when nothing changes", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    assertEquals(results(configure(pipeline, [["linkLossUs", 4_000_000]])), [{
      type: "configuration",
      configuration: { by: "Ada", atUs: T0, changes: [{ name: "linkLossUs", before: 3_000_000, after: 4_000_000 }] },
    }]);
    assertEquals(configure(pipeline, [["linkLossUs", 4_000_000]]), []);
  });
});

describe("propose", () => {
  it("gives all values, those that nobody speaks of as they are", () => {
    const now = new Tuning(PIPELINE_DEFAULTS);
    now.change([["linkLossUs", 4_000_000]]);
    const proposed = propose(now.values(), new Map([["airspace.warning.radiusM", 60.5]]));
    assert("values" in proposed);
    const values = new Map(proposed.values);
    assertEquals([values.size, values.get("linkLossUs"), values.get("airspace.warning.radiusM")], [
      NAMES.length,
      4_000_000,
      60.5,
    ]);
  });

  const problems: [Record<string, unknown>, string[]][] = [
    [{ "airspace.warning.radius": 60 }, [
      "airspace.warning.radius: no such setting; the nearest is airspace.warning.radiusM",
    ]],
    [{ "__proto__x": 1 }, ["__proto__x: no such setting; the nearest is revisionUs"]],
    [{ linkLossUs: 1, reminderUs: 1.5e6 + 0.5, "battery.lowCpct": "30" }, [
      "linkLossUs: must be a whole number from 500000 to 600000000",
      "reminderUs: must be a whole number from 1000000 to 3600000000",
      "battery.lowCpct: must be a whole number from 1 to 8000",
    ]],
    [{ linkLossUs: 600_000_001 }, ["linkLossUs: must be a whole number from 500000 to 600000000"]],
    [{ "airspace.hysteresis": NaN, "airspace.sigmas": null }, [
      "airspace.hysteresis: must be a number from 1 to 3",
      "airspace.sigmas: must be a number from 0 to 5",
    ]],
    [{ "airspace.critical.radiusM": 60 }, [
      "airspace.critical.radiusM is 60: must not be above airspace.warning.radiusM, which is 50",
    ]],
    [{ "battery.criticalCpct": 2500 }, [
      "battery.criticalCpct is 2500: must be below battery.lowCpct, which is 2500",
    ]],
  ];
  for (const [wanted, expected] of problems) {
    it(`names everything that is wrong with ${JSON.stringify(wanted)}`, () => {
      assertEquals(propose(defaults(), new Map(Object.entries(wanted))), { problems: expected });
    });
  }

  it("takes what is in order only together", () => {
    const both = new Map([["airspace.critical.radiusM", 60], ["airspace.warning.radiusM", 60]]);
    assert("values" in propose(defaults(), both));
  });

  it("refuses each disorder of two settings", () => {
    const orders = NAMES.flatMap((name) => {
      const { min, max } = TUNABLES.get(name)!;
      return [min, max].flatMap((value) => disorders(new Map([...defaults(), [name, value]])).map(() => name));
    });
    assertNotEquals(orders.length, 0);
    for (const name of new Set(orders)) {
      const { min, max } = TUNABLES.get(name)!;
      const proposals = [min, max].map((value) => propose(defaults(), new Map([[name, value]])));
      assert(proposals.some((proposed) => "problems" in proposed), name);
    }
  });
});
