// Settings of the pipeline over HTTP: what they are, and what an operator makes of them.
import { Hono } from "hono";
import type { Gate } from "../../identity/gate.ts";
import { changes, jsonOnly, mayOnly, ownPageOnly, type Proven, provenName } from "../../identity/hono.ts";
import type { Sequencer } from "../core/sequencer.ts";
import type { SettingChange } from "../outputs.ts";
import { numberOf } from "../pipeline/named.ts";
import { type Pipeline, PIPELINE_DEFAULTS } from "../pipeline/pipeline.ts";
import { propose } from "../pipeline/proposal.ts";
import { TUNABLES } from "../pipeline/tunables.ts";
import type { SettingValues } from "../pipeline/tuning.ts";
import { asked } from "../../platform/openapi/asked.ts";
import { unread } from "./answers.ts";
import { changeSettings } from "./operations/people.ts";

/** What is asked of the pipeline, and who changes it. */
export interface SettingsParts {
  gate: Pick<Gate, "admit">;
  /** Monotonic ms. */
  clock: () => number;
  pipeline: Pick<Pipeline, "operated">;
  sequencer: Pick<Sequencer, "configure">;
}

/** Below /v1/settings. */
export function settingsRoutes({ pipeline, sequencer, gate, clock }: SettingsParts): Hono<Proven> {
  const routes = new Hono<Proven>();
  routes.get("/", mayOnly(gate, "view"), (c) => c.json({ settings: pipeline.operated.settings.map(described) }));
  routes.patch("/", mayOnly(gate, "operate"), ownPageOnly, jsonOnly, changes(clock), async (c) => {
    const said = await asked(c.req, changeSettings);
    if ("error" in said) return unread(c, said);
    const { set } = said.body;
    const by = provenName(c.var.identity, said.body.by);
    // From here to the sequencer nothing else has its turn: what is proposed is made of what holds.
    const before = pipeline.operated.settings;
    const proposed = propose(before, new Map(Object.entries(set)));
    if ("problems" in proposed) {
      return c.json({ error: `Cannot change the settings: ${proposed.problems.join("; ")}` }, 400);
    }
    const changed = changesOf(before, proposed.values);
    if (changed.length === 0) return c.json({ by, changes: changed });
    const done = await sequencer.configure({ by, values: proposed.values });
    if (done === "refused") {
      const error = "Cannot change the settings: the journal cannot be written";
      return c.json({ error }, 503, { "retry-after": "5" });
    }
    // Done, and forgotten if the process ends before the journal can be written again: 202.
    return c.json({ by, changes: changed }, done === "safe" ? 200 : 202);
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
