// PUBLISHes of MQTT 3.1.1 that were refused for now: it has no words for that, so they are held back, and tried again in
// their order when the edge says.
import type { Payload } from "./payloads.ts";

export interface Publish extends Payload {
  qos: 0 | 1 | 2;
  messageId: number;
}

export interface HeldParts {
  after: (ms: number, fn: () => void) => () => void;
  /** @returns false: it was refused again, and is held once more */
  retry: (publish: Publish) => boolean;
}

const PUBLISHES_MAX = 1024;
const BYTES_MAX = 1 << 18;

export class Held {
  readonly #parts: HeldParts;
  /** By packet identifier. */
  #publishes = new Map<number, Publish>();
  #bytes = 0;
  #cancel: (() => void) | null = null;

  constructor(parts: HeldParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#publishes.size;
  }

  has(packetId: number): boolean {
    return this.#publishes.has(packetId);
  }

  /** @returns false: there is no room */
  keep(publish: Publish, retryAfterMs: number): boolean {
    const { messageId, frame } = publish;
    if (this.#publishes.size >= PUBLISHES_MAX || this.#bytes + frame.length > BYTES_MAX) return false;
    this.#publishes.set(messageId, { ...publish, frame: frame.slice() });
    this.#bytes += frame.length;
    this.#cancel ??= this.#parts.after(retryAfterMs, () => this.#retry());
    return true;
  }

  close(): void {
    this.#cancel?.();
    this.#publishes.clear();
  }

  // Until one is refused again: that one stands first then, as before.
  #retry(): void {
    this.#cancel = null;
    const before = this.#publishes;
    this.#publishes = new Map();
    this.#bytes = 0;
    let isRefused = false;
    for (const [messageId, publish] of before) {
      if (!isRefused) isRefused = !this.#parts.retry(publish);
      else {
        this.#publishes.set(messageId, publish);
        this.#bytes += publish.frame.length;
      }
    }
  }
}
