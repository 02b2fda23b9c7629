// What `deno task sim` and `deno task demo` can be asked for: which traffic, and for how long.
import { type Kind, number, oneOf, text, type Values, whole } from "../platform/kinds.ts";
import { flag, many, UsageError } from "../platform/options.ts";
import { fleetPlan } from "./fleet.ts";
import { readLog } from "./logs/read_log.ts";
import type { Recording } from "./recording.ts";
import { replayPlan } from "./replay.ts";
import { DRONES, SCENARIO_NAMES } from "./scenarios/table.ts";
import type { TrafficPlan } from "./traffic.ts";

const DRONES_DEFAULT = 50;

const OPTIONS = {
  drones: whole({
    ...{ fallback: null, max: 32_768, shown: `${DRONES_DEFAULT}; 500 in drone-show and crowd, 2000 in fleet-2000` },
    about: "drones of the simulated fleet",
  }),
  seconds: number({
    ...{ fallback: null, min: 0.1, max: 1e7, shown: "never, or when the recordings end" },
    about: "ends after so long",
  }),
  scenario: oneOf(SCENARIO_NAMES, { fallback: "calm", about: SCENARIO_NAMES.join(", ") }),
  seed: whole({ fallback: 1, min: 0, max: 2 ** 32 - 1, about: "the same seed, the same fleet" }),
  only: range({ about: "of the simulated fleet only these, by number: several processes can fly one fleet" }),
  coalesce: flag("one frame for all records of 100 ms instead of one for each"),
  replay: many(
    text({
      fallback: null,
      placeholder: "FILE…",
      about: "recorded flights, .csv, .tlog, .ulg or .bin, instead of the fleet",
    }),
  ),
  speed: number({ fallback: 1, min: 0.01, max: 1000, about: "recorded seconds in a second, with --replay" }),
  copies: whole({ fallback: 1, max: 1000, about: "drones made of each recording, with --replay" }),
  prompt: flag("records are stamped and leave as they are sent: the simulator's own delays are in no latency"),
  json: flag("one summary object at the end, nothing else"),
};

/** What was asked for; without a number of drones, as many as the scenario is about. */
export type TrafficOptions = Values<typeof OPTIONS>;

/** Drones by number from 1, both included; null: all. */
function range({ about }: { about: string }): Kind<{ first: number; last: number } | null> {
  const must = "be two numbers of drones, such as 1-10";
  return {
    ...{ about, placeholder: "A-B", shown: "all", fallback: null },
    read: (text) => {
      const [, first, last] = /^(\d+)-(\d+)$/.exec(text)?.map(Number) ?? [];
      return first && last && first <= last ? { value: { first, last } } : { must };
    },
  };
}

function dronesOf({ drones, scenario }: Pick<TrafficOptions, "drones" | "scenario">): number {
  return drones ?? DRONES[scenario] ?? DRONES_DEFAULT;
}

/** What both commands have in common; their own options come before these. */
export const TRAFFIC = {
  options: OPTIONS,
  words: { what: "files", follow: "replay" },
  rules: ({ only, ...options }: TrafficOptions) => {
    const drones = dronesOf(options);
    if (only === null || only.last <= drones) return [];
    return [`--only=${only.first}-${only.last}: must be two numbers of drones, such as 1-${drones}`];
  },
} as const;

/**
 * The traffic that the options ask for.
 *
 * @param bootId of every drone: new for each run, or the edge takes the records for those of the last run.
 * @throws {UsageError} when a recording cannot be read.
 */
export async function loadPlan(options: TrafficOptions, bootId: number): Promise<TrafficPlan> {
  if (options.replay.length === 0) return fleetPlan({ ...options, drones: dronesOf(options), bootId });
  const recordings: Recording[] = [];
  const problems: string[] = [];
  for (const file of options.replay) {
    try {
      for (const recording of await readLog(file)) recordings.push(recording);
    } catch (error) {
      if (error instanceof SyntaxError) problems.push(error.message);
      else if (error instanceof Error && "code" in error) problems.push(`Cannot read ${file}: ${error.message}`);
      else throw error;
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return replayPlan({ recordings, speed: options.speed, copies: options.copies, bootId });
}
