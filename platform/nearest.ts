// What somebody may have meant who mistyped a name.

/**
 * The candidate that takes the fewest letters changed, added, left out or swapped with their neighbour; one that `word` is the
 * beginning of comes first. Null without candidates.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const isAbbreviated = candidate.startsWith(word);
    // Below one: nothing but a beginning is that near, and the shortest of several is the nearest.
    const distance = isAbbreviated ? 1 - 1 / candidate.length : editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Optimal string alignment (Damerau and Levenshtein, without a second change of what was swapped). */
function editDistance(from: string, to: string): number {
  let [before, above] = [[] as number[], Array.from({ length: to.length + 1 }, (_, i) => i)];
  for (let row = 1; row <= from.length; row++) {
    const here = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      here[column] = Math.min(
        above[column]! + 1,
        here[column - 1]! + 1,
        above[column - 1]! + (isSame ? 0 : 1),
        isSwapped ? before[column - 2]! + 1 : Infinity,
      );
    }
    [before, above] = [above, here];
  }
  return above[to.length]!;
}
