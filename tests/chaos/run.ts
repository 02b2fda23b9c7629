// One fault against a running system and its drones, and what the oracle says of it.
import { eventually } from "./eventually.ts";
import { type Fault } from "./faults.ts";
import { isKept, judge, reportedShed, storedIn, type Verdict } from "./oracle.ts";
import type { Protocol } from "../../sim/protocols.ts";
import { Producer } from "./producer.ts";
import type { ChaosSystem } from "./system.ts";

export interface Outcome extends Verdict {
  fault: string;
  /** From the end of the fault until everything sent before it was acknowledged; null: never. */
  recoveryMs: number | null;
  /** Of drones, while the fault lasted and until they had recovered. */
  reconnects: number;
}

export interface RunSettings {
  drones: number;
  /** What they speak. Default ws. */
  protocol?: Protocol;
  /** How long the fault lasts, in ms (kills or drops, where it is counted in those). */
  ms: number;
}

const BEFORE_MS = 700;
const RECOVERY_MS_MAX = 60_000;
const LOOKS = 10;
const LOOK_MS = 500;
let runs = 0;

export async function runFault(
  system: ChaosSystem,
  fault: Fault,
  { drones, ms, protocol }: RunSettings,
): Promise<Outcome> {
  // Each run has drones of its own, so that the store can be asked about them alone.
  const name = `run${++runs}`;
  const before = await counted(system, name);
  const producer = new Producer({ name, drones, url: () => system.telemetryUrl, ...protocol && { protocol } });
  producer.start();
  try {
    await new Promise((resolve) => setTimeout(resolve, BEFORE_MS));
    await fault.inflict(system, { ms, producer });
    const isAcknowledged = producer.mark();
    const healedMs = performance.now();
    const recovered = await eventually(isAcknowledged, RECOVERY_MS_MAX);
    const recoveryMs = recovered ? Math.round(performance.now() - healedMs) : null;
    producer.land();
    await eventually(() => producer.unacknowledged === 0, RECOVERY_MS_MAX);
    const handed = { sent: producer.sent(), acknowledged: producer.acknowledged(), shed: producer.shed() };
    const look = async () => ({
      ...handed,
      stored: storedIn(system.journalFile("."), name),
      counted: await counted(system, name) - before,
      reported: reportedShed(system.sqlitePath, name),
    });
    // The ledger reaches the aggregator once a second, and its sink a moment later.
    let evidence = await look();
    for (let i = 0; i < LOOKS && !isKept(judge(evidence)); i++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      evidence = await look();
    }
    const verdict = judge(evidence);
    const { reconnects } = producer;
    // An edge that is killed takes along what it was about to report.
    return { fault: fault.name, ...verdict, ...fault.killsEdge && { unreported: 0 }, recoveryMs, reconnects };
  } finally {
    await producer.close();
  }
}

/** Distinct records that the pipeline counted of a run's drones. */
async function counted({ aggregatorUrl }: ChaosSystem, name: string): Promise<number> {
  const { drones } = await (await fetch(`${aggregatorUrl}/v1/drones`)).json();
  const ids = drones.map(({ droneId }: { droneId: string }) => droneId);
  let records = 0;
  for (const droneId of ids.filter((id: string) => id.startsWith(`${name}-`))) {
    const drone = await (await fetch(`${aggregatorUrl}/v1/drones/${encodeURIComponent(droneId)}`)).json();
    records += drone.records;
  }
  return records;
}
