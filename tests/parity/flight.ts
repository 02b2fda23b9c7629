// A fleet that does all that makes windows hard to count: records out of order, twice, by clocks that are wrong, through two edges of
// which one loses the aggregator for ten seconds, while drones change zones; through the real system into a real broker.
import { eventually, pause } from "../chaos/eventually.ts";
import { FaultProxy } from "../chaos/fault_proxy.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { Process, runToEnd } from "../e2e/process.ts";
import type { KafkaServer } from "../kafka/kafka_server.ts";
import { publishingOf } from "../publishing/published.ts";
import { partArgs } from "../../sim/part.ts";

export interface FlightSettings {
  drones: number;
  seconds: number;
  /** How long late records revise a window. */
  latenessS: number;
  /** How long the second edge is cut. */
  cutS: number;
  /** The aggregator three times, and the broker once. */
  kill: boolean;
}

/** What has flown. */
export interface Flown {
  records: Record<"received" | "accepted" | "duplicate" | "late" | "nearDuplicate" | "retimed", number>;
  kills: { aggregator: number; broker: number };
  zoneChanges: number;
  /** How long the second edge was cut indeed. */
  cutS: number;
}

/** Of a sliding window, and what is due then takes its turns. */
const AFTER_S = 14;
/** Besides the time until windows are final. */
const LIMIT_MS = 180_000;
/** Longer than between two reports of an edge. */
const QUIET_MS = 3000;
const CUT_FROM_MS = 3000;
const ZONE_CHANGE_MS = 1000;
const KILLED_MS = 1000;
const PLACES = [["survey", "north"], ["survey", "south"], ["patrol", "coast"], ["patrol", "harbour"]] as const;
/** A quarter of the fleet each: which edge it flies by, and what is wrong with it. */
const QUARTERS = [
  { edge: 0, scenario: "out-of-order" },
  { edge: 0, scenario: "clock-skew" },
  { edge: 1, scenario: "duplicates" },
  { edge: 1, scenario: "clock-step" },
];

/** Ends when all that was accepted has been counted, windows are over, and everything is with the broker. */
export async function fly(
  kafka: KafkaServer,
  { drones, seconds, latenessS, cutS, kill }: FlightSettings,
): Promise<Flown> {
  const zonesFile = await Deno.makeTempFile({ prefix: "slipstream-zones-", suffix: ".kv" });
  using kv = await Deno.openKv(zonesFile);
  const zones = new Zones(kv, drones);
  await zones.begin();
  const edgeEnv = { SLIPSTREAM_KV: zonesFile, SLIPSTREAM_ZONE_TTL_S: "1" };
  await using system = await ChaosSystem.start({
    edgeEnv,
    aggregatorEnv: { SLIPSTREAM_KAFKA: kafka.address, SLIPSTREAM_LATENESS_S: `${latenessS}` },
  });
  await using link = new FaultProxy(() => Number(new URL(system.aggregatorUrl).port));
  await using edge = await secondEdge(link, edgeEnv);
  const urls = [system.telemetryUrl, `${edge.url.replace("http", "ws")}/v1/telemetry`];
  const flights = QUARTERS.map((quarter, i) =>
    flyQuarter({ ...quarter, i, drones, seconds, url: urls[quarter.edge]! })
  );
  const kills = { aggregator: 0, broker: 0 };
  const [wasCutS] = await Promise.all([
    cutFor(cutS, link),
    zones.changeFor(seconds * 1000),
    kill ? killAll(system, kafka, { kills, pauseMs: seconds * 200 }) : null,
    ...flights,
  ]);
  const { records } = await counted(system, AFTER_S + latenessS);
  await system.stopAggregator();
  await Deno.remove(zonesFile);
  const { received, accepted, duplicate, late, nearDuplicate, retimed } = records;
  return {
    records: { received, accepted, duplicate, late, nearDuplicate, retimed },
    kills,
    zoneChanges: zones.changes,
    cutS: wasCutS,
  };
}

function secondEdge(link: FaultProxy, edgeEnv: Record<string, string>): Promise<Process> {
  const uplink = `ws://127.0.0.1:${link.port}/v1/uplink`;
  return Process.start({
    args: partArgs("edge"),
    env: { ...edgeEnv, SLIPSTREAM_EDGE_ID: "edge-2", SLIPSTREAM_EDGE_PORT: "0", SLIPSTREAM_UPLINK_URL: uplink },
    readyWhen: "listening on",
  });
}

async function flyQuarter(
  { i, drones, seconds, url, scenario }: { i: number; drones: number; seconds: number; url: string; scenario: string },
): Promise<void> {
  const only = `${Math.floor(drones * i / 4) + 1}-${Math.floor(drones * (i + 1) / 4)}`;
  const flags = Object.entries({ url, drones, only, seconds, scenario }).map(([name, value]) => `--${name}=${value}`);
  // Without everything acknowledged it ends with 1: what is not accepted counts on neither side.
  const { code, stderr } = await runToEnd(["run", "-A", "--quiet", "sim/main.ts", "--json", ...flags]);
  if (code > 1 || stderr !== "") throw new Error(`Cannot fly ${scenario}: exit code ${code}\n${stderr}`);
}

/** @returns how long it lasted */
async function cutFor(seconds: number, link: FaultProxy): Promise<number> {
  await pause(CUT_FROM_MS);
  link.fault = { refuse: true };
  link.cut();
  const beganMs = performance.now();
  await pause(seconds * 1000);
  link.fault = {};
  return Math.round((performance.now() - beganMs) / 100) / 10;
}

async function killAll(
  system: ChaosSystem,
  kafka: KafkaServer,
  { kills, pauseMs }: { kills: Flown["kills"]; pauseMs: number },
): Promise<void> {
  for (const what of ["aggregator", "broker", "aggregator", "aggregator"] as const) {
    await pause(pauseMs);
    await (what === "broker" ? kafka.kill() : system.killAggregator());
    await pause(KILLED_MS);
    await (what === "broker" ? kafka.restart() : system.startAggregator());
    kills[what]++;
  }
}

/** Once edges hold nothing back, and all windows are final: before, the last revision of one may still be due. */
async function counted(system: ChaosSystem, afterS: number) {
  const limitMs = LIMIT_MS + 2000 * afterS;
  let [received, sinceMs] = [-1, 0];
  const isTaken = async () => {
    const { records, edges } = await system.fleet();
    const isEmpty = edges.every(({ status }) => status?.backlogBytes === 0);
    if (!isEmpty || records.received !== received) [received, sinceMs] = [records.received, performance.now()];
    return performance.now() - sinceMs > QUIET_MS;
  };
  await must("take what edges hold", isTaken, { system, limitMs });
  const { timeUs: landedUs } = await system.fleet();
  const isOver = async () => {
    const { timeUs, watermarkLagMs } = await system.fleet();
    return watermarkLagMs !== null && timeUs - watermarkLagMs * 1000 > landedUs + afterS * 1e6;
  };
  await must("close its windows", isOver, { system, limitMs });
  const { journal } = await system.fleet();
  const mark = journal.lastIndex + journal.waiting;
  const isPublished = async () => {
    const kafka = await publishingOf(system, "kafka");
    return kafka.trouble === null && kafka.publishedIndex >= mark;
  };
  await must("publish its journal", isPublished, { system, limitMs });
  return await system.fleet();
}

async function must(
  what: string,
  isDone: () => Promise<boolean>,
  { system, limitMs }: { system: ChaosSystem; limitMs: number },
): Promise<void> {
  if (await eventually(isDone, limitMs)) return;
  const { watermarkLagMs, sinks } = await system.fleet();
  throw new Error(
    `Cannot wait for the aggregator to ${what}: ${JSON.stringify({ watermarkLagMs, publishing: sinks.publishing })}`,
  );
}

/** In which zone each drone is, as the edges look it up. */
class Zones {
  readonly #kv: Deno.Kv;
  readonly #drones: number;
  changes = 0;

  constructor(kv: Deno.Kv, drones: number) {
    this.#kv = kv;
    this.#drones = drones;
  }

  async begin(): Promise<void> {
    for (let i = 0; i < this.#drones; i++) await this.#put(i, i);
  }

  /** Every second some drones move on to the next zone, which may be another fleet's. */
  async changeFor(ms: number): Promise<void> {
    const untilMs = performance.now() + ms;
    for (let round = 1; performance.now() < untilMs; round++) {
      for (let i = round % 7; i < this.#drones; i += 7) {
        await this.#put(i, i + round);
        this.changes++;
      }
      await pause(ZONE_CHANGE_MS);
    }
  }

  async #put(drone: number, place: number): Promise<void> {
    const [fleet, zone] = PLACES[place % PLACES.length]!;
    await this.#kv.set(["slipstream", "zones", `drone-${String(drone + 1).padStart(4, "0")}`], { fleet, zone });
  }
}
