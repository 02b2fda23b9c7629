// Waiting for what becomes true by itself.
export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Asks some times a second, for at most 15 s. */
export async function eventually(isTrue: () => Promise<boolean> | boolean, limitMs = 15_000): Promise<boolean> {
  for (const untilMs = performance.now() + limitMs; performance.now() < untilMs; await pause(50)) {
    if (await isTrue()) return true;
  }
  return false;
}
