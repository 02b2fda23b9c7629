// deno task latency [--drones N] [--seconds N] [--seed N] [--protocol NAME] [--json]: how long a warning takes, from the measurement that
// causes it to the acknowledgement of the drone that is warned, part by part, through real processes on one machine; once
// as it is, and once with twice the bulk records beside the fleet, or with drones that speak another protocol. Ends with 1 when a budget is not met.
import { number, whole } from "../../platform/kinds.ts";
import { flag, optionsOf } from "../../platform/options.ts";
import { type Protocol, protocolOption } from "../../sim/protocols.ts";
import { behind } from "../e2e/behind.ts";
import { runToEnd } from "../e2e/process.ts";
import { System } from "../e2e/system.ts";
import { bulkLoad } from "./bulk_load.ts";
import { Deliveries, type Part, PARTS, type Quantiles, quantiles } from "./deliveries.ts";

/** Battery and obstacle records of one drone, a second. */
const BULK_PER_DRONE = 25;
const OVERLOAD = 2;
/** The code is not compiled yet, and most encounters begin at once with the fleet: what is measured then does not count. */
const WARM_UP_S = 20;
/**
 * Drones whose warnings are measured fly in a process of their own, and send each record in a frame of its own: a process
 * that carries 500 sockets keeps its drones waiting, as no drone does. The others send their records in ten frames a second.
 */
const MEASURED_DRONES = 100;
/** Their process should not collect its garbage while a warning arrives: a drone does not wait for 99 others either. */
const MEASURED_FLAGS = "--v8-flags=--max-semi-space-size=4,--heap-growing-percent=2000";
const BUDGET = { part: "measured → acknowledged", p50: 5, p99: 15 } as const;

interface Options {
  drones: number;
  seconds: number;
  seed: number;
}

/** Of what `deno task sim --json` prints. */
interface FleetSummary {
  sent: { records: number };
  unacknowledged: number;
  lagMs: { mean: number; max: number };
}

interface Measured {
  bulkLoad: number;
  records: number;
  unacknowledged: number;
  outcomes: Record<string, number>;
  /** How late the simulator itself was: it is part of the first leg. */
  simulatorLagMs: { mean: number; max: number };
  parts: Record<Part, Quantiles>;
}

async function measure(
  { drones, seconds, seed }: Options,
  { overload = 1, protocol = "ws" }: { overload?: number; protocol?: Protocol } = {},
): Promise<Measured> {
  await using system = await System.start();
  const fromUs = (performance.timeOrigin + performance.now() + WARM_UP_S * 1000) * 1000;
  const deliveries = await Deliveries.open(system.aggregator.url);
  const stop = new AbortController();
  const recordsPerS = drones * BULK_PER_DRONE * (overload - 1);
  const load = recordsPerS > 0 ? bulkLoad({ url: system.telemetryUrl, recordsPerS, signal: stop.signal }) : null;
  const fly = async (only: string, flags: string[], through: string[] = []): Promise<FleetSummary> => {
    const { code, stdout, stderr } = await runToEnd([
      ...["run", "-A", "--quiet", MEASURED_FLAGS, "sim/main.ts"],
      ...["--json", "--url", system.telemetryUrl, "--scenario", "crossing", "--drones", `${drones}`],
      ...["--seconds", `${WARM_UP_S + seconds}`, "--seed", `${seed}`, "--only", only, "--protocol", protocol, ...flags],
    ], { through });
    if (code !== 0) throw new Error(`Cannot measure: the fleet ended with exit code ${code}: ${stderr || stdout}`);
    return JSON.parse(stdout);
  };
  const measured = Math.min(drones, MEASURED_DRONES);
  const [watched, others] = await Promise.all([
    fly(`1-${measured}`, ["--prompt"]),
    measured < drones ? fly(`${measured + 1}-${drones}`, ["--coalesce"], await behind()) : null,
  ]);
  stop.abort();
  const loaded = await load ?? 0;
  const { outcomes } = (await system.fleet()).warnings;
  await system.stop();
  await deliveries.closed;
  const parts = quantiles(
    deliveries.reports().filter(({ droneId, times }) => {
      return times.raisedUs >= fromUs && Number(droneId.split("-").at(-1)) <= measured;
    }),
  );
  const fleets = others ? [watched, others] : [watched];
  const sum = (of: (fleet: FleetSummary) => number) => fleets.reduce((total, fleet) => total + of(fleet), 0);
  const [records, unacknowledged] = [sum(({ sent }) => sent.records), sum((fleet) => fleet.unacknowledged)];
  return { bulkLoad: loaded, records, unacknowledged, outcomes, simulatorLagMs: watched.lagMs, parts };
}

function table({ parts, simulatorLagMs, outcomes }: Measured): string {
  const row = (name: string, cells: string[]) => `${name.padEnd(32)}${cells.map((cell) => cell.padStart(9)).join("")}`;
  const rows = PARTS.map((part) => {
    const { p50, p99, p999, max } = parts[part];
    return row(part, [p50, p99, p999, max].map((ms) => ms.toFixed(1)));
  });
  const told = Object.entries(outcomes).map(([name, count]) => `${count} ${name}`).join(", ");
  const { mean, max } = simulatorLagMs;
  return [
    row("ms", ["p50", "p99", "p99.9", "max"]),
    ...rows,
    `${parts[BUDGET.part].count} raises and escalations; of all warnings ${told}`,
    `the simulator sent ${mean.toFixed(1)} ms late on average, ${max.toFixed(1)} ms at most`,
  ].join("\n");
}

const { json, protocol, ...options } = optionsOf({
  name: "deno task latency",
  about: "How long a warning takes, part by part, through real processes. Exits with 1 when a budget is not met.",
  options: {
    drones: whole({ fallback: 500, min: 2, max: 32_768, about: "of the fleet" }),
    seconds: number({ fallback: 60, min: 10, max: 1e5, about: "that are measured, twice" }),
    protocol: protocolOption("drones of the second run"),
    seed: whole({ fallback: 1, min: 0, max: 2 ** 32 - 1, about: "the same seed, the same fleet" }),
    json: flag("one object at the end, nothing else"),
  },
});
const plain = await measure(options);
const second = await measure(options, protocol === "ws" ? { overload: OVERLOAD } : { protocol });
const { p50, p99 } = plain.parts[BUDGET.part];
const met = p50 <= BUDGET.p50 && p99 <= BUDGET.p99;
if (json) {
  const beside = protocol === "ws" ? { loaded: second } : { [protocol]: second };
  console.log(JSON.stringify({ ...options, budget: { ...BUDGET, met }, plain, ...beside }));
} else {
  console.log(`${options.drones} drones, ${options.seconds} s, ${plain.records} records\n${table(plain)}\n`);
  const how = protocol === "ws" ? `beside ${second.bulkLoad} bulk records of others` : `the same by ${protocol}`;
  console.log(`${how}, ${second.records} records, ${second.unacknowledged} not acknowledged\n${table(second)}\n`);
  console.log(`budget: p50 ≤ ${BUDGET.p50} ms and p99 ≤ ${BUDGET.p99} ms: ${met ? "met" : "NOT met"}`);
}
Deno.exit(met ? 0 : 1);
