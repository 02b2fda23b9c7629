// How long to wait before another attempt: twice as long with each, up to a limit, and never at the same moment as others.

const FIRST_MS = 500;

/** @param attempts that have failed so far, from 1 */
export function pauseMs(
  attempts: number,
  { pauseMsMax, random }: { pauseMsMax: number; random: () => number },
): number {
  const longest = Math.min(pauseMsMax, FIRST_MS * 2 ** Math.min(attempts - 1, 30));
  return longest * (0.5 + random() / 2);
}
