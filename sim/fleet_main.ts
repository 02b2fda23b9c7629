// The fleet of the demo as a process of its own: however busy it is, the demo still hears, tells and ends. Started by demo.ts
// with its options; says what becomes of it in the words of fleet_words.ts.
import { endWithParent } from "../platform/parent.ts";
import { FleetProofs } from "./fleet_proofs.ts";
import { FLEET_READY, type FleetOrder, type FleetWord } from "./fleet_words.ts";
import { loadPlan } from "./options.ts";
import { systemPlatform } from "../platform/system.ts";
import { Run } from "./run.ts";

const LAG_INTERVAL_MS = 1000;

endWithParent(Deno.stdin, () => Deno.exit(1));
const stop = new AbortController();
const stopped = new Promise((resolve) => stop.signal.addEventListener("abort", resolve));
for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, () => stop.abort());

function say(word: FleetWord): void {
  console.log(JSON.stringify(word));
}

const { options, url, pki }: FleetOrder = JSON.parse(Deno.args[0] ?? "");
const platform = systemPlatform("fleet");
const plan = await loadPlan(options, Math.floor(platform.now() / 1000));
const droneIds = plan.drones.map(({ droneId }) => droneId);
const proofs = pki === null ? null : await FleetProofs.open({ folder: pki, kind: "certificate", droneIds, platform });
const run = new Run({
  ...{ url, plan, proofs },
  seconds: options.seconds,
  prompt: options.prompt,
  signal: stop.signal,
  platform,
  onCut: (isCut) => say({ type: "cut", isCut }),
});
try {
  await run.connect();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
console.log(`${FLEET_READY}${url}`);
const timer = setInterval(() => say({ type: "lag", lagMs: run.lagMs }), LAG_INTERVAL_MS);
await run.send();
clearInterval(timer);
const { truth, endUs, lagMs } = run;
say({
  type: "ended",
  flight: { summary: run.summary(), expectedAlerts: truth?.expectedAlerts ?? null, endUs, lagMs },
});
// Connected until somebody has looked.
await stopped;
await run.close();
Deno.exit(0);
