// From a window's end to its row at a consumer, live: the aggregator's by its own watermark, and Flink's by the quick one, of the same
// fleet at the same time; and what each process takes of a core meanwhile.
import { eventually, pause } from "../../chaos/eventually.ts";
import { ChaosSystem } from "../../chaos/system.ts";
import { publishingOf } from "../../publishing/published.ts";
import { cpuUs } from "../../e2e/proc.ts";
import { runToEnd } from "../../e2e/process.ts";
import { Cluster } from "../../flink/cluster.ts";
import { KafkaServer } from "../../kafka/kafka_server.ts";
import type { BenchSettings, Comparison } from "../comparison.ts";
import { Arrivals } from "./arrivals.ts";

/** The first of which the machine carries. */
const FLEETS = [500, 100];
/** Beyond that nothing is carried: records wait for a processor. */
const CARRIED_MS_MAX = 2000;
const RECORDS_PER_DRONE_S = 35;
/** Flink's code is not compiled yet, and rows of the first windows wait for it. */
const WARM_UP_S = 20;
const LIMIT_MS = 60_000;
const QUICK = "event_time - INTERVAL '0.1' SECOND";
/** The second is not committed, so it need not wait for a checkpoint. */
const GUARANTEES = ["exactly-once", "at-least-once"] as const;
const TOPICS = { own: "fleet-metrics", flink: "fleet-metrics-flink" };

export async function compareDelays({ smoke }: BenchSettings): Promise<Comparison[]> {
  if (smoke) return [await measure(GUARANTEES[0], { drones: 20, warmUpS: 5, seconds: 5 })];
  const found: Comparison[] = [];
  for (const guarantee of GUARANTEES) {
    for (const drones of FLEETS) {
      const comparison = await measure(guarantee, { drones, warmUpS: WARM_UP_S, seconds: 60 });
      found.push(comparison);
      if (comparison.ours < CARRIED_MS_MAX) break;
    }
  }
  return found;
}

interface FlightSettings {
  drones: number;
  warmUpS: number;
  seconds: number;
}

async function measure(guarantee: string, flight: FlightSettings): Promise<Comparison> {
  await using kafka = await KafkaServer.start();
  await kafka.createTopic(TOPICS.flink);
  await using system = await ChaosSystem.start({ aggregatorEnv: { SLIPSTREAM_KAFKA: kafka.address } });
  const isOpen = async () => (await publishingOf(system, "kafka")).trouble === null;
  if (!await eventually(isOpen, LIMIT_MS)) throw new Error("Cannot measure: the aggregator does not reach Kafka");
  await using flink = await Cluster.start({
    args: [`BROKERS=${kafka.address}`, `WATERMARK=${QUICK}`, `GUARANTEE=${guarantee}`],
  });
  await using arrivals = new Arrivals(kafka.address, Object.values(TOPICS));
  await arrivals.listening;
  const pids = {
    edge: system.edge.pid,
    aggregator: system.aggregator.pid,
    broker: kafka.pid,
    TaskManager: await flink.taskManagerPid(),
  };
  const { fromMs, toMs, cores } = await flown(system.telemetryUrl, { pids, ...flight });
  // The last window's row is due within a checkpoint or two.
  await eventually(() => arrivals.delaysMs(TOPICS.flink, { fromMs, toMs }).length >= flight.seconds - 1, LIMIT_MS);
  return comparison(guarantee, { arrivals, between: { fromMs, toMs }, cores, flight });
}

async function flown(
  url: string,
  { pids, drones, warmUpS, seconds }: FlightSettings & { pids: Record<string, number> },
): Promise<{ fromMs: number; toMs: number; cores: Record<string, number> }> {
  const flags = Object.entries({ url, drones, seconds: warmUpS + seconds + 5 }).map(([name, value]) =>
    `--${name}=${value}`
  );
  const flying = runToEnd(["run", "-A", "--quiet", "sim/main.ts", "--json", ...flags]);
  await pause(1000 * warmUpS);
  const [fromMs, before] = [Date.now(), await cpusOf(pids)];
  await pause(1000 * seconds);
  const [toMs, after] = [Date.now(), await cpusOf(pids)];
  const { code, stderr } = await flying;
  // Without everything acknowledged it ends with 1: a machine that is too slow for it is late, which is what is measured.
  if (code > 1) throw new Error(`Cannot fly: exit code ${code}\n${stderr}`);
  const cores = Object.fromEntries(
    Object.keys(pids).map((name) => [name, (after[name]! - before[name]!) / (1000 * (toMs - fromMs))]),
  );
  return { fromMs, toMs, cores };
}

async function cpusOf(pids: Record<string, number>): Promise<Record<string, number>> {
  return Object.fromEntries(
    await Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await cpuUs(pid)] as const)),
  );
}

function comparison(
  guarantee: string,
  { arrivals, between, cores, flight: { drones, seconds } }: {
    arrivals: Arrivals;
    between: { fromMs: number; toMs: number };
    cores: Record<string, number>;
    flight: FlightSettings;
  },
): Comparison {
  const [own, flink] = [TOPICS.own, TOPICS.flink].map((topic) => arrivals.delaysMs(topic, between));
  const told = (delays: number[]) =>
    `${delays.length} windows, p99 ${quantile(delays, 0.99).toFixed(0)}, max ${quantile(delays, 1).toFixed(0)} ms`;
  return {
    name: `live, ${
      drones * RECORDS_PER_DRONE_S
    } records/s for ${seconds} s: a window's end → its row at a consumer, p50`,
    unit: "ms",
    ours: quantile(own!, 0.5),
    rival: { name: `Flink SQL, ${guarantee}`, value: quantile(flink!, 0.5) },
    limit: null,
    budget: null,
    note: `ours: ${told(own!)}; Flink: ${told(flink!)}\n  cores: ${
      Object.entries(cores).map(([name, used]) => `${name} ${used.toFixed(2)}`).join(", ")
    }`,
  };
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}
