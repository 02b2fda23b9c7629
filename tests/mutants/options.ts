// The command line of `deno task mutants`, and which mutants it means.
import { list, type Values, whole } from "../../platform/kinds.ts";
import { flag } from "../../platform/options.ts";
import { Random } from "../../sim/random.ts";
import type { Mutant } from "./mutant.ts";

export const MUTANTS_COMMAND = {
  name: "deno task mutants",
  about:
    "Puts deliberate bugs, one at a time, into a copy of this repository, and runs the tests that must notice each. " +
    "Exits with 1 when fewer than 95 % die, one of those that must die does not, or one does not fit its file any more.",
  options: {
    only: list({ fallback: null, shown: "all", about: "these alone", fits: (name) => name !== "", must: "be names" }),
    sample: whole({ fallback: null, shown: "all", about: "so many of them, chosen by --seed" }),
    seed: whole({ fallback: 1, min: 0, about: "the same seed, the same sample" }),
    jobs: whole({ fallback: 1, max: 64, about: "so many copies at once" }),
    json: flag("one object at the end, nothing else"),
    list: flag("names, files and tests; runs nothing"),
  },
};

export type MutantsOptions = Values<typeof MUTANTS_COMMAND.options>;

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
