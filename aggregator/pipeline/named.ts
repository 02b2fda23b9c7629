// The numbers among the pipeline's settings, by name: `battery.lowCpct`.
import type { PipelineSettings } from "./settings.ts";

/** The names of the numbers in settings, with a dot between a group and what is in it. */
export type NumberNames<T> = {
  [K in keyof T & string]: T[K] extends number ? K
    : T[K] extends object ? `${K}.${NumberNames<T[K]>}`
    : never;
}[keyof T & string];

/** Null: none is called so. */
export function numberOf(settings: PipelineSettings, name: string): number | null {
  return groupOf(settings, name)?.[lastOf(name)] ?? null;
}

/** Another value, in place. @throws {RangeError} when no number is called so */
export function setNumber(settings: PipelineSettings, { name, value }: { name: string; value: number }): void {
  const group = groupOf(settings, name);
  if (!group) throw new RangeError(`Cannot set ${name}: there is no such setting`);
  group[lastOf(name)] = value;
}

/** Of all numbers, in order. */
export function numberNames(settings: object, prefix = ""): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (isObject(value)) return numberNames(value, `${prefix}${name}.`);
    return typeof value === "number" ? [prefix + name] : [];
  });
}

/** What holds the number of this name. */
function groupOf(settings: PipelineSettings, name: string): Record<string, number> | null {
  let group: unknown = settings;
  for (const part of name.split(".").slice(0, -1)) group = isObject(group) ? own(group, part) : undefined;
  return isObject(group) && typeof own(group, lastOf(name)) === "number" ? group as Record<string, number> : null;
}

function lastOf(name: string): string {
  return name.split(".").at(-1)!;
}

function own(group: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(group, name) ? group[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
