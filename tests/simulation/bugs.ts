// Bugs that a system like this one can have, put in on purpose: each breaks one promise, and the oracle must see it.
import type { AggregatorBug } from "./aggregator_node.ts";

export const BUGS: Record<string, AggregatorBug> = {
  "acknowledges before the journal is durable": {
    disk: (disk) => ({
      list: () => disk.list(),
      read: (name) => disk.read(name),
      create: (name) => ({ ...disk.create(name), sync: () => Promise.resolve() }),
      cut: (name, bytes) => disk.cut(name, bytes),
      replace: (name, bytes) => disk.replace(name, bytes),
      remove: (name) => disk.remove(name),
    }),
  },
  "forgets which batches and records it has seen": {
    restore: (state) => {
      state.batchIds = new Uint8Array();
      for (const drone of state.drones) {
        for (const [, seqs] of drone.boots) Object.assign(seqs, { starts: [], ends: [] });
      }
    },
  },
  "forgets which windows have fired": {
    restore: (state) => void (state.windows.fired = []),
  },
  "forgets open alerts": {
    restore: (state) => Object.assign(state.alerts, { open: [], openOfDrone: [] }),
  },
  "forgets how far event time has come": {
    restore: (state) => Object.assign(state.watermark, { edges: [], us: -Infinity }),
  },
};
