// Settings of the pipeline over HTTP: what they are, and what an operator makes of them.
import { Hono } from "hono";
import type { Sequencer } from "../core/sequencer.ts";
import type { SettingChange } from "../outputs.ts";
import { numberOf } from "../pipeline/named.ts";
import { type Pipeline, PIPELINE_DEFAULTS } from "../pipeline/pipeline.ts";
import { propose } from "../pipeline/proposal.ts";
import { TUNABLES } from "../pipeline/tunables.ts";
import type { SettingValues } from "../pipeline/tuning.ts";
import { readJson } from "./body.ts";
import { SettingsBody } from "./queries.ts";

/** What is asked of the pipeline, and who changes it. */
export interface SettingsParts {
  pipeline: Pick<Pipeline, "settings">;
  sequencer: Pick<Sequencer, "configure">;
}

/** Below /v1/settings. */
export function settingsRoutes({ pipeline, sequencer }: SettingsParts): Hono {
  const routes = new Hono();
  routes.get("/", (c) => c.json({ settings: pipeline.settings().map(described) }));
  routes.patch("/", async (c) => {
    const body = await readJson(c.req.raw, SettingsBody);
    if ("error" in body) return c.json({ error: body.error }, body.status);
    const { by, set } = body.value;
    // From here to the sequencer nothing else has its turn: what is proposed is made of what holds.
    const before = pipeline.settings();
    const proposed = propose(before, new Map(Object.entries(set)));
    if ("problems" in proposed) {
      return c.json({ error: `Cannot change the settings: ${proposed.problems.join("; ")}` }, 400);
    }
    const changes = changesOf(before, proposed.values);
    if (changes.length === 0) return c.json({ by, changes });
    const done = await sequencer.configure({ by, values: proposed.values });
    if (done === "refused") {
      const error = "Cannot change the settings: the journal cannot be written";
      return c.json({ error }, 503, { "retry-after": "5" });
    }
    // Done, and forgotten if the process ends before the journal can be written again: 202.
    return c.json({ by, changes }, done === "safe" ? 200 : 202);
  });
  return routes;
}

function described([name, value]: SettingValues[number]) {
  const { min, max, about } = TUNABLES.get(name)!;
  return { name, value, default: numberOf(PIPELINE_DEFAULTS, name), min, max, about };
}

function changesOf(before: SettingValues, after: SettingValues): SettingChange[] {
  return before.flatMap(([name, value], i): SettingChange[] => {
    const now = after[i]![1];
    return now === value ? [] : [{ name, before: value, after: now }];
  });
}
