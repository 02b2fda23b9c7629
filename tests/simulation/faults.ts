// What can go wrong in a simulated system, and how it is mended.
import { SYNC_MS } from "./aggregator_node.ts";
import type { System } from "./system.ts";

/** Done at some moment; the result undoes it, after as long as the fault lasts. */
type Fault = (system: System) => (() => void | Promise<void>) | void;

const CLOCK_JUMP_MS_MAX = 3000;

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
  "set the aggregator's clock": ({ aggregator, world }) => {
    aggregator.clockMs += world.between(-CLOCK_JUMP_MS_MAX, CLOCK_JUMP_MS_MAX);
  },
  "set an edge's clock": ({ edges, world }) => {
    edges[world.between(0, edges.length - 1)]!.clockMs += world.between(-CLOCK_JUMP_MS_MAX, CLOCK_JUMP_MS_MAX);
  },
};

/** Plans faults over the next `ms`, each mended after a while; resolves what is left to mend when asked. */
export function planFaults(system: System, ms: number): { planned: string[]; mendAll: () => Promise<void> } {
  const { world } = system;
  const names = Object.keys(FAULTS);
  const planned: string[] = [];
  const mends = new Set<() => void | Promise<void>>();
  for (let n = world.between(1, 8); n > 0; n--) {
    const name = names[world.between(0, names.length - 1)]!;
    const [atMs, lastsMs] = [world.between(0, ms), world.between(5, 2500)];
    planned.push(`${atMs} ms: ${name} for ${lastsMs} ms`);
    world.after(atMs, () => {
      const mend = FAULTS[name]!(system);
      if (!mend) return;
      mends.add(mend);
      world.after(lastsMs, () => mends.delete(mend) ? mend() : undefined);
    });
  }
  return {
    planned,
    mendAll: async () => {
      for (const mend of mends) await mend();
      mends.clear();
    },
  };
}
