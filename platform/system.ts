// The machine a process runs on: time, timers, chance, a log. A process makes it once, in its main.ts, and hands each part
// what that part needs; nothing else reads a clock or sets a timer.
import { announced, type Log, LOG_DEFAULTS, openLog } from "./log.ts";
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
  log: Log;
  /** What the log calls a drone. */
  pseudonym: Pseudonym;
}

/** A process's own, with a way to say what whoever started it waits for: on stdout. */
export interface ProcessPlatform extends Platform {
  announce: (message: string) => void;
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
 * @param log how it is written; by default as text
 */
export function systemPlatform(
  name: string,
  { now = () => performance.timeOrigin + performance.now(), pseudonymKey = randomKey(), log = LOG_DEFAULTS } = {},
): ProcessPlatform {
  const clock = () => performance.now();
  return {
    now,
    clock,
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
    log: openLog({ ...log, name, now, clock, after: unheld, write: (line) => console.error(line) }),
    announce: (message) => console.log(announced(message, { ...log, name, now })),
    pseudonym: pseudonyms(pseudonymKey, "drone"),
  };
}

/** Later, unless the process ends before: that does not wait for it. */
function unheld(ms: number, fn: () => void): void {
  Deno.unrefTimer(setTimeout(fn, ms));
}
