// deno task upgrade:check [--release COMMIT] [--drones N] [--seed N] [--json]: two edges and an aggregator of the last release,
// replaced one after the other by this one while a fleet flies encounters. Exits with 1 if a promise was broken.
import { text, whole } from "../../platform/kinds.ts";
import { flag, optionsOf } from "../../platform/options.ts";
import { brokenPromises } from "./judgement.ts";
import { hasCommit, lastRelease, Release } from "./release.ts";
import { type MeasuredStep, roll } from "./rolling.ts";

const { release, drones, seed, "rest-ms": restMs, json } = optionsOf({
  name: "deno task upgrade:check",
  about: "A rolling upgrade from the last release under load, and what became of records and alerts.",
  options: {
    release: text({
      fallback: null,
      placeholder: "COMMIT",
      shown: "tests/upgrade/last_release.txt",
      about: "upgraded from",
    }),
    drones: whole({ fallback: 40, max: 1000, about: "that fly meanwhile, in pairs" }),
    seed: whole({ fallback: 1, min: 0, max: 2 ** 32 - 1, about: "the same seed, the same encounters" }),
    "rest-ms": whole({ fallback: 6000, max: 600_000, about: "how long they fly on after each step" }),
    json: flag("one object at the end, nothing else"),
  },
});

const commit = release ?? await lastRelease();
if (!await hasCommit(commit)) {
  console.log(`NOTICE  the upgrade is not tried: this clone has no commit ${commit}`);
  Deno.exit(0);
}
await using unpacked = await Release.unpack(commit);
const rolled = await roll({ drones, seed, from: unpacked.root, restMs });
const broken = brokenPromises(rolled);
if (json) console.log(JSON.stringify({ commit, ...rolled, broken }));
else print();
await unpacked[Symbol.asyncDispose]();
Deno.exit(broken.length > 0 ? 1 : 0);

function print(): void {
  const { steps, records, alerts, versions, isNamedAnew } = rolled;
  console.log(`from ${commit.slice(0, 12)}, ${drones} drones in encounters; gap: how long no position of a drone came`);
  console.log(row(["step", "took ms", "gap ms p50", "worst", "reconnects", "drones by edge"]));
  for (const step of steps) console.log(row(cells(step)));
  const edges = versions.edges.map(({ edgeId, version, protocol }) => `${edgeId} ${version} (${protocol ?? "none"})`);
  console.log(
    `aggregator ${versions.aggregator}, ${edges.join(", ")}; journal ${isNamedAnew ? "named anew" : "goes on"}`,
  );
  console.log(
    `records: ${records.sent} sent, ${records.acknowledged} acknowledged, ${records.shed} given up, ` +
      `${records.stored} counted, ${records.lost} lost, ${records.doubled} doubled`,
  );
  console.log(
    `conflicts: ${alerts.expected} to be warned of, ${alerts.missing} missing, ${alerts.beyond} beyond, ` +
      `${alerts.toldTwice} told twice, ${alerts.reused} numbers reused`,
  );
  console.log(
    broken.length === 0 ? "kept: nothing lost, nothing doubled, no alert told twice" : `BROKEN: ${broken.join("; ")}`,
  );
}

function cells({ name, tookMs, gapMs, reconnects, spread }: MeasuredStep): string[] {
  return [name, `${tookMs}`, `${gapMs.median}`, `${gapMs.worst}`, `${reconnects}`, spread.join(", ")];
}

function row([name = "", ...columns]: string[]): string {
  return [name.padEnd(30), ...columns.map((cell) => cell.padStart(10))].join("  ");
}
