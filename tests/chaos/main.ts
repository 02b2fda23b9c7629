// deno task chaos [--minutes N] [--only NAME,…] [--drones N] [--json]: every fault against real processes, and a table of
// what was acknowledged, given up, kept, lost and doubled. Without --minutes each fault once, in its short form. Exits
// with 1 if a promise was broken, or something did not recover.
import { list, number, whole } from "../../platform/kinds.ts";
import { flag, optionsOf } from "../../platform/options.ts";
import { protocolOption } from "../../sim/protocols.ts";
import { type Fault, FAULTS } from "./faults.ts";
import { isKept } from "./oracle.ts";
import { type Outcome, runFault } from "./run.ts";
import { ChaosSystem } from "./system.ts";

const names = FAULTS.map(({ name }) => name);
const { minutes, only, drones, protocol, json } = optionsOf({
  name: "deno task chaos",
  about:
    "Every fault against real processes, and what became of acknowledged records. Exits with 1 if a promise was broken.",
  options: {
    minutes: number({
      ...{ fallback: null, min: 0.01, max: 1e5, shown: "each fault once, in its short form" },
      about: "round after round for so long",
    }),
    only: list({
      ...{ fallback: null, shown: "all", about: "faults with one of these in their names" },
      fits: (part) => names.some((name) => name.includes(part)),
      must: `be parts of ${names.join(", ")}`,
    }),
    drones: whole({ fallback: 20, about: "that fly meanwhile" }),
    protocol: protocolOption("they"),
    json: flag("one object at the end, nothing else"),
  },
});
const faults = FAULTS.filter(({ name }) => !only || only.some((part) => name.includes(part)));

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
    if (!json) print(outcome);
  }
}
const broken = outcomes.filter((outcome) => !isKept(outcome) || outcome.recoveryMs === null || isBlinded(outcome));
if (json) console.log(JSON.stringify({ drones, outcomes }));
else console.log(`${outcomes.length} faults, ${broken.length} with a broken promise or no recovery`);
Deno.exit(broken.length > 0 ? 1 : 0);

async function inflict(fault: Fault, shared: ChaosSystem, growth: number): Promise<Outcome> {
  const ms = Math.round(fault.msMin + growth * (fault.msMax - fault.msMin));
  if (!fault.system) return await runFault(shared, fault, { drones, ms, protocol });
  await using own = await ChaosSystem.start(fault.system);
  return await runFault(own, fault, { drones, ms, protocol });
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
