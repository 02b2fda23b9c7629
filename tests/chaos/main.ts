// deno task chaos [--minutes N] [--only NAME,…] [--drones N] [--json]: every fault against real processes, and a table of
// what was acknowledged, given up, kept, lost and doubled. Without --minutes each fault once, in its short form. Exits
// with 1 if a promise was broken, or something did not recover.
import { parseArgs } from "node:util";
import { type Fault, FAULTS } from "./faults.ts";
import { isKept } from "./oracle.ts";
import { type Outcome, runFault } from "./run.ts";
import { ChaosSystem } from "./system.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    only: { type: "string" },
    drones: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
const minutes = values.minutes === undefined ? null : Number(values.minutes);
const drones = Number(values.drones);
const wanted = values.only?.split(",").map((name) => name.trim());
const faults = FAULTS.filter(({ name }) => !wanted || wanted.some((part) => name.includes(part)));
const problems = [
  ...minutes !== null && !(minutes > 0) ? ["--minutes must be a number above 0"] : [],
  ...Number.isSafeInteger(drones) && drones > 0 ? [] : ["--drones must be a whole number from 1"],
  ...faults.length > 0 ? [] : [`--only: the faults are ${FAULTS.map(({ name }) => name).join(", ")}`],
];
if (problems.length > 0) {
  console.error(`Cannot start: ${problems.length} option(s) are wrong\n  ${problems.join("\n  ")}`);
  Deno.exit(2);
}

const outcomes: Outcome[] = [];
const untilMs = performance.now() + (minutes ?? 0) * 60_000;
// Longer with each round, until the time is used.
for (let round = 0; round === 0 || performance.now() < untilMs; round++) {
  const growth = minutes === null ? 0 : Math.min(1, (round + 1) / 3);
  await using shared = await ChaosSystem.start();
  for (const fault of faults) {
    if (round > 0 && performance.now() > untilMs) break;
    const outcome = await inflict(fault, shared, growth);
    outcomes.push(outcome);
    if (!values.json) print(outcome);
  }
}
const broken = outcomes.filter((outcome) => !isKept(outcome) || outcome.recoveryMs === null || isBlinded(outcome));
if (values.json) console.log(JSON.stringify({ drones, outcomes }));
else console.log(`${outcomes.length} faults, ${broken.length} with a broken promise or no recovery`);
Deno.exit(broken.length > 0 ? 1 : 0);

async function inflict(fault: Fault, shared: ChaosSystem, growth: number): Promise<Outcome> {
  const ms = Math.round(fault.msMin + growth * (fault.msMax - fault.msMin));
  if (!fault.system) return await runFault(shared, fault, { drones, ms });
  await using own = await ChaosSystem.start(fault.system);
  return await runFault(own, fault, { drones, ms });
}

// Drones whose edge lives have no reason to connect anew.
function isBlinded({ fault, reconnects }: Outcome): boolean {
  return reconnects > 0 && faults.some(({ name, keepsDrones }) => name === fault && keepsDrones);
}

function print({ fault, recoveryMs, ...counts }: Outcome): void {
  const columns = [
    "sent",
    "acknowledged",
    "shed",
    "stored",
    "lost",
    "uncounted",
    "doubled",
    "invented",
    "unreported",
    "reconnects",
  ] as const;
  if (outcomes.length === 1) {
    console.log([`fault`.padEnd(36), ...columns.map((name) => name.padStart(6)), "recovery ms"].join("  "));
  }
  const cells = columns.map((name) => `${counts[name]}`.padStart(Math.max(6, name.length)));
  console.log([fault.padEnd(36), ...cells, `${recoveryMs ?? "never"}`.padStart(11)].join("  "));
}
