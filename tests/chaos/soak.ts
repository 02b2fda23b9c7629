// deno task soak [--minutes N] [--drones N]: edge, aggregator and a fleet for a long time, and whether memory and file
// descriptors stay flat: the slope of a line through what was seen each five seconds, the warm-up left out. Of memory only the
// lowest of each span counts: it goes up and down with the collection of garbage.
import { parseArgs } from "node:util";
import { runToEnd } from "../e2e/process.ts";
import { ChaosSystem } from "./system.ts";

const SAMPLE_MS = 5000;
/** Caches fill, the journal reaches its first checkpoints, the JIT settles. */
const WARM_UP_SHARE = 0.25;
/** Longer than from one collection of the whole heap to the next. */
const SPAN_S = 100;
const SPANS_MIN = 3;
const MINUTES_MIN = Math.ceil((SPANS_MIN * SPAN_S) / (1 - WARM_UP_SHARE) / 60);
/** A slope that would fill a GiB in less than two days is not flat. */
const FLAT_MIB_PER_H = 24;
const FLAT_FDS_PER_H = 6;

interface Sample {
  hours: number;
  rssMib: number;
  fds: number;
}

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "20" }, drones: { type: "string", default: "500" } },
});
const minutes = Number(values.minutes);
if (!(minutes >= MINUTES_MIN) || !(Number(values.drones) > 0)) {
  console.error(`Cannot start: --minutes must be a number of at least ${MINUTES_MIN}, --drones one above 0`);
  Deno.exit(2);
}

async function sample(pid: number, hours: number): Promise<Sample> {
  const [, resident] = (await Deno.readTextFile(`/proc/${pid}/statm`)).split(" ");
  const fds = (await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`))).length;
  return { hours, rssMib: (Number(resident) * 4096) / (1 << 20), fds };
}

/** Of each whole span the sample with the least memory. */
function lowest(samples: Sample[]): Sample[] {
  const perSpan = Math.round((SPAN_S * 1000) / SAMPLE_MS);
  const spans = Array.from({ length: Math.floor(samples.length / perSpan) }, (_, i) => {
    return samples.slice(i * perSpan, (i + 1) * perSpan);
  });
  return spans.map((span) => span.reduce((low, next) => next.rssMib < low.rssMib ? next : low));
}

/** Least squares. */
function slope(samples: Sample[], of: (sample: Sample) => number): number {
  const meanX = samples.reduce((sum, { hours }) => sum + hours, 0) / samples.length;
  const meanY = samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const covariance = samples.reduce((sum, sample) => sum + (sample.hours - meanX) * (of(sample) - meanY), 0);
  return covariance / samples.reduce((sum, { hours }) => sum + (hours - meanX) ** 2, 0);
}

// Checkpoints as often as by default: each leaves a copy of the state behind for the collection of garbage.
await using system = await ChaosSystem.start({ checkpointS: 30 });
const seconds = Math.round(minutes * 60);
const fleet = runToEnd([
  ...["run", "-A", "--quiet", "sim/main.ts", "--json", "--url", system.telemetryUrl],
  ...["--drones", values.drones, "--seconds", `${seconds}`],
]);
const parts = { edge: system.edge.pid, aggregator: system.aggregator.pid };
const samples: Record<string, Sample[]> = { edge: [], aggregator: [] };
const beganMs = performance.now();
while (performance.now() - beganMs < seconds * 1000) {
  await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  for (const [name, pid] of Object.entries(parts)) {
    samples[name]!.push(await sample(pid, (performance.now() - beganMs) / 3_600_000));
  }
}
const { code, stderr } = await fleet;
if (code !== 0) console.error(`The fleet ended with exit code ${code}: ${stderr}`);
const { records } = await system.fleet();
console.log(`${minutes} minutes, ${values.drones} drones, ${records.accepted} records accepted`);
let isFlat = true;
for (const [name, all] of Object.entries(samples)) {
  const settled = all.slice(Math.floor(all.length * WARM_UP_SHARE));
  const floors = lowest(settled);
  const [mib, fds] = [slope(floors, ({ rssMib }) => rssMib), slope(settled, ({ fds }) => fds)];
  const [floor, last] = [floors.at(-1)!, settled.at(-1)!];
  const highest = Math.max(...settled.map(({ rssMib }) => rssMib));
  isFlat &&= mib < FLAT_MIB_PER_H && fds < FLAT_FDS_PER_H;
  console.log(
    `${name.padEnd(10)} RSS ${floor.rssMib.toFixed(0)} to ${highest.toFixed(0)} MiB, the lowest ${
      mib.toFixed(1)
    } MiB/h; ` +
      `file descriptors ${last.fds}, ${fds.toFixed(1)}/h`,
  );
}
console.log(isFlat ? "flat" : "NOT flat");
await system[Symbol.asyncDispose]();
Deno.exit(isFlat ? 0 : 1);
