// A rolling upgrade under load: aggregator first, then one edge after the other, while a fleet flies encounters.
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { readOnlyDisk } from "../../aggregator/journal/disk.ts";
import { eventually } from "../chaos/eventually.ts";
import { isKept, judge, reportedShed, storedIn, type Verdict } from "../chaos/oracle.ts";
import { Flyers } from "./flyers.ts";
import { type AlertCounts, countAlerts, storedAlerts } from "./judgement.ts";
import { gapsMs, heardIn } from "./lane_gaps.ts";
import { EDGES, type PartName, RollingSystem, type Root } from "./system.ts";

export interface Step {
  name: string;
  fromUs: number;
  /** From the signal until all is connected again; 0 where nothing was replaced. */
  tookMs: number;
  /** Drones by edge at its end. */
  spread: number[];
  /** How often drones connected anew meanwhile. */
  reconnects: number;
}

/** A step, and for how long no drone's positions came. */
export interface MeasuredStep extends Step {
  gapMs: { median: number; worst: number };
}

export interface Rolled {
  steps: MeasuredStep[];
  records: Verdict;
  alerts: AlertCounts;
  /** As /v1/fleet has them at the end. */
  versions: { aggregator: string; edges: { edgeId: string; version: string; protocol?: number }[] };
  isNamedAnew: boolean;
}

export interface RollingSettings {
  drones: number;
  seed: number;
  /** The release that is replaced. */
  from: Root;
  /** How long the fleet flies on after each step, at least. */
  restMs: number;
}

const DRONES_NAME = "drone";

export async function roll({ drones, seed, from, restMs }: RollingSettings): Promise<Rolled> {
  await using system = await RollingSystem.start(() => from);
  const edges = EDGES.map((name) => system.telemetryUrl(name));
  const flyers = new Flyers({ drones, seed, edges });
  const steps: Step[] = [];
  const step = async (name: string, replaced: PartName | null) => {
    const [fromUs, before, sinceMs] = [Date.now() * 1000, flyers.reconnects, performance.now()];
    if (replaced) await system.replace(replaced, undefined);
    await eventually(() => flyers.connected === drones);
    const tookMs = replaced ? Math.round(performance.now() - sinceMs) : 0;
    await new Promise((resolve) => setTimeout(resolve, restMs));
    steps.push({ name, fromUs, tookMs, spread: flyers.spread(edges), reconnects: flyers.reconnects - before });
  };
  try {
    await flyers.start();
    await step("before", null);
    await step("aggregator", "aggregator");
    await step("edge-1", "edge-1");
    await step("edge-2", "edge-2");
    // What this release does for those who restart its parts.
    await step("edge-1 of this release, again", "edge-1");
    await step("aggregator, again", "aggregator");
    const endUs = await flyers.land();
    const records = await judged(system, flyers);
    const { version, edges: list, journal } = await system.fleet();
    const truth = flyers.truth;
    await system.stop();
    const timed = await measured(steps, { system, endUs });
    const blindUs = Math.max(...timed.map(({ gapMs }) => gapMs.worst)) * 1000;
    const alerts = countAlerts({ truth, alerts: storedAlerts(system.sqlitePath), told: flyers.told, endUs, blindUs });
    return {
      ...{ records, alerts, steps: timed },
      versions: { aggregator: version, edges: list },
      isNamedAnew: journal.recovered?.isNamedAnew ?? false,
    };
  } finally {
    await flyers.close();
  }
}

/** What became of the records of a fleet that has landed. */
export async function judged(system: RollingSystem, flyers: Flyers): Promise<Verdict> {
  const handed = flyers.records();
  const verdict = async () => {
    const stored = storedIn(system.journalPath, DRONES_NAME);
    const reported = reportedShed(system.sqlitePath, DRONES_NAME);
    return judge({ ...handed, stored, counted: await counted(system), reported });
  };
  let last = await verdict();
  await eventually(async () => {
    last = await verdict();
    return isKept(last);
  }, 5000);
  return last;
}

async function counted(system: RollingSystem): Promise<number> {
  const { drones } = await (await fetch(`${system.url("aggregator")}/v1/drones`)).json();
  let records = 0;
  for (const { droneId } of drones) {
    const drone = await (await fetch(`${system.url("aggregator")}/v1/drones/${encodeURIComponent(droneId)}`)).json();
    records += drone.records;
  }
  return records;
}

async function measured(
  steps: readonly Step[],
  { system, endUs }: { system: RollingSystem; endUs: number },
): Promise<MeasuredStep[]> {
  const heard = heardIn(readOnlyDisk(system.journalPath), await loadDecompress());
  return steps.map((step, i) => {
    const gaps = gapsMs(heard, { fromUs: step.fromUs, toUs: steps[i + 1]?.fromUs ?? endUs });
    const [median = Infinity, worst = Infinity] = [gaps[gaps.length >> 1], gaps.at(-1)];
    return { ...step, gapMs: { median: Math.round(median), worst: Math.round(worst) } };
  });
}
