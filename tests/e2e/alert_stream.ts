// The aggregator's server-sent events, as a console reads them: every transition of an alert, and when it was heard.
import type { AlertEvent } from "../../aggregator/outputs.ts";
import type { Asker } from "../../sim/observer.ts";
import { type SeenAlert, subjectOf } from "../../sim/truth.ts";
import { TextLineStream } from "../../platform/text_lines.ts";

export interface HeardAlert {
  alert: AlertEvent;
  /** Unix µs, wall time. */
  heardUs: number;
}

export class AlertStream {
  readonly heard: HeardAlert[] = [];
  /** Resolves when the aggregator has ended the stream. */
  readonly closed: Promise<void>;

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.closed = this.#read(body);
  }

  static async open(aggregatorUrl: string, asker: Asker): Promise<AlertStream> {
    const { ok, status, body } = await asker.ask(`${aggregatorUrl}/v1/events?only=alert`);
    if (!ok || !body) throw new Error(`Cannot listen to ${aggregatorUrl}/v1/events: ${status}`);
    return new AlertStream(body);
  }

  /** Every alert once, when it was first heard of; once more when it escalated to another kind. */
  get raised(): (SeenAlert & { alertId: number })[] {
    const kinds = new Map<number, string>();
    return this.heard.flatMap(({ alert: { kind, droneIds, alertId, transition }, heardUs }) => {
      if ((transition !== "raise" && transition !== "escalate") || kinds.get(alertId) === kind) return [];
      kinds.set(alertId, kind);
      return [{ kind, droneId: subjectOf(droneIds), raisedUs: heardUs, alertId }];
    });
  }

  async #read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let event = "";
    try {
      for await (const line of body.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
        if (line.startsWith("event: ")) event = line.slice(7);
        else if (line.startsWith("data: ") && event === "alert") {
          const heardUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
          this.heard.push({ alert: JSON.parse(line.slice(6)), heardUs });
        }
      }
    } catch (error) {
      // A killed process ends its streams in the middle.
      if (!(error instanceof Error)) throw error;
    }
  }
}
