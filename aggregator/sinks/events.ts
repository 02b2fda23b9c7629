// Server-sent events to any number of readers, up to a limit.
// Guarantee: at most once, live only. A reader that does not keep up is disconnected and counted, and asks the API for
// what it missed; nobody else waits for it.
import type { Output } from "../outputs.ts";
import type { Sink } from "./sink.ts";

/** Events of /v1/events. */
export const EVENT_NAMES = [
  "window",
  "alert",
  "delivery",
  "settings",
  "audit",
  "fleet",
  "positions",
  "traffic",
] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** How many readers there are, and how many were disconnected for being slow. */
export interface EventsView {
  clients: number;
  droppedClients: number;
}

/** What may wait for one reader. */
const CLIENT_BYTES_MAX = 4 << 20;

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

/** Fans events out to bounded streams. */
export class EventFanOut implements Sink {
  readonly guarantee = "at most once, live only; a reader that does not keep up is disconnected and counted";
  readonly #clientsMax: number;
  readonly #clients = new Map<Controller, ReadonlySet<EventName>>();
  readonly #encoder = new TextEncoder();
  #droppedClients = 0;
  #subscriptions = 0;

  constructor({ clientsMax }: { clientsMax: number }) {
    this.#clientsMax = clientsMax;
  }

  get view(): EventsView {
    return { clients: this.#clients.size, droppedClients: this.#droppedClients };
  }

  /** Readers so far, those that left included. */
  get subscriptions(): number {
    return this.#subscriptions;
  }

  /** Somebody reads these: otherwise they need not be made. */
  isRead(event: EventName): boolean {
    for (const wanted of this.#clients.values()) if (wanted.has(event)) return true;
    return false;
  }

  /** A stream of text/event-stream with the events that are wanted; null when there are too many readers. */
  subscribe(wanted: readonly EventName[] = EVENT_NAMES): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#clients.size >= this.#clientsMax) return null;
    this.#subscriptions++;
    let client: Controller | undefined;
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        client = controller;
        this.#clients.set(controller, new Set(wanted));
        // Opens the stream at the reader at once, and has it come back after a second.
        controller.enqueue(this.#encoder.encode("retry: 1000\n\n"));
      },
      cancel: () => {
        if (client) this.#clients.delete(client);
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: CLIENT_BYTES_MAX }));
  }

  deliver(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.type === "alert") this.publish("alert", output.alert);
      else if (output.type === "configuration") this.publish("settings", output.configuration);
      else if (output.type === "audit") this.publish("audit", output.record);
      else if (output.type === "tumbling" || output.type === "sliding") {
        this.publish("window", { kind: output.type, ...output.window });
      }
    }
  }

  /** Sends `data` as JSON to every reader. Called without readers of it it does nothing. */
  publish(event: EventName, data: unknown): void {
    if (!this.isRead(event)) return;
    const bytes = this.#encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    for (const [client, wanted] of this.#clients) {
      if (!wanted.has(event)) continue;
      if ((client.desiredSize ?? 0) >= bytes.length) {
        client.enqueue(bytes);
      } else {
        this.#droppedClients++;
        this.#clients.delete(client);
        client.error(new RangeError("Cannot send events: the reader does not keep up"));
      }
    }
  }

  /** Ends all streams. */
  close(): void {
    for (const client of this.#clients.keys()) client.close();
    this.#clients.clear();
  }
}
