// The machine a process runs on: time, timers, chance, a log. A process makes it once, in its main.ts, and hands each part
// what that part needs; nothing else reads a clock or sets a timer.
import { logLine } from "./log_line.ts";
import { type Pseudonym, pseudonyms, randomKey } from "./pseudonyms.ts";
import { WallClock } from "./wall_clock.ts";

export interface Platform {
  /** Unix ms, with fractions. */
  now: () => number;
  /** Monotonic ms: a clock that nobody sets. */
  clock: () => number;
  /** 0 inclusive to 1 exclusive. */
  random: () => number;
  fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Runs `fn` once after `ms`; the result cancels it. */
  after: (ms: number, fn: () => void) => () => void;
  /** Runs `fn` once, as soon as what has arrived by now is dealt with. */
  soon: (fn: () => void) => void;
  /** Runs `fn` each `ms`; the result ends it. */
  every: (ms: number, fn: () => void) => () => void;
  log: (level: "info" | "warn", message: string) => void;
  /** What the log calls a drone. */
  pseudonym: Pseudonym;
}

/** A wall clock of the host's time, for a process that lives long enough to see it set: somebody must `check` it. */
export function hostClock(): WallClock {
  return new WallClock({ wallMs: () => Date.now(), monotonicMs: () => performance.now() });
}

/**
 * This process's own.
 *
 * @param name begins each line of the log
 * @param now Unix ms; by default the host's time when the process began, and evenly on from there
 * @param pseudonymKey by which the log names drones; by default one that this process alone has
 */
export function systemPlatform(
  name: string,
  { now = () => performance.timeOrigin + performance.now(), pseudonymKey = randomKey() } = {},
): Platform {
  return {
    now,
    clock: () => performance.now(),
    random: () => Math.random(),
    fillRandom: (bytes) => void crypto.getRandomValues(bytes),
    after: (ms, fn) => {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
    soon: (fn) => void setImmediate(fn),
    every: (ms, fn) => {
      const timer = setInterval(fn, ms);
      return () => clearInterval(timer);
    },
    log: (level, message) => console.error(`${name} ${level}: ${logLine(message)}`),
    pseudonym: pseudonyms(pseudonymKey, "drone"),
  };
}
