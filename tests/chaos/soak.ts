// deno task soak [--minutes N] [--drones N]: edge, aggregator and a fleet for a long time, and whether memory and file
// descriptors stay flat: the slope of a line through what was seen, the warm-up left out. Memory is looked at after all
// garbage was collected, about once a minute: what objects and buffers hold, which a leak of ours adds to, and what the
// process keeps, which moves in steps. In between it goes up and down with the collections that V8 makes by itself.
import { number, whole } from "../../platform/kinds.ts";
import { optionsOf } from "../../platform/options.ts";
import { runToEnd } from "../e2e/process.ts";
import { freePort, Inspector } from "./inspector.ts";
import { ChaosSystem } from "./system.ts";

const MIB = 1 << 20;
const SAMPLE_MS = 5000;
const CHECKPOINT_S = 30;
/** Each 65 s: a collection sees the aggregator at another time after its last checkpoint than the one before. */
const SAMPLES_PER_COLLECTION = 13;
/** Caches fill, the journal reaches its first checkpoints, the JIT settles. */
const WARM_UP_SHARE = 0.25;
/** A line through fewer than seven collections says nothing. */
const MINUTES_MIN = 10;
/** A slope that would fill a GiB in less than a week is not flat. */
const FLAT_HELD_MIB_PER_H = 6;
/** Of a process, over all that was seen: twice the step that the heap of malloc was seen to make, up and down. */
const FLAT_KEPT_MIB = 12;
const FLAT_FDS_PER_H = 6;

interface Sample {
  hours: number;
  /** Resident memory. */
  mib: number;
  fds: number;
}

interface Collected {
  hours: number;
  /** By objects and buffers. */
  heldMib: number;
  /** Resident memory. */
  keptMib: number;
}

/** A process, and what was seen of it. */
interface Watched {
  name: string;
  pid: number;
  inspector: Inspector;
  samples: Sample[];
  collected: Collected[];
}

const { minutes, drones } = optionsOf({
  name: "deno task soak",
  about: "Edge, aggregator and a fleet for a long time. Exits with 1 if memory or file descriptors do not stay flat.",
  options: {
    minutes: number({ fallback: 20, min: MINUTES_MIN, max: 1e5, about: "how long" }),
    drones: whole({ fallback: 500, max: 32_768, about: "of the fleet" }),
  },
});

async function sample(pid: number, hours: number): Promise<Sample> {
  const [, resident] = (await Deno.readTextFile(`/proc/${pid}/statm`)).split(" ");
  const fds = (await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`))).length;
  return { hours, mib: (Number(resident) * 4096) / MIB, fds };
}

function settled<T>(samples: T[]): T[] {
  return samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
}

/** Least squares, per hour. */
function slope<T extends { hours: number }>(samples: T[], of: (sample: T) => number): number {
  const meanX = samples.reduce((sum, { hours }) => sum + hours, 0) / samples.length;
  const meanY = samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const covariance = samples.reduce((sum, sample) => sum + (sample.hours - meanX) * (of(sample) - meanY), 0);
  return covariance / samples.reduce((sum, { hours }) => sum + (hours - meanX) ** 2, 0);
}

function range(values: number[], digits = 0): string {
  return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
}

const inspect = { edge: freePort(), aggregator: freePort() };
await using system = await ChaosSystem.start({ checkpointS: CHECKPOINT_S, inspect });
const seconds = Math.round(minutes * 60);
const fleet = runToEnd([
  ...["run", "-A", "--quiet", "sim/main.ts", "--json", "--url", system.telemetryUrl],
  ...["--drones", `${drones}`, "--seconds", `${seconds}`],
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
    const heldMib = await inspector.collectGarbage() / MIB;
    collected.push({ hours, heldMib, keptMib: (await sample(pid, hours)).mib });
  }
}
const { code, stderr } = await fleet;
if (code !== 0) console.error(`The fleet ended with exit code ${code}: ${stderr}`);
const { records } = await system.fleet();
console.log(`${minutes} minutes, ${drones} drones, ${records.accepted} records accepted`);
let isFlat = true;
for (const { name, inspector, ...seen } of watched) {
  const [samples, collected] = [settled(seen.samples), settled(seen.collected)];
  const held = slope(collected, ({ heldMib }) => heldMib);
  const kept = slope(collected, ({ keptMib }) => keptMib) * (collected.at(-1)!.hours - collected[0]!.hours);
  const fds = slope(samples, (sample) => sample.fds);
  isFlat &&= held < FLAT_HELD_MIB_PER_H && kept < FLAT_KEPT_MIB && fds < FLAT_FDS_PER_H;
  const heldMib = range(collected.map(({ heldMib }) => heldMib), 1);
  const keptMib = collected.map(({ keptMib }) => keptMib.toFixed(0)).join(" ");
  console.log([
    `${name}: ${range(samples.map(({ mib }) => mib))} MiB, ${samples.at(-1)!.fds} file descriptors, ${
      fds.toFixed(1)
    }/h`,
    `  after collections ${heldMib} MiB held, ${held.toFixed(1)} MiB/h`,
    `  and ${keptMib} MiB kept, a line through them rises by ${kept.toFixed(1)} MiB`,
  ].join("\n"));
  inspector[Symbol.dispose]();
}
console.log(isFlat ? "flat" : "NOT flat");
await system[Symbol.asyncDispose]();
Deno.exit(isFlat ? 0 : 1);
