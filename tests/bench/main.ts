// deno task bench [--smoke] [--json] [--only hot-path,sockets,uplink-bytes,pipeline,airspace,guarantees,history]: the budgets of this
// project, each measured beside the plain way and the limit, in one run. --smoke takes seconds: it shows that the
// benchmarks work, its numbers mean little. Exits 0 whether or not budgets are met: a number is not a test.
import { compareAirspace } from "./airspace.ts";
import { type BenchSettings, type Comparison, formatComparison } from "./comparison.ts";
import { compareGuarantees } from "./guarantees.ts";
import { compareHistory } from "./history.ts";
import { compareHotPath } from "./hot_path.ts";
import { comparePipeline } from "./pipeline.ts";
import { compareSockets } from "./sockets.ts";
import { compareUplinkBytes } from "./uplink_bytes.ts";

const SEED = 20_251_124;

const sections: Record<string, (settings: BenchSettings) => Promise<Comparison[]>> = {
  "hot-path": compareHotPath,
  "sockets": compareSockets,
  "uplink-bytes": compareUplinkBytes,
  "pipeline": comparePipeline,
  "airspace": compareAirspace,
  "guarantees": compareGuarantees,
  "history": compareHistory,
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
