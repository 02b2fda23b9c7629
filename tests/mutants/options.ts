// The command line of `deno task mutants`, and which mutants it means.
import { parseArgs } from "node:util";
import { Random } from "../../sim/random.ts";
import type { Mutant } from "./mutant.ts";

export const USAGE = `deno task mutants [--only NAME,…] [--sample N [--seed S]] [--jobs N] [--json] [--list]

Puts deliberate bugs, one at a time, into a copy of this repository, and runs the tests that must notice each.
  --only NAME,…   these alone
  --sample N      so many, chosen by --seed (default 1)
  --jobs N        so many copies at once (default 1)
  --json          one object on stdout
  --list          names, files and tests; runs nothing
Exits with 1 when fewer than 95 % die, one of those that must die does not, or one does not fit its file any more.`;

export interface MutantsOptions {
  only: string[] | null;
  sample: number | null;
  seed: number;
  jobs: number;
  json: boolean;
  list: boolean;
  help: boolean;
}

/** @throws {TypeError} naming what is wrong */
export function readMutantsOptions(args: string[]): MutantsOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      jobs: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { only, json, list, help } = values;
  return {
    only: only?.split(",").filter(Boolean) ?? null,
    sample: values.sample === undefined ? null : whole("--sample", values.sample, 1),
    seed: whole("--seed", values.seed, 0),
    jobs: whole("--jobs", values.jobs, 1),
    ...{ json, list, help },
  };
}

/** The mutants that are meant, in the order of the table. @throws {TypeError} for a name that is not in it */
export function chosen(all: readonly Mutant[], { only, sample, seed }: MutantsOptions): Mutant[] {
  const unknown = only?.filter((name) => !all.some((mutant) => mutant.name === name)) ?? [];
  if (unknown.length > 0) throw new TypeError(`Cannot find ${unknown.join(", ")}: see --list`);
  const named = only ? all.filter(({ name }) => only.includes(name)) : [...all];
  if (sample === null || sample >= named.length) return named;
  const random = new Random(seed);
  const left = [...named];
  const picked = new Set(Array.from({ length: sample }, () => left.splice(random.whole(0, left.length - 1), 1)[0]!));
  return named.filter((mutant) => picked.has(mutant));
}

function whole(option: string, text: string, min: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < min) {
    throw new TypeError(`Cannot take ${option} ${text}: a whole number from ${min}`);
  }
  return value;
}
