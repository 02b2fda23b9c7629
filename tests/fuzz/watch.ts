// Runs a target in a worker, and ends it when one input takes too long.
import type { RunResult } from "./run.ts";
import { latest, share, sharedOf } from "./shared.ts";
import type { Order } from "./worker.ts";

export interface WatchedRun extends Omit<Order, "shared"> {
  bytesMax: number;
  /** One execution may take so long. */
  limitMs: number;
  worker?: URL;
}

const LOOK_MS = 100;
/** A worker loads its modules, and compiles, before its first input. */
const START_MS_MAX = 60_000;

/** A run that was ended has one crash, and no more figures than its executions. */
export async function watched({ bytesMax, limitMs, worker: url, ...order }: WatchedRun): Promise<RunResult> {
  const shared = share(bytesMax);
  const now = sharedOf(shared);
  const worker = new Worker(url ?? new URL("worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`Cannot fuzz ${order.name}: ${event.message}`));
  };
  worker.postMessage({ ...order, shared });
  const beganMs = performance.now();
  let [seen, seenMs] = [0, beganMs];
  const timer = setInterval(() => {
    const { executions, input } = latest(now);
    const nowMs = performance.now();
    if (executions !== seen) [seen, seenMs] = [executions, nowMs];
    if (nowMs - seenMs < (executions === 0 ? START_MS_MAX : limitMs)) return;
    const error = `It does not end within ${limitMs} ms`;
    const none = { outcomes: 0, heapGrowthBytes: 0, memoryGrowthBytes: 0, found: [] };
    const seconds = (nowMs - beganMs) / 1000;
    resolve({ ...none, executions, seconds, crashes: [{ error, execution: executions, input }] });
  }, LOOK_MS);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
    worker.terminate();
  }
}
