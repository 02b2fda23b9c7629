// deno task simulate [--seeds N] [--seed FIRST]: that many histories of a system under faults, on all cores. Prints each
// seed that breaks a promise, with its faults; exits with 1 if there is one.
import { once } from "node:events";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { Simulated } from "./simulate.ts";

const { values } = parseArgs({ options: { seeds: { type: "string" }, seed: { type: "string" } } });
const count = Number(values.seeds ?? 2000);
const first = Number(values.seed ?? 1);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(first)) {
  console.error("Cannot simulate: --seeds must be a whole number from 1, --seed a whole number");
  Deno.exit(2);
}

const beganMs = performance.now();
let next = first;
let [records, violated] = [0, 0];

function take({ seed, faults, records: handed, violations }: Simulated): void {
  records += handed;
  if (violations.length === 0) return;
  violated++;
  console.log(`seed ${seed}: deno task simulate --seed ${seed} --seeds 1`);
  for (const line of [...violations, ...faults]) console.log(`  ${line}`);
}

/** One worker, a seed at a time until none is left. */
async function work(): Promise<void> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url));
  try {
    while (next < first + count) {
      worker.postMessage(next++);
      const [simulated] = await once(worker, "message");
      take(simulated);
    }
  } finally {
    await worker.terminate();
  }
}

await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, work));
const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
console.log(`${count} seeds from ${first}, ${records} records, ${violated} with a broken promise, ${seconds} s`);
Deno.exit(violated > 0 ? 1 : 0);
