// deno task fuzz: hostile bytes for everything that reads bytes of others; see --help. Exits with 1 if anything crashed, hung
// or grew.
import { list, number, text, whole } from "../../platform/kinds.ts";
import { flag, optionsOf } from "../../platform/options.ts";
import { encodeBase64 } from "./base64.ts";
import { learn } from "./corpus.ts";
import type { RunResult } from "./run.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";
import { watched } from "./watch.ts";

const names = TARGETS.map(({ name }) => name);
const options = optionsOf({
  name: "deno task fuzz",
  about: "Hostile bytes for everything that reads bytes of others. Exits with 1 if anything crashed, hung or grew.",
  options: {
    minutes: number({ ...{ fallback: 1, min: 0.01, max: 1e5 }, about: "shared evenly by the targets" }),
    executions: whole({
      ...{ fallback: null, min: 1, max: 1e12, shown: "as many as there is time for" },
      about: "of each target at most",
    }),
    only: list({
      ...{ fallback: null, shown: "all", about: "targets with one of these in their names" },
      fits: (part) => names.some((name) => name.includes(part)),
      must: `be parts of ${names.join(", ")}`,
    }),
    seed: whole({ fallback: null, max: 2 ** 31 - 1, shown: "another one each time", about: "of all changes" }),
    "limit-ms": whole({ fallback: 10_000, min: 1, max: 600_000, about: "that one input may take" }),
    out: text({ fallback: "data/fuzz", placeholder: "FOLDER", about: "where crashes are written" }),
    learn: flag("keeps what had an outcome that the corpus lacks"),
    json: flag("one object at the end, nothing else"),
  },
});

/** Beyond it something is kept that nobody asked for: pools and caches take less. */
const HEAP_GROWTH_BYTES_MAX = 32 << 20;

const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
const targets = TARGETS.filter(({ name }) => !options.only || options.only.some((part) => name.includes(part)));
const say = options.json ? console.error : console.log;
say(`seed ${seed}`);
const rows = [];
for (const target of targets) rows.push(await fuzz(target));
const executions = rows.reduce((sum, row) => sum + row.executions, 0);
const bad = rows.filter(({ crashes, grew }) => crashes.length > 0 || grew);
if (options.json) console.log(JSON.stringify({ seed, executions, targets: rows }));
else say(`${executions.toLocaleString("en-GB")} executions, ${bad.length} target(s) that crashed, hung or grew`);
Deno.exit(bad.length > 0 ? 1 : 0);

async function fuzz(target: Target) {
  const { name, bytesMax } = target;
  const result = await watched({
    ...{ name, bytesMax, seed, limitMs: options["limit-ms"] },
    seconds: options.minutes * 60 / targets.length,
    executionsMax: options.executions ?? Infinity,
  });
  const files = await written(name, result);
  const kept = options.learn ? await learn(target, result.found) : null;
  const { executions, seconds, outcomes, heapGrowthBytes, memoryGrowthBytes } = result;
  const perS = Math.round(executions / seconds);
  const grew = heapGrowthBytes > HEAP_GROWTH_BYTES_MAX || memoryGrowthBytes !== 0;
  const heapMib = (heapGrowthBytes / 2 ** 20).toFixed(1);
  say(
    `${name.padEnd(14)} ${executions.toLocaleString("en-GB").padStart(12)} executions ${`${perS}`.padStart(7)}/s ` +
      `${`${outcomes}`.padStart(4)} outcomes, heap +${heapMib} MiB, ${result.crashes.length} crash(es)` +
      (kept === null ? "" : `, ${kept} kept`),
  );
  for (const [i, { error }] of result.crashes.entries()) say(`  ${files[i]}\n  ${error.replaceAll("\n", "\n  ")}`);
  const crashes = result.crashes.map(({ error }, i) => ({ error, file: files[i] }));
  return { name, executions, perS, outcomes, heapGrowthBytes, memoryGrowthBytes, grew, crashes };
}

async function written(name: string, { crashes }: RunResult): Promise<string[]> {
  if (crashes.length > 0) await Deno.mkdir(options.out, { recursive: true });
  return await Promise.all(crashes.map(async ({ error, execution, input }) => {
    const path = `${options.out}/${name}-${seed}-${execution}.json`;
    const crash = { target: name, seed, execution, error, base64: encodeBase64(input) };
    await Deno.writeTextFile(path, `${JSON.stringify(crash, null, 2)}\n`);
    return path;
  }));
}
