// The command lines of `deno task sim` and `deno task demo`: every problem at once, before anything starts.
import { parseArgs } from "node:util";
import { fleetPlan } from "./fleet.ts";
import { readRecordings, type Recording } from "./recording.ts";
import { replayPlan } from "./replay.ts";
import { DRONES, SCENARIO_NAMES, type ScenarioName } from "./scenarios/table.ts";
import type { TrafficPlan } from "./traffic.ts";

export interface TrafficOptions {
  drones: number;
  /** Null: without end, or until the recordings end. */
  seconds: number | null;
  scenario: ScenarioName;
  seed: number;
  coalesce: boolean;
  /** CSV files; empty: a simulated fleet. */
  replay: string[];
  speed: number;
  copies: number;
  json: boolean;
  prompt: boolean;
  /** Of the simulated fleet, by number from 1, both included; null: all. */
  only: { first: number; last: number } | null;
}

/** What one command adds: its options beyond the shared ones, each with a check of its value. */
export interface ExtraOption {
  fallback: string;
  /** For the usage, such as "URL". */
  placeholder: string;
  about: string;
  /** What is wrong with the value; null when nothing is. */
  problem: (value: string) => string | null;
}

/** The command line was wrong; the message has every problem and the usage. */
export class UsageError extends Error {
  override name = "UsageError";
}

interface NumberOption {
  fallback: string;
  min: number;
  max: number;
  whole: boolean;
  about: string;
}

const NUMBERS = {
  drones: {
    fallback: "50",
    min: 1,
    max: 32_768,
    whole: true,
    about: "drones of the simulated fleet; 500 in drone-show and crowd, 2000 in fleet-2000",
  },
  seed: { fallback: "1", min: 0, max: 2 ** 32 - 1, whole: true, about: "the same seed, the same fleet" },
  speed: { fallback: "1", min: 0.01, max: 1000, whole: false, about: "recorded seconds in a second, with --replay" },
  copies: { fallback: "1", min: 1, max: 1000, whole: true, about: "drones made of each recording, with --replay" },
} satisfies Record<string, NumberOption>;
const SWITCHES = ["coalesce", "json", "prompt", "help"];
const SECONDS: NumberOption = { fallback: "", min: 0.1, max: 1e7, whole: false, about: "" };

/**
 * Reads a command line; `--replay` takes one or more files.
 *
 * @throws {UsageError}
 */
export function readOptions<Extra extends Record<string, ExtraOption>>(
  args: string[],
  { command, extra }: { command: string; extra: Extra },
): TrafficOptions & { extra: { [name in keyof Extra]: string } } {
  const problems: string[] = [];
  const text = { type: "string" } as const;
  const { values, positionals, tokens } = parseArgs({
    args,
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      ...Object.fromEntries(
        [...Object.keys(NUMBERS), ...Object.keys(extra), "seconds", "scenario", "only"].map((n) => [n, text]),
      ),
      replay: { type: "string", multiple: true },
      coalesce: { type: "boolean" },
      json: { type: "boolean" },
      prompt: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const known = new Set([...Object.keys(NUMBERS), ...Object.keys(extra)]);
  for (const name of ["seconds", "scenario", "only", "replay", ...SWITCHES]) known.add(name);
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const isSwitch = SWITCHES.includes(token.name);
    if (!known.has(token.name)) problems.push(`${token.rawName}: no such option`);
    else if (isSwitch && token.value !== undefined) problems.push(`${token.rawName}: takes no value`);
    else if (!isSwitch && token.value === undefined) problems.push(`${token.rawName}: needs a value`);
  }
  const value = (name: string, fallback: string) => typeof values[name] === "string" ? values[name] : fallback;
  const number = (name: string, option: NumberOption): number => {
    const given = value(name, option.fallback);
    const parsed = given.trim() === "" ? NaN : Number(given);
    const fits = parsed >= option.min && parsed <= option.max && (!option.whole || Number.isInteger(parsed));
    if (!fits) {
      problems.push(
        `--${name}=${given}: must be a ${option.whole ? "whole " : ""}number from ${option.min} to ${option.max}`,
      );
    }
    return parsed;
  };
  const scenario = SCENARIO_NAMES.find((name) => name === value("scenario", "calm"));
  const fleet = { ...NUMBERS.drones, fallback: `${scenario && DRONES[scenario] || NUMBERS.drones.fallback}` };
  const options = {
    drones: number("drones", fleet),
    seed: number("seed", NUMBERS.seed),
    speed: number("speed", NUMBERS.speed),
    copies: number("copies", NUMBERS.copies),
    seconds: values.seconds === undefined ? null : number("seconds", SECONDS),
  };
  if (scenario === undefined) {
    problems.push(`--scenario=${value("scenario", "")}: must be one of ${SCENARIO_NAMES.join(", ")}`);
  }
  const [, first, last] = /^(\d+)-(\d+)$/.exec(value("only", "")) ?? [];
  const only = first && last ? { first: Number(first), last: Number(last) } : null;
  if (
    values.only !== undefined && !(only && only.first >= 1 && only.first <= only.last && only.last <= options.drones)
  ) {
    problems.push(`--only=${value("only", "")}: must be two numbers of drones, such as 1-${options.drones}`);
  }
  const replay = Array.isArray(values.replay) ? values.replay.filter((file) => typeof file === "string") : [];
  if (replay.length > 0) replay.push(...positionals);
  else for (const word of positionals) problems.push(`${word}: files follow --replay`);
  for (const [name, { fallback, problem }] of Object.entries(extra)) {
    const wrong = problem(value(name, fallback));
    if (wrong !== null) problems.push(`--${name}=${value(name, fallback)}: ${wrong}`);
  }
  const usage = usageOf({ command, extra });
  if (values.help === true) throw new UsageError(usage);
  if (problems.length > 0 || scenario === undefined) {
    throw new UsageError(
      `Cannot run ${command}: ${problems.length} problem(s)\n  ${problems.join("\n  ")}\n\n${usage}`,
    );
  }
  const extras = Object.fromEntries(Object.entries(extra).map(([name, { fallback }]) => [name, value(name, fallback)]));
  return {
    ...options,
    only,
    scenario,
    replay,
    coalesce: values.coalesce === true,
    json: values.json === true,
    prompt: values.prompt === true,
    extra: extras as { [name in keyof Extra]: string },
  };
}

function usageOf({ command, extra }: { command: string; extra: Record<string, ExtraOption> }): string {
  const rows: [string, string][] = [
    ...Object.entries(extra).map((
      [name, o],
    ): [string, string] => [`--${name} ${o.placeholder}`, `${o.about} (${o.fallback})`]),
    ...Object.entries(NUMBERS).map(([name, o]): [string, string] => [`--${name} N`, `${o.about} (${o.fallback})`]),
    ["--seconds N", "ends after so long (never, or when the recordings end)"],
    ["--scenario NAME", `${SCENARIO_NAMES.join(", ")} (calm)`],
    ["--only A-B", "of the simulated fleet only these, by number: several processes can fly one fleet"],
    ["--coalesce", "one frame for all records of 100 ms instead of one for each"],
    ["--replay FILE…", "recorded flights instead of the simulated fleet"],
    ["--prompt", "records are stamped and leave as they are sent: the simulator's own delays are in no latency"],
    ["--json", "one summary object at the end, nothing else"],
  ];
  return [`Usage: ${command} [options]`, ...rows.map(([option, about]) => `  ${option.padEnd(18)}${about}`)].join("\n");
}

/**
 * The traffic that the options ask for.
 *
 * @param bootId of every drone: new for each run, or the edge takes the records for those of the last run.
 * @throws {UsageError} when a recording cannot be read.
 */
export async function loadPlan(options: TrafficOptions, bootId: number): Promise<TrafficPlan> {
  if (options.replay.length === 0) return fleetPlan({ ...options, bootId });
  const recordings: Recording[] = [];
  const problems: string[] = [];
  for (const file of options.replay) {
    try {
      recordings.push(...readRecordings(await Deno.readTextFile(file), file));
    } catch (error) {
      if (error instanceof SyntaxError) problems.push(error.message);
      else if (error instanceof Error && "code" in error) problems.push(`Cannot read ${file}: ${error.message}`);
      else throw error;
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return replayPlan({ recordings, speed: options.speed, copies: options.copies, bootId });
}
