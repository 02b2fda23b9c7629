// The thread in which a target runs: one that hangs can be ended from outside.
import { readCorpus } from "./corpus.ts";
import { runTarget } from "./run.ts";
import { begin, sharedOf } from "./shared.ts";
import { TARGETS } from "./targets.ts";

/** What the worker is told once. */
export interface Order {
  name: string;
  seed: number;
  seconds: number;
  executionsMax: number;
  shared: SharedArrayBuffer;
}

declare const self: { onmessage: (event: { data: Order }) => void; postMessage: (message: unknown) => void };

self.onmessage = async ({ data: { name, shared, ...limits } }) => {
  const target = TARGETS.find((target) => target.name === name)!;
  const corpus = (await readCorpus(target)).map(({ input }) => input);
  const now = sharedOf(shared);
  self.postMessage(await runTarget(target, { ...limits, corpus, onInput: (input) => begin(now, input) }));
};
