// When what happened in an edge that starts, as probe.ts tells it.

export const MARKS = "cold start: ";

/** Unix ms, with fractions. */
export interface Marks {
  /** The first line of a program is run. */
  runtimeMs: number;
  /** All modules are loaded and evaluated: main.ts begins. */
  graphMs: number;
  /** The hot path is compiled from now on. */
  wasmMs: number;
  /** How long that takes, in ms. */
  compileMs: number;
  /** It listens. */
  listenMs: number;
}
