// The aggregator's server-sent events, as a console reads them: every transition of an alert, and when it was heard.
import type { AlertEvent } from "../../aggregator/pipeline/outputs.ts";
import { TextLineStream } from "./lines.ts";

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

  static async open(aggregatorUrl: string): Promise<AlertStream> {
    const { ok, status, body } = await fetch(`${aggregatorUrl}/v1/events`);
    if (!ok || !body) throw new Error(`Cannot listen to ${aggregatorUrl}/v1/events: ${status}`);
    return new AlertStream(body);
  }

  /** Drones and kinds as they were raised or escalated. */
  get raised(): { kind: string; droneId: string; raisedUs: number; alertId: number }[] {
    return this.heard
      .filter(({ alert }) => alert.transition === "raise" || alert.transition === "escalate")
      .flatMap(({ alert: { kind, droneIds, alertId }, heardUs }) =>
        droneIds.map((droneId) => ({ kind, droneId, raisedUs: heardUs, alertId }))
      );
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
