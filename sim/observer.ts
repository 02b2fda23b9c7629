// What the demo asks the edge and the aggregator, over their HTTP interfaces.

export interface EdgeNumbers {
  connections: number;
  records: {
    received: number;
    forwarded: number;
    duplicate: number;
    nearDuplicate: number;
    malformed: number;
    refused: number;
    shed: number;
  };
  frames: { received: number; malformed: number };
  bytes: { received: number; batchRaw: number; batchSent: number };
  batches: { safety: number; bulk: number };
}

export interface Latency {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

export interface FleetNumbers {
  drones: number;
  dronesAirborne: number;
  openAlerts: number;
  alertsNotRaised: Record<string, number>;
  /** What does not keep up, and how late it comes. */
  tooSlow: { what: string; lagMs: number } | null;
  records: Record<"received" | "accepted" | "duplicate" | "late" | "nearDuplicate" | "retimed", number>;
  sensorToWindowMs: Latency | null;
  sensorToAlertMs: Latency | null;
}

export interface AlertLine {
  alertId: number;
  kind: string;
  severity: string;
  transition: string;
  droneIds: string[];
  detail: string;
  raisedTimeUs: number;
  changedTimeUs: number;
  message: string;
}

export interface Observation {
  edge: EdgeNumbers;
  fleet: FleetNumbers;
  /** Latest state of each, oldest first. */
  alerts: AlertLine[];
}

const ALERTS_MAX = 200;
/** A machine that is too slow answers late. */
const ANSWER_MS_MAX = 3000;

/** Asks in somebody's name. */
export interface Asker {
  ask: (url: string, init?: RequestInit) => Promise<Response>;
}

/** In nobody's name, where nobody wants to know. */
export const ANYBODY: Asker = { ask: (url, init) => fetch(url, init) };

/** Whom to ask, and in whose name. */
export interface Urls {
  edgeUrl: string;
  aggregatorUrl: string;
  asker: Asker;
}

/** @throws {Error} when one of them does not answer. */
export async function observe({ edgeUrl, aggregatorUrl, asker }: Urls): Promise<Observation> {
  const getJson = <T>(url: string) => askJson<T>(asker, url);
  const [edge, fleet, { alerts }] = await Promise.all([
    getJson<EdgeNumbers>(`${edgeUrl}/v1/status`),
    getJson<FleetNumbers>(`${aggregatorUrl}/v1/fleet`),
    getJson<{ alerts: AlertLine[] }>(`${aggregatorUrl}/v1/alerts?state=all&limit=${ALERTS_MAX}`),
  ]);
  return { edge, fleet, alerts: alerts.reverse() };
}

// The shapes are the interfaces' word: see edge/report.ts and aggregator/api/api.ts.
async function askJson<T>(asker: Asker, url: string): Promise<T> {
  const response = await asker.ask(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) }).catch((cause) => {
    throw new Error(`Cannot read ${url}: no answer`, { cause });
  });
  if (!response.ok) throw new Error(`Cannot read ${url}: status ${response.status}`);
  return await response.json() as T;
}
