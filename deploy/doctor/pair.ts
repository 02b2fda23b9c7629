// Two drones that nobody flies: they are connected to one edge, fly toward each other until both are warned, and land.
import { AlertKind, type Drone, type NodeDroneSettings, openDrone } from "../../clients/typescript/src/node.ts";
import type { Platform } from "../../platform/system.ts";
import { measured } from "./course.ts";

/** Who a probe is, and by what it proves that. */
export interface ProbeProof extends Pick<NodeDroneSettings, "token" | "tls"> {
  droneId: string;
}

export interface PairParts {
  /** Ends in /v1/telemetry. */
  url: string;
  probes: readonly [ProbeProof, ProbeProof];
  platform: Pick<Platform, "clock" | "after" | "every">;
}

/** What became of them; times in ms, null: it did not come. */
export interface Flown {
  isConnected: boolean;
  /** Why one of them is not. */
  problem: string | null;
  /** From a measurement to its acknowledgement, of the first one. */
  acknowledgedMs: number | null;
  /** From the first measurement until both were warned. */
  warnedMs: number | null;
  /** Numbers of the alerts that they heard of. */
  alertIds: number[];
}

const CONNECT_MS_MAX = 6000;
/** As long as they can fly without meeting. */
const WARNED_MS_MAX = 5000;
const ACKNOWLEDGED_MS_MAX = 3000;
const PERIOD_MS = 100;
/** The last one must arrive: on the ground nobody misses them. */
const LANDED_RECORDS = 5;
const POLL_MS = 50;

/** Flies once. It ends with both on the ground, whatever comes of it. */
export async function flyPair({ url, probes, platform }: PairParts): Promise<Flown> {
  const { clock } = platform;
  const flown: Flown = { isConnected: false, problem: null, acknowledgedMs: null, warnedMs: null, alertIds: [] };
  const warned = new Set<number>();
  let beganMs = Infinity;
  const open = (probe: ProbeProof, i: number): Drone =>
    openDrone({
      ...probe,
      edges: [url],
      onProblem: ({ message }) => flown.problem = message,
      onAcknowledged: () => flown.acknowledgedMs ??= Math.max(0, clock() - beganMs),
      onAlert: ({ kind, alertId }) => {
        if (kind !== AlertKind.CONFLICT) return;
        warned.add(i);
        if (!flown.alertIds.includes(Number(alertId))) flown.alertIds.push(Number(alertId));
        if (warned.size === probes.length) flown.warnedMs ??= clock() - beganMs;
      },
    });
  const drones = probes.map(open);
  const until = (isTrue: () => boolean, limitMs: number) => waitFor(isTrue, { limitMs, platform });
  try {
    flown.isConnected = await until(() => drones.every(({ connected }) => connected), CONNECT_MS_MAX);
    if (!flown.isConnected) return flown;
    beganMs = clock();
    const flownS = () => (clock() - beganMs) / 1000;
    const measure = (isLanded: boolean) => {
      for (const [i, drone] of drones.entries()) {
        drone.send(measured(i as 0 | 1, { of: probes[0].droneId, flownS: flownS(), isLanded }));
      }
    };
    const endFlight = platform.every(PERIOD_MS, () => measure(false));
    measure(false);
    await until(() => flown.warnedMs !== null, WARNED_MS_MAX);
    endFlight();
    for (let i = 0; i < LANDED_RECORDS; i++) {
      measure(true);
      await until(() => false, PERIOD_MS);
    }
    const isAllSafe = () => drones.every(({ unacknowledged }) => unacknowledged === 0);
    // Where nothing came so far, nothing comes.
    if (flown.acknowledgedMs !== null) await until(isAllSafe, ACKNOWLEDGED_MS_MAX);
    return flown;
  } finally {
    await Promise.all(drones.map((drone) => drone.close()));
  }
}

/** @returns whether it came true in time */
export async function waitFor(
  isTrue: () => boolean | Promise<boolean>,
  { limitMs, platform: { clock, after } }: { limitMs: number; platform: Pick<Platform, "clock" | "after"> },
): Promise<boolean> {
  const untilMs = clock() + limitMs;
  while (!await isTrue()) {
    if (clock() >= untilMs) return false;
    await new Promise<void>((resolve) => void after(POLL_MS, resolve));
  }
  return true;
}
