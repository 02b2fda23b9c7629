// What somebody wants to change of the settings, judged before it is journalled.
import { nearest } from "../../platform/nearest.ts";
import { disorders, TUNABLES } from "./tunables.ts";
import type { SettingValues } from "./tuning.ts";

/** All values, as they would be; or everything that is wrong, each with its name. */
export type Proposal = { values: SettingValues } | { problems: string[] };

/** @param wanted new values by name; others stay as they are now */
export function propose(now: SettingValues, wanted: ReadonlyMap<string, unknown>): Proposal {
  const problems = Array.from(wanted, ([name, value]) => problemOf(name, value)).filter((problem) => problem !== null);
  if (problems.length > 0) return { problems };
  const values = now.map(([name, value]): [string, number] => [name, Number(wanted.get(name) ?? value)]);
  const together = disorders(new Map(values));
  return together.length > 0 ? { problems: together } : { values };
}

function problemOf(name: string, value: unknown): string | null {
  const tunable = TUNABLES.get(name);
  if (!tunable) return `${name}: no such setting; the nearest is ${nearest(name, TUNABLES.keys())}`;
  const { min, max, isWhole } = tunable;
  const fits = typeof value === "number" && value >= min && value <= max && (!isWhole || Number.isInteger(value));
  return fits ? null : `${name}: must be a ${isWhole ? "whole " : ""}number from ${min} to ${max}`;
}
