// deno task simulate [--seeds N] [--seed FIRST]: that many histories of a system under faults, on all cores. Prints each
// seed that breaks a promise, with its faults; exits with 1 if there is one.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { whole } from "../../platform/kinds.ts";
import { optionsOf } from "../../platform/options.ts";
import type { Simulated } from "./simulate.ts";

const { seeds: count, seed: first } = optionsOf({
  name: "deno task simulate",
  about: "Histories of a system under faults, on all cores. Exits with 1 if one breaks a promise, and prints its seed.",
  options: {
    seeds: whole({ fallback: 2000, about: "how many" }),
    seed: whole({
      fallback: 1,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      about: "of the first; each other one is one more",
    }),
  },
});

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
