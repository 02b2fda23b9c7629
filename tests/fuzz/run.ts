// Runs one target for a time, or a number of executions, in the thread that calls.
import { Inputs } from "./inputs.ts";
import { minimised } from "./minimise.ts";
import type { Session, Target } from "./target.ts";

export interface RunOptions {
  seed: number;
  corpus: readonly Uint8Array[];
  seconds: number;
  executionsMax: number;
  /** An input is about to run. */
  onInput: (input: Uint8Array) => void;
}

/** What an input has done that nothing may do. */
export interface Crash {
  error: string;
  /** Its number, from 1. */
  execution: number;
  /** As short as it could be made; as it was where a fresh session does not show it. */
  input: Uint8Array;
}

export interface RunResult {
  executions: number;
  seconds: number;
  /** Different ones. */
  outcomes: number;
  crashes: Crash[];
  /** Between a quarter of the run and its end, after garbage is collected. */
  heapGrowthBytes: number;
  /** Of WebAssembly, from its beginning to its end; 0 for what has none. */
  memoryGrowthBytes: number;
  /** The first input of each outcome that is not in the corpus. */
  found: Uint8Array[];
}

const CRASHES_MAX = 8;
/** Where the target does not say. */
const SESSION_EXECUTIONS = 1_000_000;
/** Looking at the clock costs more than the fastest target. */
const CLOCK_EXECUTIONS = 64;

export async function runTarget(target: Target, options: RunOptions): Promise<RunResult> {
  const { seconds, executionsMax, onInput } = options;
  const inputs = new Inputs(target, options);
  const crashes = new Map<string, Crash>();
  let session = await target.open({ comparesAll: false });
  const memoryBytes = session.memoryBytes?.() ?? 0;
  const beganMs = performance.now();
  let executions = 0;
  let settledBytes: number | null = null;
  const first = inputs.known.slice();
  const elapsedS = () => (performance.now() - beganMs) / 1000;
  while (executions < executionsMax && crashes.size < CRASHES_MAX) {
    if (executions % CLOCK_EXECUTIONS === 0) {
      const share = Math.max(elapsedS() / seconds, executions / executionsMax);
      if (share >= 1) break;
      if (settledBytes === null && share >= 0.25) settledBytes = await heapBytes();
    }
    const input = executions < first.length ? first[executions]! : inputs.next();
    executions++;
    onInput(input);
    try {
      const outcome = session.run(input);
      inputs.learn(input, typeof outcome === "string" ? outcome : await outcome);
    } catch (error) {
      const text = textOf(error);
      if (!crashes.has(keyOf(text))) {
        crashes.set(keyOf(text), {
          error: text,
          execution: executions,
          input: await shortened(target, { input, text }),
        });
      }
      session = await reopened(target, session);
    }
    if (executions % (target.sessionExecutions ?? SESSION_EXECUTIONS) === 0) session = await reopened(target, session);
  }
  const memoryGrowthBytes = (session.memoryBytes?.() ?? 0) - memoryBytes;
  session.close?.();
  const heapGrowthBytes = Math.max(0, await heapBytes() - (settledBytes ?? Infinity));
  const done = { executions, seconds: elapsedS(), outcomes: inputs.found.size, crashes: [...crashes.values()] };
  return { ...done, heapGrowthBytes, memoryGrowthBytes, found: [...inputs.found.values()] };
}

async function reopened(target: Target, session: Session): Promise<Session> {
  session.close?.();
  return await target.open({ comparesAll: false });
}

async function shortened(target: Target, { input, text }: { input: Uint8Array; text: string }): Promise<Uint8Array> {
  const session = await target.open({ comparesAll: true });
  const fails = async (shorter: Uint8Array) => {
    try {
      await session.run(shorter);
      return false;
    } catch (error) {
      return keyOf(textOf(error)) === keyOf(text);
    }
  };
  try {
    return await fails(input) ? await minimised(input, fails) : input.slice();
  } finally {
    session.close?.();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

// One bug: what it says, whatever numbers are in it, and where it was thrown.
function keyOf(text: string): string {
  return text.split("\n").slice(0, 2).join("\n").replaceAll(/\d+/g, "#");
}

// What has a finalizer takes more than one collection.
async function heapBytes(): Promise<number> {
  const heaps: number[] = [];
  for (let round = 0; round < 4; round++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
    heaps.push(Deno.memoryUsage().heapUsed);
  }
  return Math.min(...heaps);
}
