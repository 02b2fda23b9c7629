// deno bench -A tests/bench/acknowledgements_bench.ts: drones told what is journalled.
import { acknowledgementCases } from "./acknowledgements.ts";
import { registerCases } from "./bench_case.ts";

registerCases(await acknowledgementCases());
