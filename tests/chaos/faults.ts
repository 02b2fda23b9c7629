// The faults: what is done to a running system, until it is whole again.
import { DatabaseSync } from "node:sqlite";
import { listSegments } from "../../aggregator/journal/reader.ts";
import { readOnlyDisk } from "../../aggregator/journal/disk.ts";
import { flood } from "./flood.ts";
import { endEdgesInTurn } from "./node_faults.ts";
import type { Producer } from "./producer.ts";
import type { ChaosSettings, ChaosSystem } from "./system.ts";
import { eventually, pause } from "./eventually.ts";

export interface Fault {
  name: string;
  /** Of a system of its own; without it the fault shares one with others. */
  system?: ChaosSettings;
  /** Share of a long run's duration that it lasts, at most `msMax`; in short form `msMin`. */
  msMin: number;
  msMax: number;
  /** What an edge gave up and had not yet reported goes with it. */
  killsEdge?: true;
  /** Drones have no reason to connect anew. */
  keepsDrones?: true;
  /** The edge gives up records, and says so. */
  sheds?: true;
  inflict: (system: ChaosSystem, run: { ms: number; producer: Producer }) => Promise<void>;
}

/** An edge that runs so little of the time sheds bulk. */
const STARVED_MS = 600;
const FED_MS = 100;

function whileLinked(fault: ChaosSystem["link"]["fault"]): Fault["inflict"] {
  return async (system, { ms }) => {
    system.link.fault = fault;
    await pause(ms);
    system.link.fault = {};
  };
}

async function burst(system: ChaosSystem, kills: number): Promise<void> {
  for (let i = 0; i < kills; i++) {
    await pause(100 * Math.random());
    if (i % 2 === 0) {
      await system.killAggregator();
      await system.startAggregator();
    } else {
      await system.killEdge();
      await system.startEdge();
    }
  }
}

/** Half an entry, or garbage, behind the last good entry: what a power cut leaves. */
async function tear(system: ChaosSystem): Promise<void> {
  await system.killAggregator();
  const { name } = listSegments(readOnlyDisk(system.journalPath)).at(-1)!;
  const path = `${system.journalPath}/${name}`;
  const bytes = await Deno.readFile(path);
  const half = bytes.slice(8, Math.min(bytes.length, 60));
  await Deno.writeFile(path, half, { append: true });
  await Deno.writeFile(path, crypto.getRandomValues(new Uint8Array(333)), { append: true });
  await system.startAggregator();
}

/** What breaks keys and decoders. None begins as the ids of the run do, unless a decoder drops the mark before it. */
function hostileIds(name: string): string[] {
  return [
    ...["\ufeff", `\ufeff${name}-1`, `a|${name}-1`, `\u0000${name}`, `\n${name}`, `ü"'<b>${name}`],
    ...["__proto__", "constructor", " ", "x".repeat(64)],
  ];
}

export const FAULTS: Fault[] = [
  {
    name: "aggregator away for longer than a drone waits",
    ...{ msMin: 6000, msMax: 20_000, keepsDrones: true },
    inflict: async (system, { ms }) => {
      await system.killAggregator();
      await pause(ms);
      await system.startAggregator();
    },
  },
  {
    name: "uplink cut for longer than a drone waits",
    ...{ msMin: 6000, msMax: 15_000, keepsDrones: true },
    inflict: async (system, { ms }) => {
      system.link.fault = { refuse: true };
      system.link.cut();
      await pause(ms);
      system.link.fault = {};
    },
  },
  {
    name: "hostile ids",
    ...{ msMin: 2000, msMax: 10_000, keepsDrones: true },
    inflict: async (_, { ms, producer }) => {
      // In a boot of their own: one that is recorded as a drone of the run is an invention.
      const others = producer.strangers(hostileIds(producer.name), 3);
      others.start();
      await pause(ms);
      others.land();
      const done = await eventually(() => others.unacknowledged === 0, 30_000);
      await others.close();
      if (!done) throw new Error(`Cannot go on: ${others.unacknowledged} records of hostile ids are not acknowledged`);
    },
  },
  {
    name: "a neighbour that floods and never reads",
    ...{ msMin: 2000, msMax: 20_000, keepsDrones: true },
    inflict: async (system, { ms, producer }) => {
      await flood(new URL(system.telemetryUrl), { droneId: `flood-of-${producer.name}`, ms });
    },
  },
  {
    name: "twins: the same drone ids in the same boot",
    ...{ msMin: 2000, msMax: 10_000 },
    inflict: async (_, { ms, producer }) => {
      const twins = producer.twins();
      twins.start();
      await pause(ms);
      twins.land();
      await eventually(() => twins.unacknowledged === 0, 30_000);
      await twins.close();
    },
  },
  {
    name: "SIGKILL of the edge",
    ...{ msMin: 300, msMax: 5000, killsEdge: true },
    inflict: async (system, { ms }) => {
      await system.killEdge();
      await pause(ms);
      await system.startEdge();
    },
  },
  {
    name: "SIGKILL of the aggregator",
    ...{ msMin: 300, msMax: 10_000 },
    inflict: async (system, { ms }) => {
      await system.killAggregator();
      await pause(ms);
      await system.startAggregator();
    },
  },
  {
    name: "SIGKILL of one of two edges",
    system: { edges: 2 },
    ...{ msMin: 3, msMax: 8, killsEdge: true },
    inflict: endEdgesInTurn("SIGKILL"),
  },
  {
    name: "SIGTERM of each of two edges in turn",
    system: { edges: 2 },
    ...{ msMin: 2, msMax: 4 },
    inflict: endEdgesInTurn("SIGTERM"),
  },
  {
    name: "SIGKILL of both",
    ...{ msMin: 300, msMax: 5000, killsEdge: true },
    inflict: async (system, { ms }) => {
      await Promise.all([system.killAggregator(), system.killEdge()]);
      await pause(ms);
      await system.startAggregator();
      await system.startEdge();
    },
  },
  {
    name: "burst of kills",
    ...{ msMin: 4, msMax: 20, killsEdge: true },
    inflict: (system, { ms }) => burst(system, ms),
  },
  {
    name: "SIGSTOP of the aggregator",
    ...{ msMin: 2000, msMax: 30_000 },
    inflict: async (system, { ms }) => {
      Deno.kill(system.aggregator.pid, "SIGSTOP");
      await pause(ms);
      Deno.kill(system.aggregator.pid, "SIGCONT");
    },
  },
  {
    name: "link black-holed",
    ...{ msMin: 7000, msMax: 20_000 },
    inflict: whileLinked({ swallow: { up: true, down: true } }),
  },
  { name: "link half-open", msMin: 7000, msMax: 20_000, inflict: whileLinked({ swallow: { down: true } }) },
  {
    name: "link cut inside a batch",
    ...{ msMin: 500, msMax: 5000 },
    inflict: async (system, { ms }) => {
      for (let left = ms; left > 0; left -= 250) {
        system.link.fault = { cutAfterBytes: 100 };
        await pause(250);
      }
      system.link.fault = {};
    },
  },
  {
    name: "link refused",
    msMin: 1000,
    msMax: 10_000,
    inflict: async (system, { ms }) => {
      system.link.fault = { refuse: true };
      system.link.cut();
      await pause(ms);
      system.link.fault = {};
    },
  },
  {
    name: "aggregator ten times too slow",
    msMin: 2000,
    msMax: 20_000,
    inflict: whileLinked({ delayMs: 200, bytesPerS: 20_000 }),
  },
  { name: "torn and corrupted journal tail", msMin: 0, msMax: 0, inflict: tear },
  {
    name: "sink stalled",
    ...{ msMin: 4000, msMax: 40_000 },
    inflict: async (system, { ms }) => {
      using other = new DatabaseSync(system.sqlitePath);
      other.exec("PRAGMA busy_timeout = 2000; BEGIN EXCLUSIVE");
      await pause(ms);
      other.exec("ROLLBACK");
    },
  },
  {
    name: "reconnect storm",
    ...{ msMin: 3, msMax: 10 },
    inflict: async (_, { ms, producer }) => {
      for (let i = 0; i < ms; i++) {
        producer.drop();
        await pause(300);
      }
    },
  },
  {
    name: "started while the aggregator is down",
    ...{ msMin: 1500, msMax: 10_000, killsEdge: true },
    inflict: async (system, { ms }) => {
      await Promise.all([system.killAggregator(), system.killEdge()]);
      await system.startEdge();
      await pause(ms);
      await system.startAggregator();
    },
  },
  {
    name: "the same drone ids from two places",
    ...{ msMin: 2000, msMax: 10_000 },
    inflict: async (_, { ms, producer }) => {
      const other = producer.impostor();
      other.start();
      await pause(ms);
      other.land();
      await eventually(() => other.unacknowledged === 0, 30_000);
      await other.close();
    },
  },
  {
    name: "edge starved of its processor",
    ...{ msMin: 3000, msMax: 20_000, sheds: true },
    inflict: async (system, { ms }) => {
      for (let left = ms; left > 0; left -= STARVED_MS + FED_MS) {
        Deno.kill(system.edge.pid, "SIGSTOP");
        await pause(STARVED_MS);
        Deno.kill(system.edge.pid, "SIGCONT");
        await pause(FED_MS);
      }
    },
  },
  { name: "disk full", system: { journalDiskBytes: 8 << 20 }, msMin: 2000, msMax: 15_000, inflict: fillDisk },
  {
    name: "disk full for longer than memory lasts",
    system: { journalDiskBytes: 8 << 20, aggregatorEnv: { SLIPSTREAM_JOURNAL_QUEUE_MIB: "1" } },
    ...{ msMin: 20_000, msMax: 40_000 },
    inflict: fillDisk,
  },
];

async function fillDisk(system: ChaosSystem, { ms }: { ms: number }): Promise<void> {
  const filler = system.journalFile("filler");
  await fill(filler);
  const full = await eventually(async () => (await system.fleet()).journal.state === "failing");
  if (!full) throw new Error("Cannot fill the disk: the journal goes on");
  await pause(ms);
  await Deno.remove(filler);
}

/** Until the filesystem has no room for another byte. */
export async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true });
  for (let bytes = 65_536; bytes > 0;) {
    const written = await file.write(new Uint8Array(bytes)).catch(() => 0);
    if (written === 0) bytes = bytes >> 1;
  }
}
