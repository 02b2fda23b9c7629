import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { settingsRoutes } from "../../aggregator/api/settings.ts";
import type { Done } from "../../aggregator/core/sequencer.ts";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { TUNABLES } from "../../aggregator/pipeline/tunables.ts";
import { type SettingValues, Tuning } from "../../aggregator/pipeline/tuning.ts";

/** The routes around settings, and what was handed to the sequencer; it answers with `done`. */
function rig(done: Done = "safe") {
  const tuning = new Tuning(PIPELINE_DEFAULTS);
  const configured: { by: string; values: SettingValues }[] = [];
  const routes = settingsRoutes({
    pipeline: { settings: () => tuning.values() },
    sequencer: {
      configure: (change) => {
        configured.push(change);
        if (done !== "refused") tuning.change(change.values);
        return Promise.resolve(done);
      },
    },
  });
  const patch = async (body: unknown, type = "application/json"): Promise<[number, Record<string, unknown>]> => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await routes.request("/", { method: "PATCH", headers: { "content-type": type }, body: text });
    return [response.status, await response.json()];
  };
  return { routes, patch, configured, tuning };
}

describe("GET /v1/settings", () => {
  it("tells each with its value, its default, its bounds and what it is about", async () => {
    const { routes, tuning } = rig();
    tuning.change([["airspace.warning.radiusM", 60]]);
    const { settings } = await (await routes.request("/")).json();
    assertEquals(settings.length, TUNABLES.size);
    const about = "two drones so near each other conflict: sideways";
    assertEquals(settings.find(({ name }: { name: string }) => name === "airspace.warning.radiusM"), {
      ...{ name: "airspace.warning.radiusM", value: 60, default: 50, min: 5, max: 1000, about },
    });
  });
});

describe("PATCH /v1/settings", () => {
  it("hands all values on, and tells what has changed", async () => {
    const { patch, configured } = rig();
    const set = { "airspace.warning.radiusM": 60, "linkLossUs": 3_000_000 };
    assertEquals(await patch({ by: " Ada ", set }), [200, {
      by: "Ada",
      changes: [{ name: "airspace.warning.radiusM", before: 50, after: 60 }],
    }]);
    assertEquals(configured.map(({ by, values }) => [by, values.length]), [["Ada", TUNABLES.size]]);
    assertEquals(new Map(configured[0]!.values).get("airspace.warning.radiusM"), 60);
  });

  it("journals nothing when nothing changes", async () => {
    const { patch, configured } = rig("refused");
    assertEquals(await patch({ by: "Ada", set: { linkLossUs: 3_000_000 } }), [200, { by: "Ada", changes: [] }]);
    assertEquals(configured, []);
  });

  it("answers 202 for what is done and not yet safe, and 503 for what the journal cannot keep", async () => {
    const set = { linkLossUs: 4_000_000 };
    const changes = [{ name: "linkLossUs", before: 3_000_000, after: 4_000_000 }];
    assertEquals(await rig("held").patch({ by: "Ada", set }), [202, { by: "Ada", changes }]);
    assertEquals(await rig("refused").patch({ by: "Ada", set }), [503, {
      error: "Cannot change the settings: the journal cannot be written",
    }]);
  });

  const wrong: [unknown, number, string][] = [
    [{ by: "Ada", set: { linkLosUs: 5, reminderUs: 1 } }, 400, "linkLosUs: no such setting; the nearest is linkLossUs"],
    [{ by: "Ada", set: { linkLosUs: 5, reminderUs: 1 } }, 400, "reminderUs: must be a whole number from 1000000"],
    [{ by: "Ada", set: { "battery.criticalCpct": 2600 } }, 400, "must be below battery.lowCpct, which is 2500"],
    [{ by: "Ada", set: { dronesMax: 5 } }, 400, "dronesMax: no such setting"],
    [`{"by": "Ada", "set": {"__proto__": {"linkLossUs": 1}}}`, 400, "__proto__"],
    [{ by: " ", set: {} }, 400, "must be who changes them"],
    [{ by: "Ada" }, 400, "must be new values by the settings' names"],
    [{ by: "Ada", set: [1] }, 400, "must be new values by the settings' names"],
    ["{", 400, "Cannot read the request"],
    [{ by: "Ada", set: { ["x".repeat(5000)]: 1 } }, 413, "more than 4096 bytes"],
  ];
  for (const [body, status, message] of wrong) {
    it(`refuses ${JSON.stringify(body).slice(0, 60)} with ${status}, and says why: ${message}`, async () => {
      const { patch, configured } = rig();
      const [answered, { error }] = await patch(body);
      assertEquals(answered, status);
      assertStringIncludes(`${error}`, message);
      assertEquals(configured, []);
    });
  }

  it("reads nothing but JSON: a form of another site changes nothing", async () => {
    const { patch, configured } = rig();
    const [status] = await patch({ by: "Ada", set: { linkLossUs: 4_000_000 } }, "text/plain");
    assertEquals([status, configured.length], [415, 0]);
  });
});
