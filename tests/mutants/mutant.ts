// A deliberate bug: one edit of one file, and the tests that must notice it.

/** One named mutation. */
export interface Mutant {
  /** What would be wrong, in a few words with hyphens. */
  name: string;
  /** From the root of the repository. */
  file: string;
  /** Stands in the file exactly once; else the mutant is stale. */
  from: string;
  to: string;
  /** The fewest test files that must notice it, from `tests/`. */
  tests: string[];
  /** It makes a test wait for ever: a run that does not end has noticed it. */
  hangs?: true;
}

/**
 * `broken`: the tests did not run to a verdict, as when the mutated file cannot be loaded; `hung`: they did not end, and
 * nobody said that they would not. Only `killed` is good.
 */
export type Verdict = "killed" | "survived" | "stale" | "broken" | "hung";

/** A run of `deno test`; `code` is null when it did not end in time. */
export interface TestRun {
  code: number | null;
  output: string;
}

/** The text with its bug; null when the mutant is stale. */
export function mutated(text: string, { from, to }: Pick<Mutant, "from" | "to">): string | null {
  const at = text.indexOf(from);
  if (from === to || at < 0 || text.indexOf(from, at + 1) >= 0) return null;
  return text.slice(0, at) + to + text.slice(at + from.length);
}

const SUMMARY = /^FAILED \| \d+ passed.* \| [1-9]\d* failed/m;
/** A module that cannot be loaded fails as well, and says nothing about the tests. */
const NOT_LOADED = /uncaught error|could not be parsed|does not provide an export|Module not found|SyntaxError/;

/** What a run of a mutant's tests says of it. */
export function verdictOf({ code, output }: TestRun, { hangs }: Pick<Mutant, "hangs">): Verdict {
  if (code === null) return hangs ? "killed" : "hung";
  if (code === 0) return "survived";
  return SUMMARY.test(output) && !NOT_LOADED.test(output) ? "killed" : "broken";
}
