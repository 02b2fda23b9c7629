// One thing measured in one process: ours beside the plain way and the limit, on the same work. `deno bench` runs the
// contenders of a case one after another, `deno task bench` in turns; the functions and the names are the same.
import { type BenchSettings, type Comparison, interleave, SEED } from "./comparison.ts";

/** `Deno.BenchContext` is one. What lies before `start` and behind `end` does not count, if the whole takes over 10 µs. */
export interface Stopwatch {
  start: () => void;
  end: () => void;
}

/** One iteration; for ever, and each as dear as the one before. */
export type Iteration = (stopwatch: Stopwatch) => void;

/** One line of the report; beside which others it stands. */
export interface BenchCase {
  /** What is done to what: the group in `deno bench`. */
  name: string;
  /** What one iteration does once, or `units` times. */
  unit: string;
  units?: number;
  ours: Iteration;
  plain?: NamedIteration;
  limit?: NamedIteration;
  /** Iterations at least before, and while, it is measured; of those that take long. */
  warmup?: number;
  n?: number;
  /** What ns a unit must be; `text` says it with the numbers. */
  budget?: (ns: { ours: number; plain: number }) => { text: string; met: boolean };
  note?: string;
}

export interface NamedIteration {
  name: string;
  run: Iteration;
}

/** The baseline's name in `deno bench`. */
export const OURS = "ours";
/** One round of `deno task bench` takes at least so long. */
const ROUND_MS = { full: 40, smoke: 1 };

type Register = (definition: Deno.BenchDefinition) => void;

/** Registers every contender with `deno bench`: a group for each case, ours is its baseline. */
export function registerCases(cases: readonly BenchCase[], register: Register = Deno.bench): void {
  for (const benchCase of cases) {
    const { name: group, warmup, n } = benchCase;
    for (const { name, run } of contenders(benchCase)) {
      register({ name: `${group}: ${name}`, group, baseline: name === OURS, warmup, n, fn: run });
    }
  }
}

/** The seed of `deno bench`, and its number of everything. */
export const BENCH_SETTINGS: BenchSettings = { seed: SEED, smoke: false };

/** Measures every case in turns of its contenders. */
export function compareCases(cases: readonly BenchCase[], { smoke }: Pick<BenchSettings, "smoke">): Comparison[] {
  return cases.map((benchCase) => {
    const timed = contenders(benchCase).map(({ name, run }) => ({ name, run, iterations: warmUp(run, smoke) }));
    const ns = interleave(
      smoke ? 1 : 7,
      Object.fromEntries(
        timed.map(({ name, run, iterations }) => [name, () => time(run, iterations).countedMs * 1e6 / iterations]),
      ),
    );
    const { name, unit, units = 1, plain, limit, budget, note = "" } = benchCase;
    const value = (of: string | undefined) => of === undefined ? NaN : ns[of]! / units;
    const ours = value(OURS);
    return {
      name,
      unit: `ns ${unit}`,
      ours,
      rival: plain ? { name: plain.name, value: value(plain.name) } : null,
      limit: limit ? { name: limit.name, value: value(limit.name) } : null,
      budget: budget?.({ ours, plain: value(plain?.name) }) ?? null,
      note,
    };
  });
}

/** An iteration for one of the list after another, over and over. */
export function inTurn<T>(list: readonly T[], run: (of: T) => unknown): () => unknown {
  let next = 0;
  return () => {
    const of = list[next]!;
    next = next + 1 < list.length ? next + 1 : 0;
    return run(of);
  };
}

function contenders({ ours, plain, limit }: BenchCase): NamedIteration[] {
  return [{ name: OURS, run: ours }, plain, limit].filter((contender) => contender !== undefined);
}

/** How many iterations make a round, found by running as many. */
function warmUp(run: Iteration, smoke: boolean): number {
  const enoughMs = smoke ? ROUND_MS.smoke : ROUND_MS.full;
  let iterations = 1;
  // By all that an iteration takes: what counts of it may be next to nothing.
  while (time(run, iterations).allMs < enoughMs) iterations *= 2;
  return iterations;
}

/** `countedMs`: what lay between start and end, or all of it. */
function time(run: Iteration, iterations: number): { allMs: number; countedMs: number } {
  let startMs: number | null = null;
  let betweenMs = 0;
  const stopwatch = {
    start: () => {
      startMs = performance.now();
    },
    end: () => {
      betweenMs += performance.now() - (startMs ?? 0);
    },
  };
  const beganMs = performance.now();
  for (let i = 0; i < iterations; i++) run(stopwatch);
  const allMs = performance.now() - beganMs;
  return { allMs, countedMs: startMs === null ? allMs : betweenMs };
}
