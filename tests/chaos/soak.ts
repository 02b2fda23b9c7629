// deno task soak [--minutes N] [--drones N]: edge, aggregator and a fleet for a long time, and whether memory and file
// descriptors stay flat: the slope of a line through what was seen, the warm-up left out. Memory is what a process still
// holds after all its garbage was collected, about once a minute; in between it goes up and down with the collections that
// V8 makes by itself, and how far is told as well.
import { parseArgs } from "node:util";
import { runToEnd } from "../e2e/process.ts";
import { freePort, Inspector } from "./inspector.ts";
import { ChaosSystem } from "./system.ts";

const SAMPLE_MS = 5000;
const CHECKPOINT_S = 30;
/** Each 65 s: a collection sees the aggregator at another time after its last checkpoint than the one before. */
const SAMPLES_PER_COLLECTION = 13;
/** Caches fill, the journal reaches its first checkpoints, the JIT settles. */
const WARM_UP_SHARE = 0.25;
/** A line through fewer than seven collections says nothing. */
const MINUTES_MIN = 10;
/** A slope that would fill a GiB in less than two days is not flat. */
const FLAT_MIB_PER_H = 24;
const FLAT_FDS_PER_H = 6;

interface Sample {
  hours: number;
  /** Resident memory. */
  mib: number;
  fds: number;
}

/** A process, and what was seen of it. */
interface Watched {
  name: string;
  pid: number;
  inspector: Inspector;
  samples: Sample[];
  collected: Sample[];
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
  return { hours, mib: (Number(resident) * 4096) / (1 << 20), fds };
}

function settled(samples: Sample[]): Sample[] {
  return samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
}

/** Least squares. */
function slope(samples: Sample[], of: (sample: Sample) => number): number {
  const meanX = samples.reduce((sum, { hours }) => sum + hours, 0) / samples.length;
  const meanY = samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const covariance = samples.reduce((sum, sample) => sum + (sample.hours - meanX) * (of(sample) - meanY), 0);
  return covariance / samples.reduce((sum, { hours }) => sum + (hours - meanX) ** 2, 0);
}

function range(values: number[]): string {
  return `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`;
}

const inspect = { edge: freePort(), aggregator: freePort() };
await using system = await ChaosSystem.start({ checkpointS: CHECKPOINT_S, inspect });
const seconds = Math.round(minutes * 60);
const fleet = runToEnd([
  ...["run", "-A", "--quiet", "sim/main.ts", "--json", "--url", system.telemetryUrl],
  ...["--drones", values.drones, "--seconds", `${seconds}`],
]);
const watched: Watched[] = [];
for (const name of ["edge", "aggregator"] as const) {
  const inspector = await Inspector.connect(inspect[name]);
  watched.push({ name, pid: system[name].pid, inspector, samples: [], collected: [] });
}
const beganMs = performance.now();
for (let round = 1; performance.now() - beganMs < seconds * 1000; round++) {
  await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  const hours = (performance.now() - beganMs) / 3_600_000;
  for (const { pid, inspector, samples, collected } of watched) {
    samples.push(await sample(pid, hours));
    if (round % SAMPLES_PER_COLLECTION !== 0) continue;
    await inspector.collectGarbage();
    collected.push(await sample(pid, hours));
  }
}
const { code, stderr } = await fleet;
if (code !== 0) console.error(`The fleet ended with exit code ${code}: ${stderr}`);
const { records } = await system.fleet();
console.log(`${minutes} minutes, ${values.drones} drones, ${records.accepted} records accepted`);
let isFlat = true;
for (const { name, inspector, ...seen } of watched) {
  const [samples, collected] = [settled(seen.samples), settled(seen.collected)];
  const [mib, fds] = [slope(collected, (of) => of.mib), slope(samples, (of) => of.fds)];
  isFlat &&= mib < FLAT_MIB_PER_H && fds < FLAT_FDS_PER_H;
  console.log(
    `${name}: ${range(samples.map((of) => of.mib))} MiB, ${samples.at(-1)!.fds} file descriptors, ${
      fds.toFixed(1)
    }/h; ` +
      `after collections ${collected.map((of) => of.mib.toFixed(0)).join(" ")} MiB, ${mib.toFixed(1)} MiB/h`,
  );
  inspector[Symbol.dispose]();
}
console.log(isFlat ? "flat" : "NOT flat");
await system[Symbol.asyncDispose]();
Deno.exit(isFlat ? 0 : 1);
