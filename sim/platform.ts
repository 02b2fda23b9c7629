// What a run needs of the world; main.ts and demo.ts make it.

export interface Platform {
  /** Unix ms, with fractions. */
  now: () => number;
  /** ms of a clock that nobody sets. */
  clock: () => number;
  /** 0 to 1. */
  random: () => number;
  /** Runs `fn` after `ms`; the answer cancels it. */
  after: (ms: number, fn: () => void) => () => void;
}

/** This process's own clock, randomness and timers. */
export function systemPlatform(): Platform {
  return {
    now: () => performance.timeOrigin + performance.now(),
    clock: () => performance.now(),
    random: () => Math.random(),
    after: (ms, fn) => {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
  };
}
