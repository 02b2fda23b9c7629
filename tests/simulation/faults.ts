// What can go wrong in a simulated system, and how it is mended.
import { propose } from "../../aggregator/pipeline/proposal.ts";
import { TUNABLES } from "../../aggregator/pipeline/tunables.ts";
import { SYNC_MS } from "./aggregator_node.ts";
import type { System } from "./system.ts";

/** Done at some moment; the result undoes it, after as long as the fault lasts. */
type Fault = (system: System) => (() => void | Promise<void>) | void;

const CLOCK_JUMP_MS_MAX = 3000;
const CLOCK_STEP_MS_MAX = 3_600_000;
/** One clock in three that is set is set by up to an hour. */
const STEP_CHANCE = 0.3;
/** Windows are revised for so long: a clock that is set by more makes records late. */
export const REVISED_MS = 900_000;

function clockJumpMs({ world }: System): number {
  const most = world.random() < STEP_CHANCE ? CLOCK_STEP_MS_MAX : CLOCK_JUMP_MS_MAX;
  return world.between(-most, most);
}

/** Settings that an operator changes: with none of their values the last windows wait for longer than anybody looks. */
const TUNED = [
  ...["airspace.warning.radiusM", "airspace.clearUs", "airspace.ghostAfterUs", "battery.lowCpct", "linkLossUs"],
  ...["outOfOrdernessUs", "heldBackUsMax", "urgentReminderUs"],
];

function any<T>({ world }: System, of: readonly T[]): T {
  return of[world.between(0, of.length - 1)]!;
}

export const FAULTS: Record<string, Fault> = {
  "cut drones": (system) => system.cut((connection) => connection.to !== "aggregator", 0.7),
  "cut uplinks": (system) => system.cut((connection) => connection.to === "aggregator", 0.7),
  "swallow uplinks": (system) => system.swallow((connection) => connection.to === "aggregator"),
  "swallow drones": (system) => system.swallow((connection) => connection.to !== "aggregator"),
  "kill an edge": (system) => {
    const edge = system.edges[system.world.between(0, system.edges.length - 1)]!;
    system.crash(edge);
    return () => edge.start();
  },
  "kill the aggregator": (system) => {
    system.crash(system.aggregator);
    return () => system.aggregator.start();
  },
  "kill everything": (system) => {
    for (const edge of system.edges) system.crash(edge);
    system.crash(system.aggregator);
    return async () => {
      for (const edge of system.edges) await edge.start();
      await system.aggregator.start();
    };
  },
  "fill the disk": ({ aggregator, world }) => {
    const used = aggregator.disk.list().reduce((sum, { bytes }) => sum + bytes, 0);
    aggregator.disk.capacity = used + world.between(0, 2000);
    return () => void (aggregator.disk.capacity = Infinity);
  },
  "slow the disk": ({ aggregator, world }) => {
    aggregator.syncMs = world.between(20, 800);
    return () => void (aggregator.syncMs = SYNC_MS);
  },
  "fail the disk's syncs": ({ aggregator }) => {
    aggregator.disk.syncing = null;
    return () => aggregator.mendSyncs();
  },
  "lock the sink": ({ aggregator }) => {
    aggregator.store.locked = true;
    return () => void (aggregator.store.locked = false);
  },
  "change a setting": (system) => {
    const { core } = system.aggregator;
    if (!core) return;
    const name = any(system, TUNED);
    const { min, max } = TUNABLES.get(name)!;
    const set = new Map([[name, Math.round(min + system.world.random() * (max - min))]]);
    const proposed = propose(core.pipeline.settings(), set);
    // One that dies before it is safe is forgotten, with everybody who waits for it.
    if ("values" in proposed) core.sequencer.configure({ by: "Ada", values: proposed.values }).catch(() => undefined);
  },
  "set the aggregator's clock": (system) => {
    system.aggregator.clockMs += system.noteStep(clockJumpMs(system));
  },
  "set an edge's clock": (system) => {
    any(system, system.edges).clockMs += system.noteStep(clockJumpMs(system));
  },
  "set a drone's clock": (system) => any(system, system.drones).step(system.noteStep(clockJumpMs(system))),
  "stop a drone's clock": (system) => {
    const drone = any(system, system.drones);
    drone.stopClock(true);
    return () => drone.stopClock(false);
  },
  "freeze a receiver": (system) => {
    const { instruments } = any(system, system.drones);
    instruments.frozen = true;
    return () => void (instruments.frozen = false);
  },
  "break a drone's instruments": (system) => {
    const { instruments } = any(system, system.drones);
    system.noteStep(Infinity);
    instruments.broken = true;
    return () => void (instruments.broken = false);
  },
};

/** Longer than all others, and so rare. */
const CUT: Fault = (system) => {
  system.uplinkIsCut = true;
  system.cut(({ to }) => to === "aggregator", 1);
  return () => void (system.uplinkIsCut = false);
};
const LONG: [name: string, fault: Fault][] = [["cut the uplink", CUT], ["fill the disk", FAULTS["fill the disk"]!]];
const LONG_MS = 15_000;
const LONG_CHANCE = 0.06;

/** What will go wrong, and for how long drones have to fly to see it. */
export interface Planned {
  flightMs: number;
  planned: string[];
  mendAll: () => Promise<void>;
}

/** Plans faults over the next `ms`, each mended after a while; resolves what is left to mend when asked. */
export function planFaults(system: System, ms: number): Planned {
  const { world } = system;
  const names = Object.keys(FAULTS);
  const planned: string[] = [];
  const mends = new Set<() => void | Promise<void>>();
  const plan = (fault: Fault, { name, atMs, lastsMs }: { name: string; atMs: number; lastsMs: number }) => {
    planned.push(`${atMs} ms: ${name} for ${lastsMs} ms`);
    world.after(atMs, () => {
      const mend = fault(system);
      if (!mend) return;
      mends.add(mend);
      world.after(lastsMs, () => mends.delete(mend) ? mend() : undefined);
    });
  };
  for (let n = world.between(1, 8); n > 0; n--) {
    const name = names[world.between(0, names.length - 1)]!;
    plan(FAULTS[name]!, { name, atMs: world.between(0, ms), lastsMs: world.between(5, 2500) });
  }
  const isLong = world.random() < LONG_CHANCE;
  const [name, fault] = LONG[world.between(0, LONG.length - 1)]!;
  if (isLong) plan(fault, { name, atMs: world.between(0, ms), lastsMs: LONG_MS });
  return {
    flightMs: isLong ? ms + LONG_MS : ms,
    planned,
    mendAll: async () => {
      for (const mend of mends) await mend();
      mends.clear();
    },
  };
}
