// Server-sent events to any number of readers, up to a limit.
// Guarantee: at most once, live only. A reader that does not keep up is disconnected and counted, and asks the API for
// what it missed; nobody else waits for it.

/** Events of /v1/events. */
export type EventName = "window" | "alert" | "delivery" | "fleet" | "positions";

/** How many readers there are, and how many were disconnected for being slow. */
export interface EventsView {
  clients: number;
  droppedClients: number;
}

/** What may wait for one reader. */
const CLIENT_BYTES_MAX = 4 << 20;

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

/** Fans events out to bounded streams. */
export class EventFanOut {
  readonly #clientsMax: number;
  readonly #clients = new Set<Controller>();
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

  /** A stream of text/event-stream; null when there are too many readers. */
  subscribe(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#clients.size >= this.#clientsMax) return null;
    this.#subscriptions++;
    let client: Controller | undefined;
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        client = controller;
        this.#clients.add(controller);
        // Opens the stream at the reader at once, and has it come back after a second.
        controller.enqueue(this.#encoder.encode("retry: 1000\n\n"));
      },
      cancel: () => {
        if (client) this.#clients.delete(client);
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: CLIENT_BYTES_MAX }));
  }

  /** Sends `data` as JSON to every reader. Called without readers it does nothing. */
  publish(event: EventName, data: unknown): void {
    if (this.#clients.size === 0) return;
    const bytes = this.#encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    for (const client of this.#clients) {
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
    for (const client of this.#clients) client.close();
    this.#clients.clear();
  }
}
