// deno task bench [--smoke] [--json] [--only NAME,…]: the budgets of this project, each measured beside the plain way and the
// limit, in one run: what `deno bench` measures as well, in turns of the contenders, and what takes processes. --smoke takes
// seconds: it shows that the benchmarks work, its numbers mean little. Exits 0 whether or not budgets are met: a number is
// not a test.
import { list } from "../../platform/kinds.ts";
import { flag, optionsOf } from "../../platform/options.ts";
import { acknowledgementCases } from "./acknowledgements.ts";
import { airspaceCases } from "./airspace.ts";
import { compareCases } from "./bench_case.ts";
import { compareColdStart } from "./cold_start/cold_start.ts";
import { type BenchSettings, type Comparison, formatComparison, SEED } from "./comparison.ts";
import { compressionCases } from "./compression.ts";
import { compareCores } from "./cores.ts";
import { compareCrowds } from "./crowd.ts";
import { compareExports } from "./exports.ts";
import { compareFlink, compareFlinkDelay } from "./flink/flink.ts";
import { compareGuarantees } from "./guarantees.ts";
import { compareHistory } from "./history.ts";
import { hotPathCases, hotPathFleetCases } from "./hot_path.ts";
import { compareIdentity } from "./identity.ts";
import { compareKafka } from "./kafka.ts";
import { compareMavlink } from "./mavlink.ts";
import { compareMetrics } from "./metrics.ts";
import { createLoad, pipelineCases } from "./pipeline.ts";
import { protocolCases } from "./protocols.ts";
import { sealingCases } from "./sealing.ts";
import { compareSockets } from "./sockets.ts";
import { compareTraces } from "./traces.ts";
import { compareUplinkBytes } from "./uplink_bytes.ts";

const sections: Record<string, (settings: BenchSettings) => Promise<Comparison[]>> = {
  "hot-path": async (settings) => compareCases(await hotPathCases(), settings),
  "hot-path-fleets": async (settings) => compareCases(await hotPathFleetCases(), settings),
  "sealing": async (settings) => compareCases(await sealingCases(), settings),
  "compression": async (settings) => compareCases(await compressionCases(await createLoad(settings)), settings),
  "acknowledgements": async (settings) => compareCases(await acknowledgementCases(), settings),
  "protocols": async (settings) => compareCases(await protocolCases(), settings),
  "cold-start": compareColdStart,
  "mavlink": compareMavlink,
  "kafka": compareKafka,
  "sockets": compareSockets,
  "identity": compareIdentity,
  "cores": compareCores,
  "traces": compareTraces,
  "metrics": compareMetrics,
  "exports": compareExports,
  "uplink-bytes": compareUplinkBytes,
  "pipeline": async (settings) => compareCases(await pipelineCases(await createLoad(settings)), settings),
  "airspace": (settings) =>
    Promise.resolve([...compareCases(airspaceCases(settings), settings), ...compareCrowds(settings)]),
  "guarantees": compareGuarantees,
  "history": compareHistory,
  "flink": compareFlink,
  "flink-delay": compareFlinkDelay,
};

if (import.meta.main) {
  const names = Object.keys(sections);
  const { smoke, json, only } = optionsOf({
    name: "deno task bench",
    about: "The budgets of this project, each measured beside the plain way and the limit, in one run.",
    options: {
      smoke: flag("takes seconds: shows that the benchmarks work, the numbers mean little"),
      json: flag("one object at the end, nothing else"),
      only: list({
        ...{ fallback: names, about: "these sections" },
        fits: (name) => names.includes(name),
        must: `be among ${names.join(", ")}`,
      }),
    },
  });
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
