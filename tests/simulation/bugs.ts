// Bugs that a system like this one can have, put in on purpose: each breaks one promise, and the oracle must see it.
import type { AggregatorBug } from "./aggregator_node.ts";

export const BUGS: Record<string, AggregatorBug> = {
  "acknowledges before the journal is durable": {
    disk: (disk) => ({
      list: () => disk.list(),
      read: (name) => disk.read(name),
      create: (name) => ({ ...disk.create(name), sync: () => Promise.resolve() }),
      cut: (name, bytes) => disk.cut(name, bytes),
      replace: (name, blocks) => disk.replace(name, blocks),
      remove: (name) => disk.remove(name),
    }),
  },
  "forgets which batches and records it has seen": {
    restore: (piece) => {
      if (piece.type === "rest") piece.batchIds = new Uint8Array();
      if (piece.type === "shared") { for (const boot of piece.boots) Object.assign(boot, { starts: [], ends: [] }); }
    },
  },
  "forgets which windows have fired": {
    restore: (piece) => void (piece.type === "rest" && (piece.windows.firings = { fired: [], waiting: [] })),
  },
  "forgets what settings were changed": {
    restore: (piece) => void (piece.type === "rest" && (piece.settings = [])),
  },
  "forgets open alerts": {
    restore: (piece) => void (piece.type === "rest" && Object.assign(piece.alerts, { open: [], openOfDrone: [] })),
  },
  "forgets how far event time has come": {
    restore: (piece) => void (piece.type === "rest" && Object.assign(piece.watermark, { edges: [], us: -Infinity })),
  },
};
