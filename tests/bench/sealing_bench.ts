// deno bench -A tests/bench/sealing_bench.ts: lanes sealed.
import { registerCases } from "./bench_case.ts";
import { sealingCases } from "./sealing.ts";

registerCases(await sealingCases());
