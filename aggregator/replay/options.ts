// The options of `deno task replay`. All problems are reported at once.
import { parseArgs } from "node:util";
import { PIPELINE_DEFAULTS, type PipelineSettings } from "../pipeline/pipeline.ts";

export const USAGE = `Usage: deno task replay [options]
  --journal DIR     the journal's folder (data/journal)
  --from TIME       outputs from this ingestion time on: ISO 8601 or Unix µs (the journal's beginning)
  --to TIME         up to and without this time (the journal's end)
  --out FILE        writes the outputs there, a JSON object a line, instead of printing them
  --diff            compares with what was emitted live, and prints the differences instead of the outputs
  --sqlite FILE     where that was kept (data/slipstream.sqlite)
  --set NAME=VALUE  another setting of the pipeline, such as battery.lowCpct=3000; may be repeated`;

export interface ReplayOptions {
  journal: string;
  sqlite: string;
  fromUs: number;
  toUs: number;
  out: string | null;
  diff: boolean;
  settings: PipelineSettings;
  /** Settings are not those of the live run. */
  changed: boolean;
}

const OPTIONS = {
  journal: { type: "string", default: "data/journal" },
  sqlite: { type: "string", default: "data/slipstream.sqlite" },
  from: { type: "string" },
  to: { type: "string" },
  out: { type: "string" },
  diff: { type: "boolean", default: false },
  set: { type: "string", multiple: true, default: [] as string[] },
  help: { type: "boolean", default: false },
} as const;

/** @returns "help" when that was asked for. @throws {TypeError} naming every problem */
export function readReplayOptions(args: string[]): ReplayOptions | "help" {
  const { values } = parseArgs({ args, options: OPTIONS, strict: true });
  if (values.help) return "help";
  const problems: string[] = [];
  const time = (name: "from" | "to", fallback: number) => {
    const text = values[name];
    if (text === undefined) return fallback;
    const us = /^\d+$/.test(text) ? Number(text) : Date.parse(text) * 1000;
    if (Number.isNaN(us)) problems.push(`--${name} ${text}: must be ISO 8601 or Unix µs`);
    return us;
  };
  const [fromUs, toUs] = [time("from", 0), time("to", Infinity)];
  if (fromUs >= toUs) problems.push("--from: must be before --to");
  const settings = structuredClone(PIPELINE_DEFAULTS);
  for (const assignment of values.set) assign(settings, assignment, problems);
  if (problems.length > 0) {
    throw new TypeError(`Cannot replay: ${problems.length} option(s) are wrong\n  ${problems.join("\n  ")}`);
  }
  const { journal, sqlite, diff, out } = values;
  return { journal, sqlite, diff, fromUs, toUs, out: out ?? null, settings, changed: values.set.length > 0 };
}

function assign(settings: PipelineSettings, assignment: string, problems: string[]): void {
  const [name = "", value = ""] = assignment.split("=");
  const path = name.split(".");
  const last = path.pop() ?? "";
  let place: unknown = settings;
  for (const part of path) place = isObject(place) ? place[part] : undefined;
  if (!isObject(place) || typeof place[last] !== "number") {
    problems.push(`--set ${assignment}: the settings are ${names(settings).join(", ")}`);
  } else if (value.trim() === "" || !Number.isFinite(Number(value))) {
    problems.push(`--set ${assignment}: the value must be a number`);
  } else place[last] = Number(value);
}

function names(settings: object, prefix = ""): string[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    isObject(value) ? names(value, `${prefix}${name}.`) : [prefix + name]
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
