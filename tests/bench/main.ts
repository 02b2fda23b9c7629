// deno task bench [--smoke] [--json] [--only NAME,…]: the budgets of this project, each measured beside the plain way and the
// limit, in one run: what `deno bench` measures as well, in turns of the contenders, and what takes processes. --smoke takes
// seconds: it shows that the benchmarks work, its numbers mean little. Exits 0 whether or not budgets are met: a number is
// not a test.
import { acknowledgementCases } from "./acknowledgements.ts";
import { airspaceCases } from "./airspace.ts";
import { compareCases } from "./bench_case.ts";
import { type BenchSettings, type Comparison, formatComparison, SEED } from "./comparison.ts";
import { compressionCases } from "./compression.ts";
import { compareGuarantees } from "./guarantees.ts";
import { hotPathCases, hotPathFleetCases } from "./hot_path.ts";
import { createLoad, pipelineCases } from "./pipeline.ts";
import { sealingCases } from "./sealing.ts";
import { compareSockets } from "./sockets.ts";
import { compareUplinkBytes } from "./uplink_bytes.ts";

const sections: Record<string, (settings: BenchSettings) => Promise<Comparison[]>> = {
  "hot-path": async (settings) => compareCases(await hotPathCases(), settings),
  "hot-path-fleets": async (settings) => compareCases(await hotPathFleetCases(), settings),
  "sealing": async (settings) => compareCases(await sealingCases(), settings),
  "compression": async (settings) => compareCases(await compressionCases(await createLoad(settings)), settings),
  "acknowledgements": async (settings) => compareCases(await acknowledgementCases(), settings),
  "sockets": compareSockets,
  "uplink-bytes": compareUplinkBytes,
  "pipeline": async (settings) => compareCases(await pipelineCases(await createLoad(settings)), settings),
  "airspace": (settings) => Promise.resolve(compareCases(airspaceCases(settings), settings)),
  "guarantees": compareGuarantees,
};

function readOptions(args: string[]): { smoke: boolean; json: boolean; only: string[] } {
  const options = { smoke: false, json: false, only: Object.keys(sections) };
  const problems: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--smoke") options.smoke = true;
    else if (arg === "--json") options.json = true;
    else if (arg === "--only") options.only = (args[++i] ?? "").split(",");
    else problems.push(`  ${arg}: the options are --smoke, --json, --only`);
  }
  for (const name of options.only) {
    if (!sections[name]) problems.push(`  --only ${name}: the sections are ${Object.keys(sections).join(", ")}`);
  }
  if (problems.length > 0) {
    console.error(`Cannot run the benchmarks: ${problems.length} option(s) are wrong\n${problems.join("\n")}`);
    Deno.exit(2);
  }
  return options;
}

if (import.meta.main) {
  const { smoke, json, only } = readOptions(Deno.args);
  const cores = navigator.hardwareConcurrency;
  if (!json) {
    console.log(
      `Deno ${Deno.version.deno}, ${cores} cores shared by everything below, seed ${SEED}${
        smoke ? ", smoke: too short for its numbers to mean much" : ""
      }\n`,
    );
  }
  const comparisons: Comparison[] = [];
  for (const name of only) {
    const found = await sections[name]!({ seed: SEED, smoke });
    comparisons.push(...found);
    if (!json) { for (const comparison of found) console.log(`${formatComparison(comparison)}\n`); }
  }
  if (json) console.log(JSON.stringify({ deno: Deno.version.deno, cores, seed: SEED, smoke, comparisons }));
}
