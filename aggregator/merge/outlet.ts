// Hands windows on to where they are published, in order, and knows what has arrived there; tries again whatever fails.
import { describe } from "../sinks/publishing/publisher.ts";
import type { GlobalTopic } from "./global_topic.ts";
import type { GlobalOutput } from "./global_window.ts";
import { believed, NOWHERE, type Place } from "./place.ts";

export interface OutletParts {
  /** Connects anew. */
  connect: () => Pick<GlobalTopic, "open" | "send" | "close">;
  /** Unix ms. */
  now: () => number;
  /** Resolves after so many ms. */
  pause: (ms: number) => Promise<void>;
  /** Why nothing can be sent; null: it can again. */
  onTrouble: (why: string | null) => void;
}

const RETRY_MS = 250;
const RETRY_MS_MAX = 5000;

export class Outlet {
  readonly #parts: OutletParts;
  #topic: ReturnType<OutletParts["connect"]> | null = null;
  #closed = false;
  /** What everything that has arrived makes of the place: a window is told again rather than lost. */
  #arrived: Place | null = null;

  constructor(parts: OutletParts) {
    this.#parts = parts;
  }

  /** @returns where reading goes on; null: nobody was there before, or it was closed meanwhile */
  async open(): Promise<Place | null> {
    let place: Place | null = null;
    await this.#attempted(async () => {
      this.#topic ??= this.#parts.connect();
      const found = await this.#topic.open();
      place = found && believed(found, this.#parts.now() / 1000);
    });
    this.#arrived = place;
    return place;
  }

  /** Resolves once they have arrived, or it is closed. @param place where reading goes on then */
  async send(outputs: readonly GlobalOutput[], place: Place): Promise<void> {
    if (outputs.length === 0) return;
    await this.#attempted(async () => {
      this.#topic ??= this.#parts.connect();
      await this.#topic.send(outputs, this.#arrived ?? NOWHERE);
      this.#arrived = place;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#disconnect();
  }

  async #attempted(attempt: () => Promise<void>): Promise<void> {
    for (let retryMs = RETRY_MS; !this.#closed; retryMs = Math.min(2 * retryMs, RETRY_MS_MAX)) {
      try {
        await attempt();
        return this.#parts.onTrouble(null);
      } catch (error) {
        if (this.#closed) return;
        this.#parts.onTrouble(describe(error));
        await this.#disconnect();
        await this.#parts.pause(retryMs);
      }
    }
  }

  async #disconnect(): Promise<void> {
    const topic = this.#topic;
    this.#topic = null;
    await topic?.close().catch(() => {});
  }
}
