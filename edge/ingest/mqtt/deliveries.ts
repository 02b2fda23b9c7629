// Warnings on their way to one client: numbered, sent again when it comes back, and kept for it while it is away, as long as
// they are worth delivering.
import { Buffer } from "node:buffer";
import type { IPublishPacket, Packet } from "mqtt-packet";

/** A warning for one subscription. */
export interface Message {
  topic: string;
  payload: Uint8Array<ArrayBuffer>;
  qos: 0 | 1 | 2;
  /** A later change of the same alert takes its place while it waits. */
  alertId: bigint;
  revision: number;
  /** Until when it is worth delivering, monotonic ms. */
  untilMs: number;
}

/** A client that is there. */
export interface Outlet {
  /** PUBLISHes of QoS 1 and 2 that it takes before it has answered. */
  readonly receiveMaximum: number;
  /** False while it does not read what it was sent. */
  readonly writable: boolean;
  send(packet: Packet): void;
}

interface Sent extends Message {
  /** It has been received, and is to be released: QoS 2. */
  isReceived: boolean;
}

const WAITING_MAX = 64;
const PACKET_ID_MAX = 65_535;

export class Deliveries {
  readonly #clock: () => number;
  #outlet: Outlet | null = null;
  #waiting: Message[] = [];
  /** By packet identifier, in the order in which they were sent. */
  readonly #inFlight = new Map<number, Sent>();
  #lastId = 0;

  /** `clock`: monotonic ms. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** The client is there: what it has not answered goes once more, in its order, then what waits. */
  attach(outlet: Outlet): void {
    this.#outlet = outlet;
    for (const [messageId, message] of this.#inFlight) {
      if (message.isReceived) outlet.send({ cmd: "pubrel", messageId });
      else this.#publish(outlet, message, { messageId, dup: true });
    }
    this.pump();
  }

  detach(): void {
    this.#outlet = null;
  }

  /** @returns whether it was sent now; else it is kept for later, unless its QoS is 0 */
  offer(message: Message): boolean {
    if (message.qos === 0) {
      if (!this.#outlet?.writable) return false;
      this.#publish(this.#outlet, message);
      return true;
    }
    const isSame = (other: Message) => other.alertId === message.alertId && other.topic === message.topic;
    for (const sent of this.#inFlight.values()) {
      if (isSame(sent) && sent.revision === message.revision) return this.#outlet !== null;
    }
    this.#waiting = this.#waiting.filter((other) => !isSame(other));
    if (this.#waiting.length >= WAITING_MAX) this.#waiting.shift();
    this.#waiting.push(message);
    this.pump();
    return this.#waiting.at(-1) !== message;
  }

  /** PUBACK, or PUBCOMP. @returns false: nothing is in flight by this number */
  completed(messageId: number): boolean {
    const known = this.#inFlight.delete(messageId);
    this.pump();
    return known;
  }

  /** PUBREC. @returns false: nothing is in flight by this number */
  received(messageId: number, { failed }: { failed: boolean }): boolean {
    const message = this.#inFlight.get(messageId);
    if (!message) return false;
    if (failed) return this.completed(messageId);
    message.isReceived = true;
    this.#outlet?.send({ cmd: "pubrel", messageId });
    return true;
  }

  /** Sends what waits, as far as the client takes it now. */
  pump(): void {
    const outlet = this.#outlet;
    if (!outlet?.writable) return;
    const nowMs = this.#clock();
    this.#waiting = this.#waiting.filter(({ untilMs }) => untilMs > nowMs);
    while (this.#waiting.length > 0 && this.#inFlight.size < Math.min(outlet.receiveMaximum, WAITING_MAX)) {
      const message = this.#waiting.shift()!;
      const messageId = this.#newId();
      this.#inFlight.set(messageId, { ...message, isReceived: false });
      this.#publish(outlet, message, { messageId });
    }
  }

  #newId(): number {
    do this.#lastId = this.#lastId % PACKET_ID_MAX + 1; while (this.#inFlight.has(this.#lastId));
    return this.#lastId;
  }

  #publish(
    outlet: Outlet,
    { topic, payload, qos, untilMs }: Message,
    { messageId, dup = false }: { messageId?: number; dup?: boolean } = {},
  ): void {
    const messageExpiryInterval = Math.max(1, Math.ceil((untilMs - this.#clock()) / 1000));
    const body = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    const packet: IPublishPacket = { cmd: "publish", topic, payload: body, qos, dup, retain: false };
    if (messageId !== undefined) packet.messageId = messageId;
    outlet.send({ ...packet, properties: { messageExpiryInterval } });
  }
}
