// deno bench -A tests/bench/hot_path_bench.ts: every kind of record, size of frame and fate.
import { registerCases } from "./bench_case.ts";
import { hotPathCases } from "./hot_path.ts";

registerCases(await hotPathCases());
