// Where windows end, in whole seconds.
import { SLIDING_S } from "./firing.ts";

/** Ends of windows that hold one of these seconds and lie in (fromS, toS], ascending. */
export function endsBetween(seconds: Iterable<number>, { fromS, toS }: { fromS: number; toS: number }): number[] {
  if (fromS === toS) return [];
  const ends = new Set<number>();
  for (const second of seconds) {
    for (let endS = Math.max(second, fromS) + 1; endS <= Math.min(second + SLIDING_S, toS); endS++) ends.add(endS);
  }
  return [...ends].sort((a, b) => a - b);
}
