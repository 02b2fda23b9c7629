// With which settings of its environment the aggregator was started, as far as they were recorded: a restart with others is
// a change of its configuration, made by whoever restarted it.
import type { Deed } from "./record.ts";

/** Names and values, none of them secret. */
export type EnvironmentValues = [name: string, value: string][];

const WHO = "restart";

export class Environment {
  #values: EnvironmentValues = [];

  get values(): EnvironmentValues {
    return this.#values;
  }

  /** The aggregator was started with these. @returns what that has changed; the first time with what it was started */
  started(values: EnvironmentValues): Deed[] {
    const [before, after] = [new Map(this.#values), new Map(values)];
    this.#values = values;
    if (before.size === 0) {
      const text = values.map(([name, value]) => `${name}=${value}`).join(" ");
      return [{ who: WHO, what: "start", subject: "aggregator", before: "", after: text }];
    }
    const names = new Set([...before.keys(), ...after.keys()]);
    return [...names].flatMap((name): Deed[] => {
      const [was, is] = [before.get(name) ?? "", after.get(name) ?? ""];
      return was === is ? [] : [{ who: WHO, what: "change setting", subject: name, before: was, after: is }];
    });
  }

  save(): EnvironmentValues {
    return this.#values;
  }

  restore(values: EnvironmentValues): void {
    this.#values = values;
  }
}
