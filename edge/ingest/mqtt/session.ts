// What an edge keeps of a client from one of its connections to the next: what it has subscribed to, the warnings that it has
// not answered, and the QoS 2 messages that it has still to release (§4.1).
import { toBinary, toJsonString } from "@bufbuild/protobuf";
import { AlertSchema } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import type { Word } from "../../drones/downlink.ts";
import type { Listener, Subscribers } from "../../drones/subscribers.ts";
import { Deliveries } from "./deliveries.ts";
import { droneOfFilter, matches, WARNING_TOPICS, type WarningTopic, warningTopic } from "./topics.ts";

export type QoS = 0 | 1 | 2;

/** The end of its client's life was not as it should be: whom that concerns, and when it is to be told, monotonic ms. */
export interface PendingWill {
  droneId: string;
  atMs: number;
}

/** A connection by which it can be used. */
export interface Holder {
  /** Another one has taken over. */
  takenOver(): void;
}

const SUBSCRIPTIONS_MAX = 256;
/** A warning without a limit of its own is kept for so long. */
const KEPT_MS = 60_000;

const encoder = new TextEncoder();

export class Session implements Listener {
  readonly key: string;
  readonly deliveries: Deliveries;
  /** Packet identifiers of QoS 2 that were received, and are not yet released. */
  readonly received = new Set<number>();
  holder: Holder | null = null;
  will: PendingWill | null = null;
  /** It outlives its connection by so long. */
  expiryMs = 0;
  /** When it ends, while nobody holds it; monotonic ms. */
  endsMs = Infinity;
  readonly #subscribers: Subscribers;
  readonly #clock: () => number;
  readonly #filters = new Map<string, QoS>();

  constructor(key: string, { subscribers, clock }: { subscribers: Subscribers; clock: () => number }) {
    this.key = key;
    this.#subscribers = subscribers;
    this.#clock = clock;
    this.deliveries = new Deliveries(clock);
  }

  /** @returns false: there are too many */
  subscribe(filter: string, qos: QoS): boolean {
    if (!this.#filters.has(filter) && this.#filters.size >= SUBSCRIPTIONS_MAX) return false;
    this.#filters.set(filter, qos);
    this.#subscribers.add(this, droneOfFilter(filter));
    return true;
  }

  /** @returns whether there was such a subscription */
  unsubscribe(filter: string): boolean {
    const existed = this.#filters.delete(filter);
    this.#subscribers.remove(this);
    for (const rest of this.#filters.keys()) this.#subscribers.add(this, droneOfFilter(rest));
    return existed;
  }

  /** A warning, once for each topic that it has subscribed to, by the highest QoS that it has asked for. */
  hear(droneId: string, { message: { body } }: Word): "sent" | "kept" | "not-heard" {
    if (body.case !== "alert") return "not-heard";
    const { alertId, revision, ttlMs } = body.value;
    const untilMs = this.#clock() + (ttlMs || KEPT_MS);
    let heard: "sent" | "kept" | "not-heard" = "not-heard";
    for (const what of WARNING_TOPICS) {
      const topic = warningTopic(droneId, what);
      const qos = topic === null ? null : this.#qosOf(topic);
      if (topic === null || qos === null) continue;
      const payload = payloadOf(body.value, what);
      const isSent = this.deliveries.offer({ topic, payload, qos, alertId, revision, untilMs });
      if (isSent) heard = "sent";
      else if (qos > 0 && heard === "not-heard") heard = "kept";
    }
    return heard;
  }

  #qosOf(topic: string): QoS | null {
    let highest: QoS | null = null;
    for (const [filter, qos] of this.#filters) {
      if (matches(filter, topic) && (highest === null || qos > highest)) highest = qos;
    }
    return highest;
  }

  end(): void {
    this.deliveries.detach();
    this.#subscribers.remove(this);
  }
}

function payloadOf(alert: Parameters<typeof toBinary<typeof AlertSchema>>[1], what: WarningTopic) {
  return what === "alerts" ? toBinary(AlertSchema, alert) : encoder.encode(toJsonString(AlertSchema, alert));
}
