// deno bench -A tests/bench/hot_path_fleets_bench.ts: the hot path with fleets of other sizes, in a process of its own: their tables are large.
import { registerCases } from "./bench_case.ts";
import { hotPathFleetCases } from "./hot_path.ts";

registerCases(await hotPathFleetCases());
