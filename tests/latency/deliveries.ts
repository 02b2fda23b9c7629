// The aggregator's `delivery` events, as a reader gets them, and what they say of the way of each warning.
import type { DeliveryReport } from "../../aggregator/warnings/delivery_report.ts";
import type { Asker } from "../../sim/observer.ts";
import { TextLineStream } from "../../platform/text_lines.ts";

/** Parts of the way, in order; the last three are sums. */
export const PARTS = [
  "measured → edge",
  "edge: lane",
  "uplink",
  "aggregator: raise",
  "downlink",
  "edge → drone",
  "drone → edge: acknowledged",
  "measured → sent to the drone",
  "measured → alert at the drone",
  "measured → acknowledged",
] as const;
export type Part = (typeof PARTS)[number];
const LEGS = 7;

/** ms; count is how many warnings there were, of which this is known. */
export interface Quantiles {
  count: number;
  p50: number;
  p99: number;
  p999: number;
  max: number;
}

/** Collects events until the stream ends; what they say is read afterwards, for that would take time from what is measured. */
export class Deliveries {
  readonly closed: Promise<void>;
  readonly #lines: string[] = [];

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.closed = this.#read(body);
  }

  static async open(aggregatorUrl: string, asker: Asker): Promise<Deliveries> {
    const { ok, status, body } = await asker.ask(`${aggregatorUrl}/v1/events?only=delivery`);
    if (!ok || !body) throw new Error(`Cannot listen to ${aggregatorUrl}/v1/events: ${status}`);
    return new Deliveries(body);
  }

  /** Those that have come. */
  reports(): DeliveryReport[] {
    return this.#lines.map((line) => JSON.parse(line));
  }

  async #read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let event = "";
    try {
      for await (const line of body.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
        if (line.startsWith("event: ")) event = line.slice(7);
        else if (event === "delivery" && line.startsWith("data: ")) this.#lines.push(line.slice(6));
      }
    } catch (error) {
      // A process that ends cuts its streams.
      if (!(error instanceof Error)) throw error;
    }
  }
}

/**
 * Of raises and escalations that a record caused and a drone acknowledged, or was sent that speaks a protocol without
 * acknowledgements: then the last parts are not known. All clocks must be one, as on one machine.
 */
export function quantiles(reports: DeliveryReport[]): Record<Part, Quantiles> {
  const samples = new Map<Part, number[]>(PARTS.map((part) => [part, []]));
  for (const { outcome, transition, times } of reports) {
    if (outcome !== "acknowledged" && outcome !== "delivered") continue;
    if (transition !== "raise" && transition !== "escalate") continue;
    const { eventUs, edgeInUs, edgeOutUs, aggregatorInUs, raisedUs, edgeBackUs, droneReceivedUs, edgeAcknowledgedUs } =
      times;
    const toDrone = [eventUs, edgeInUs, edgeOutUs, aggregatorInUs, raisedUs, edgeBackUs];
    const known = [...toDrone, droneReceivedUs, edgeAcknowledgedUs].filter((us) => us !== null);
    if (known.length < toDrone.length || toDrone.includes(null)) continue;
    const legs = known.slice(1).map((us, i) => us - known[i]!);
    const sums = known.slice(toDrone.length - 1).map((us) => us - known[0]!);
    for (const [i, us] of legs.entries()) samples.get(PARTS[i]!)!.push(us / 1000);
    for (const [i, us] of sums.entries()) samples.get(PARTS[LEGS + i]!)!.push(us / 1000);
  }
  return Object.fromEntries([...samples].map(([part, values]) => [part, summary(values)])) as Record<Part, Quantiles>;
}

/** Of values in any order, which it sorts. */
export function summary(values: number[]): Quantiles {
  values.sort((a, b) => a - b);
  const at = (q: number) => values[Math.min(values.length - 1, Math.ceil(values.length * q) - 1)] ?? NaN;
  return { count: values.length, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}
