// What the aggregator needs of the machine it runs on: time and timers. main.ts hands in the real ones.

/** Time, timers and the log. */
export interface Platform {
  /** Unix µs; jumps when the host's clock is set. */
  nowUs: () => number;
  /** Monotonic ms. */
  clock: () => number;
  /** Runs `fn` once after `ms`; the result cancels it. */
  after: (ms: number, fn: () => void) => () => void;
  /** Runs `fn` each `ms`; the result ends it. */
  every: (ms: number, fn: () => void) => () => void;
  log: (level: "info" | "warn", message: string) => void;
}
