// Bugs in what people do to a running system: settings they change.
import type { Mutant } from "./mutant.ts";

export const OPERATOR_MUTANTS: Mutant[] = [
  {
    name: "windows-keep-the-first-settings",
    file: "aggregator/pipeline/windows/windows.ts",
    from: "const content = { settings, areas: new CellAreas() };",
    to: "const content = { settings: structuredClone(settings), areas: new CellAreas() };",
    tests: ["pipeline/tuning_test.ts"],
  },
  {
    name: "crowd-places-keep-the-first-settings",
    file: "aggregator/airspace/crowd_places.ts",
    from: "this.#settings = settings;",
    to: "this.#settings = { ...settings };",
    tests: ["airspace/crowd_places_test.ts"],
  },
  {
    name: "airspace-keeps-the-first-settings",
    file: "aggregator/pipeline/pipeline.ts",
    from: "new Airspace(settings.airspace, {",
    to: "new Airspace(structuredClone(settings.airspace), {",
    tests: ["pipeline/tuning_test.ts"],
  },
  {
    name: "alerts-keep-the-first-settings",
    file: "aggregator/pipeline/pipeline.ts",
    from: "new Alerts(settings)",
    to: "new Alerts({ ...settings })",
    tests: ["pipeline/tuning_test.ts"],
  },
  {
    name: "settings-shared-between-pipelines",
    file: "aggregator/pipeline/tuning.ts",
    from: "this.#settings = structuredClone(settings);",
    to: "this.#settings = settings;",
    tests: ["pipeline/tuning_test.ts"],
  },
  {
    name: "missing-setting-keeps-its-value",
    file: "aggregator/pipeline/tuning.ts",
    from: "known.get(name) ?? numberOf(PIPELINE_DEFAULTS, name)!",
    to: "known.get(name) ?? before",
    tests: ["pipeline/tuning_test.ts"],
  },
  {
    name: "journal-changes-what-a-replay-fixes",
    file: "aggregator/pipeline/tuning.ts",
    from: "after === before || this.#fixed.has(name)",
    to: "after === before",
    tests: ["pipeline/tuning_test.ts"],
  },
  {
    name: "settings-not-in-the-checkpoint",
    file: "aggregator/pipeline/tuning.ts",
    from: "    this.change(values);\n  }\n}",
    to: "    values.length;\n  }\n}",
    tests: ["pipeline/checkpoint_test.ts"],
  },
  {
    name: "settings-out-of-bounds",
    file: "aggregator/pipeline/proposal.ts",
    from: "value >= min && value <= max",
    to: "value >= min",
    tests: ["pipeline/tuning_test.ts"],
  },
  {
    name: "settings-in-disorder",
    file: "aggregator/pipeline/proposal.ts",
    from: "return together.length > 0 ? { problems: together } : { values };",
    to: "return { values };",
    tests: ["pipeline/tuning_test.ts"],
  },
  {
    name: "settings-journalled-without-a-change",
    file: "aggregator/api/settings.ts",
    from: "if (changes.length === 0) return c.json({ by, changes });",
    to: "",
    tests: ["aggregator/settings_test.ts"],
  },
  {
    name: "operators-act-behind-a-clock-step-that-fills-the-journal",
    file: "aggregator/core/sequencer.ts",
    from: 'this.#stepClock();\n    if (!this.isKeeping) return { done: "refused" };',
    to: 'if (!this.isKeeping) return { done: "refused" };\n    this.#stepClock();',
    tests: ["aggregator/sequencer_full_test.ts"],
  },
];
