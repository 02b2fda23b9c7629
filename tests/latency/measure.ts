// A fleet through an aggregator and an edge of its own, and how long its warnings took, part by part.
import { join } from "node:path";
import { systemPlatform } from "../../platform/system.ts";
import { TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { DemoIdentity } from "../../sim/demo_identity.ts";
import { FleetProofs } from "../../sim/fleet_proofs.ts";
import { ANYBODY } from "../../sim/observer.ts";
import type { Protocol } from "../../sim/protocols.ts";
import { behind } from "../e2e/behind.ts";
import { cpuUs } from "../e2e/proc.ts";
import { runToEnd } from "../e2e/process.ts";
import { System } from "../e2e/system.ts";
import { edgeEnvOf, SHOWN, type Way } from "../e2e/ways.ts";
import { BULK_SENDERS, bulkLoad } from "./bulk_load.ts";
import { Deliveries, type Part, type Quantiles, quantiles } from "./deliveries.ts";

/** Battery and obstacle records of one drone, a second. */
const BULK_PER_DRONE = 25;
/**
 * Drones whose warnings are measured fly in a process of their own, and send each record in a frame of its own: a process
 * that carries 500 sockets keeps its drones waiting, as no drone does. The others send their records in ten frames a second.
 */
const MEASURED_DRONES = 100;
/** Their process should not collect its garbage while a warning arrives: a drone does not wait for 99 others either. */
const MEASURED_FLAGS = "--v8-flags=--max-semi-space-size=4,--heap-growing-percent=2000";

/** Nobody tells a drone that speaks MAVLink when its last records are there. */
const LAST_RECORDS_MS_MAX = 10_000;

/** ms; as is said of warnings that are acknowledged. */
export const BUDGET = { part: "measured → acknowledged", p50: 5, p99: 15 } as const;

export interface Measuring {
  drones: number;
  /** What is measured, and before that what does not count. */
  seconds: number;
  warmUpS: number;
  seed: number;
  way: Way;
  /** What drones without proofs speak. Default ws. */
  protocol?: Protocol;
  /** Bulk records in all, as a multiple of the fleet's own. */
  overload: number;
  /** Settings of edge and aggregator, beside those that the way needs. */
  env?: Record<string, string>;
  /** What goes on beside the fleet: is told where both are, and when the fleet has ended. */
  beside?: (urls: readonly string[], signal: AbortSignal) => Promise<void>;
}

/** Whether a drone is one of those whose warnings are measured. */
export function isMeasured(droneId: string): boolean {
  return Number(droneId.split("-").at(-1)) <= MEASURED_DRONES;
}

/** Of what `deno task sim --json` prints. */
interface FleetSummary {
  sent: { records: number };
  unacknowledged: number;
  lagMs: { mean: number; max: number };
}

export interface Measured {
  bulkLoad: number;
  records: number;
  unacknowledged: number;
  /** Of them and of the bulk load, those that the aggregator had when the fleets had ended and a moment had passed. */
  accepted: number;
  outcomes: Record<string, number>;
  /** How late the simulator itself was: it is part of the first leg. */
  simulatorLagMs: { mean: number; max: number };
  parts: Record<Part, Quantiles>;
  /** CPU that the edge and the aggregator took once they were warm. */
  edgeCores: number;
  aggregatorCores: number;
  /** Unix µs: what is from before it does not count. */
  fromUs: number;
}

export async function measure(
  { drones, seconds, warmUpS, seed, way, protocol = "ws", overload, env, beside }: Measuring,
): Promise<Measured> {
  await using afterwards = new AsyncDisposableStack();
  const identity = way === "plain" ? null : await createIdentity(afterwards);
  const aggregatorEnv = { ...identity?.aggregatorEnv, ...env };
  const edgeEnv = { ...identity && edgeEnvOf(way, identity), ...env };
  await using system = await System.start({ aggregatorEnv, edgeEnv, asker: identity ?? ANYBODY });
  const deliveries = await Deliveries.open(system.aggregator.url, identity ?? ANYBODY);
  const stop = new AbortController();
  const recordsPerS = drones * BULK_PER_DRONE * (overload - 1);
  const load = recordsPerS > 0
    ? bulkLoad({ connect: await bulkConnect(system.telemetryUrl, { way, identity }), recordsPerS, signal: stop.signal })
    : null;
  const going = beside?.([system.edge.url, system.aggregator.url], stop.signal);
  // Said once the fleet has ended.
  going?.catch(() => {});
  const shown = SHOWN[way];
  const cpu = async () => {
    const [edgeUs, aggregatorUs] = await Promise.all([system.edge, system.aggregator].map(({ pid }) => cpuUs(pid)));
    return { edgeUs: edgeUs!, aggregatorUs: aggregatorUs!, us: performance.now() * 1000 };
  };
  const warm = new Promise((resolve) => setTimeout(resolve, warmUpS * 1000)).then(cpu);
  const fromUs = (performance.timeOrigin + performance.now() + warmUpS * 1000) * 1000;
  const fly = async (only: string, flags: string[], through: string[] = []): Promise<FleetSummary> => {
    const { code, stdout, stderr } = await runToEnd([
      ...["run", "-A", "--quiet", MEASURED_FLAGS, "sim/main.ts"],
      ...["--json", "--url", system.telemetryUrl, "--scenario", "crossing", "--drones", `${drones}`],
      ...identity && shown ? ["--pki", identity.folder, "--proof", shown] : [],
      ...["--seconds", `${warmUpS + seconds}`, "--seed", `${seed}`, "--only", only, "--protocol", protocol, ...flags],
    ], { through });
    if (code !== 0) throw new Error(`Cannot measure: the fleet ended with exit code ${code}: ${stderr || stdout}`);
    return JSON.parse(stdout);
  };
  const measured = Math.min(drones, MEASURED_DRONES);
  const [watched, others] = await Promise.all([
    fly(`1-${measured}`, ["--prompt"]),
    measured < drones ? fly(`${measured + 1}-${drones}`, ["--coalesce"], await behind()) : null,
  ]);
  const [cpuFrom, cpuTo] = [await warm, await cpu()];
  const edgeCores = (cpuTo.edgeUs - cpuFrom.edgeUs) / (cpuTo.us - cpuFrom.us);
  const aggregatorCores = (cpuTo.aggregatorUs - cpuFrom.aggregatorUs) / (cpuTo.us - cpuFrom.us);
  stop.abort();
  const [loaded] = [await load ?? 0, await going];
  const fleets = others ? [watched, others] : [watched];
  const sum = (of: (fleet: FleetSummary) => number) => fleets.reduce((total, fleet) => total + of(fleet), 0);
  const [records, unacknowledged] = [sum(({ sent }) => sent.records), sum((fleet) => fleet.unacknowledged)];
  const accepted = await acceptedOf(system, records + loaded);
  const { outcomes } = (await system.fleet()).warnings;
  await system.stop();
  await deliveries.closed;
  const parts = quantiles(
    deliveries.reports().filter(({ droneId, times }) => {
      return times.raisedUs >= fromUs && isMeasured(droneId);
    }),
  );
  const told = { bulkLoad: loaded, records, unacknowledged, accepted, outcomes };
  return { ...told, simulatorLagMs: watched.lagMs, parts, edgeCores, aggregatorCores, fromUs };
}

/** Once as many are there as were sent, or no more come. */
async function acceptedOf(system: System, sent: number): Promise<number> {
  const untilMs = performance.now() + LAST_RECORDS_MS_MAX;
  for (;;) {
    const { accepted } = (await system.fleet()).records;
    if (accepted >= sent || performance.now() > untilMs) return accepted;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function createIdentity(afterwards: AsyncDisposableStack): Promise<DemoIdentity> {
  const folder = await Deno.makeTempDir({ prefix: "slipstream-latency-" });
  afterwards.defer(() => Deno.remove(folder, { recursive: true }));
  const identity = await DemoIdentity.create(join(folder, "pki"), { now: Date.now });
  afterwards.defer(() => identity.close());
  return identity;
}

async function bulkConnect(
  url: string,
  { way, identity }: { way: Way; identity: DemoIdentity | null },
): Promise<(droneId: string) => WebSocket> {
  const kind = SHOWN[way];
  if (!identity || !kind) return () => new WebSocket(url, TELEMETRY_SUBPROTOCOL);
  const platform = systemPlatform("bulk");
  const proofs = await FleetProofs.open({ folder: identity.folder, kind, droneIds: BULK_SENDERS, platform });
  // They outlast any run.
  proofs.close();
  return (droneId) => proofs.connect(url, droneId);
}
