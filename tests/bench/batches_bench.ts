// deno bench -A tests/bench/batches_bench.ts: batch bodies compressed, decoded, and stepped through the pipeline; of one simulated
// fleet, which takes some seconds to fly.
import { BENCH_SETTINGS, registerCases } from "./bench_case.ts";
import { compressionCases } from "./compression.ts";
import { createLoad, pipelineCases } from "./pipeline.ts";

const load = await createLoad(BENCH_SETTINGS);
registerCases([...await compressionCases(load), ...await pipelineCases(load)]);
