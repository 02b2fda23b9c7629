// The settings of one pipeline, and how they change while it runs: its parts hold the object, or a group of it, and
// read a value when they need it, so that a change holds at once.
import type { SettingChange } from "../outputs.ts";
import type { EnvironmentValues } from "../audit/environment.ts";
import { settingsFrom } from "./environment_settings.ts";
import { numberOf, setNumber } from "./named.ts";
import { PIPELINE_DEFAULTS, type PipelineSettings } from "./settings.ts";
import { TUNABLES } from "./tunables.ts";

/** Names and values of all settings that may be changed. */
export type SettingValues = [name: string, value: number][];

export class Tuning {
  readonly #settings: PipelineSettings;
  readonly #fixed: ReadonlySet<string>;

  /** @param fixed names that nothing changes */
  constructor(settings: PipelineSettings, fixed: ReadonlySet<string> = new Set()) {
    this.#settings = structuredClone(settings);
    this.#fixed = fixed;
  }

  /** One object for good; only its numbers change. */
  get settings(): Readonly<PipelineSettings> {
    return this.#settings;
  }

  values(): SettingValues {
    return Array.from(TUNABLES.keys(), (name) => [name, numberOf(this.#settings, name)!]);
  }

  /**
   * Values from now on. One that is missing has its default, one of another version of ours is left out.
   * @returns what is another than before
   */
  change(values: SettingValues): SettingChange[] {
    const known = new Map(values.filter(([, value]) => Number.isFinite(value)));
    return this.values().flatMap(([name, before]): SettingChange[] => {
      const after = known.get(name) ?? numberOf(PIPELINE_DEFAULTS, name)!;
      if (after === before || this.#fixed.has(name)) return [];
      setNumber(this.#settings, { name, value: after });
      return [{ name, before, after }];
    });
  }

  /** The aggregator was started with these settings of its environment. */
  started(environment: EnvironmentValues): void {
    for (const [name, value] of settingsFrom(environment)) {
      if (!this.#fixed.has(name)) setNumber(this.#settings, { name, value });
    }
  }

  save(): SettingValues {
    return this.values();
  }

  restore(values: SettingValues): void {
    this.change(values);
  }
}
