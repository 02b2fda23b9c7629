// The machine that a drone's software runs on: clocks, timers, chance.
import type { DroneParts } from "./drone.ts";

export const MACHINE: Pick<DroneParts, "now" | "clock" | "random" | "after"> = {
  now: () => Date.now(),
  clock: () => performance.now(),
  random: () => Math.random(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};
