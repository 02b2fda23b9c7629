// A fleet at two isolates of one app, one of which is evicted in the middle: what was acknowledged, and where its drones went.
import { eventually } from "../chaos/eventually.ts";
import { isKept, judge, reportedShed, storedIn, type Verdict } from "../chaos/oracle.ts";
import { Producer } from "../chaos/producer.ts";
import type { Hub } from "./hub.ts";
import { Isolate } from "./isolate.ts";
import type { Problem } from "./problem.ts";
import type { Site } from "./site.ts";

export interface Round extends Verdict {
  signal: "SIGINT" | "SIGKILL";
  /** Drones that were at the isolate that went, and how long until all of them were at the other one. */
  moved: number;
  movedMs: number | null;
  /** From the signal to the end of the process. */
  endedMs: number;
  problems: Problem[];
}

const BEFORE_MS = 1500;
const AFTER_MS = 1000;
const MOVE_MS_MAX = 20_000;
const SETTLE_MS_MAX = 60_000;
const LOOKS = 10;
const LOOK_MS = 500;

export async function evictOne(
  site: Site,
  { hub, signal, drones }: { hub: Hub; signal: "SIGINT" | "SIGKILL"; drones: number },
): Promise<Round> {
  const name = `${signal.toLowerCase()}-${site.version.replaceAll(".", "-")}`;
  const env = hub.isolateEnv;
  await using going = await Isolate.start(site, { env });
  await using staying = await Isolate.start(site, { env });
  const tokens = new Map<string, string>();
  for (let i = 1; i <= drones; i++) tokens.set(`${name}-${i}`, await hub.proofs.droneToken(`${name}-${i}`));
  // As the platform's router: to one that lives, in turn.
  let turn = 0;
  const next = () => {
    const live = [going, staying].filter(({ isLive }) => isLive);
    return `${live[turn++ % live.length]!.url.replace("http", "ws")}/v1/telemetry`;
  };
  const producer = new Producer({ name, drones, url: next, tokenOf: (droneId) => tokens.get(droneId)! });
  producer.start();
  try {
    const isAll = () => producer.connected === drones;
    if (!await eventually(isAll, MOVE_MS_MAX)) {
      throw new Error(`Cannot go on: ${producer.connected} drones are connected`);
    }
    await pause(BEFORE_MS);
    const ids = await hub.edgeIds();
    const evictedMs = performance.now();
    const evicted = going.evict(signal);
    await eventually(() => producer.reconnects > 0 && isAll(), MOVE_MS_MAX);
    const movedMs = isAll() ? Math.round(performance.now() - evictedMs) : null;
    const { ms: endedMs, code, wasKilled } = await evicted;
    await pause(AFTER_MS);
    producer.land();
    await eventually(() => producer.unacknowledged === 0, SETTLE_MS_MAX);
    const verdict = await judged(producer, { hub, name, wasKilled });
    const moved = producer.reconnects;
    return {
      ...{ signal, ...verdict, moved, movedMs, endedMs: Math.round(endedMs) },
      problems: [
        ...broken(!isKept(verdict), `${JSON.stringify(verdict)} of what was acknowledged`),
        ...broken(producer.unacknowledged > 0, `${producer.unacknowledged} records were never acknowledged`),
        ...broken(movedMs === null || moved < drones / 2 - 1, `${moved} of ${drones} drones moved on`),
        ...broken(new Set(ids).size < 2, `two isolates went by ${ids.join(", ")}`),
        ...broken(signal === "SIGINT" && (wasKilled || code !== 0), `it did not end by itself: exit code ${code}`),
      ],
    };
  } finally {
    await producer.close();
  }
}

/** The ledger reaches the aggregator once a second, and its sink a moment later. */
async function judged(
  producer: Producer,
  { hub, name, wasKilled }: { hub: Hub; name: string; wasKilled: boolean },
): Promise<Verdict> {
  const look = async () => {
    const verdict = judge({
      ...{ sent: producer.sent(), acknowledged: producer.acknowledged(), shed: producer.shed() },
      stored: storedIn(hub.journalPath, name),
      counted: await hub.counted(name),
      reported: reportedShed(hub.sqlitePath, name),
    });
    // An isolate that is killed takes along what it was about to report.
    return wasKilled ? { ...verdict, unreported: 0 } : verdict;
  };
  let verdict = await look();
  for (let i = 0; i < LOOKS && !isKept(verdict); i++) {
    await pause(LOOK_MS);
    verdict = await look();
  }
  return verdict;
}

function broken(isBroken: boolean, text: string): Problem[] {
  return isBroken ? [{ name: "broken-promise", text }] : [];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
