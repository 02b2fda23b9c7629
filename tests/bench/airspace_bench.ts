// deno bench -A tests/bench/airspace_bench.ts: a position update among as many drones.
import { airspaceCases } from "./airspace.ts";
import { BENCH_SETTINGS, registerCases } from "./bench_case.ts";

registerCases(airspaceCases(BENCH_SETTINGS));
