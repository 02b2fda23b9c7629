// deno task latency [--drones N] [--seconds N] [--seed N] [--identity WAY] [--protocol NAME] [--json]: how long a warning takes, from the
// measurement that causes it to the acknowledgement of the drone that is warned, part by part, through real processes on one
// machine; once as it is, and once with twice the bulk records beside the fleet. Ends with 1 when a budget is not met.
import { number, oneOf, whole } from "../../platform/kinds.ts";
import { flag, optionsOf } from "../../platform/options.ts";
import { protocolOption } from "../../sim/protocols.ts";
import { WAYS } from "../e2e/ways.ts";
import { BUDGET, measure, type Measured } from "./measure.ts";
import { partsTable } from "./parts_table.ts";

const OVERLOAD = 2;
const SENT = "measured → sent to the drone";
/** The code is not compiled yet, and most encounters begin at once with the fleet: what is measured then does not count. */
const WARM_UP_S = 20;

/** A run, or two side by side, and what else there is to say of each; `runs`: by what each is called, or "". */
function shown(runs: Record<string, Measured>): string {
  const names = Object.keys(runs);
  const parts = Object.fromEntries(names.map((name) => [name, runs[name]!.parts]));
  const table = partsTable(parts, names.length === 1 ? ["p50", "p99", "p999", "max"] : ["p50", "p99", "max"]);
  return [...table, ...names.flatMap((name) => footnotes(runs[name]!).map((line) => `${name} ${line}`.trim()))]
    .join("\n");
}

function footnotes({ parts, simulatorLagMs, outcomes, records, bulkLoad, accepted }: Measured): string[] {
  const told = Object.entries(outcomes).map(([name, count]) => `${count} ${name}`).join(", ");
  const { mean, max } = simulatorLagMs;
  return [
    `${parts[SENT].count} raises and escalations; of all warnings ${told}`,
    `${records + bulkLoad} records sent, ${accepted} accepted`,
    `the simulator sent ${mean.toFixed(1)} ms late on average, ${max.toFixed(1)} ms at most`,
  ];
}

const way = oneOf(WAYS, { fallback: "plain", about: `how drones prove who they are: ${WAYS.join(", ")}` });
const { json, identity, protocol, ...options } = optionsOf({
  name: "deno task latency",
  about: "How long a warning takes, part by part, through real processes. Exits with 1 when a budget is not met.",
  options: {
    drones: whole({ fallback: 500, min: 2, max: 32_768, about: "of the fleet" }),
    seconds: number({ fallback: 60, min: 10, max: 1e5, about: "that are measured, twice" }),
    seed: whole({ fallback: 1, min: 0, max: 2 ** 32 - 1, about: "the same seed, the same fleet" }),
    identity: way,
    protocol: protocolOption("drones of the second run, instead of more bulk,"),
    json: flag("one object at the end, nothing else"),
  },
});
const measuring = { ...options, warmUpS: WARM_UP_S, way: identity };
const alone = await measure({ ...measuring, overload: 1 });
const second = await measure({ ...measuring, overload: protocol === "ws" ? OVERLOAD : 1, protocol });
const { p50, p99 } = alone.parts[BUDGET.part];
const met = p50 <= BUDGET.p50 && p99 <= BUDGET.p99;
if (json) {
  const beside = { [protocol === "ws" ? "loaded" : protocol]: second };
  console.log(JSON.stringify({ ...options, identity, budget: { ...BUDGET, met }, alone, ...beside }));
} else {
  console.log(`${options.drones} drones, ${options.seconds} s`);
  if (protocol === "ws") {
    console.log(`${shown({ "": alone })}\n`);
    const how = `beside ${second.bulkLoad} bulk records of others, ${second.unacknowledged} not acknowledged`;
    console.log(`${how}\n${shown({ "": second })}\n`);
  } else console.log(`${shown({ ws: alone, [protocol]: second })}\n`);
  console.log(`budget: p50 ≤ ${BUDGET.p50} ms and p99 ≤ ${BUDGET.p99} ms: ${met ? "met" : "NOT met"}`);
}
Deno.exit(met ? 0 : 1);
