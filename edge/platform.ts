// What the edge needs of the machine it runs on: time, timers, chance, a connection. main.ts hands in the real ones.

export interface Platform {
  /** Unix ms, with fractions. */
  now: () => number;
  /** Monotonic ms. */
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
  /** A WebSocket that connects to `url`, offering one subprotocol. */
  connect: (url: string, subprotocol: string) => WebSocket;
  log: (level: "info" | "warn", message: string) => void;
}
