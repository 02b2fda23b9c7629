// What a client publishes: telemetry, which is answered once the aggregator's journal has it, and acknowledgements of
// warnings. What is refused is said so by a reason code; MQTT 3.1.1 has none, so there it is held back and tried again.
import type { IPublishPacket } from "mqtt-packet";
import type { Word } from "../../drones/downlink.ts";
import { Verdict } from "../../../wasm/verdict.ts";
import type { Version } from "./version.ts";
import { Held } from "./held.ts";
import { InFlight, type Waiting } from "./in_flight.ts";
import type { Payload, Payloads } from "./payloads.ts";
import { FAILURE_MIN, finalRefusal, Reason, type Refusal } from "./reasons.ts";
import type { Session } from "./session.ts";
import { isTopicName, type Topic } from "./topics.ts";

/** PUBLISHes of QoS 1 and 2 without an answer, of one client. */
export const RECEIVE_MAXIMUM = 1024;
/** MQTT 3.1.1 cannot tell a client of that limit. */
const IN_FLIGHT_MAX = 16_384;
/** What was said of a record is lost when all that the edge still holds is so much younger. */
const OVERDUE_MS = 10_000;
const RETRY_MS = 1000;

export interface PublishesParts {
  version: Version;
  session: Session;
  payloads: Payloads;
  /** Monotonic ms. */
  clock: () => number;
  after: (ms: number, fn: () => void) => () => void;
  answer: (cmd: "puback" | "pubrec", messageId: number, refusal: Refusal | null) => void;
  /** Ends the connection. */
  end: (refusal: Refusal) => void;
}

export class Publishes {
  readonly #parts: PublishesParts;
  readonly #inFlight = new InFlight((waiting) => this.#known(waiting));
  readonly #held: Held;
  /** What a frame that is being taken is told at once. */
  #retryAfterMs: number | null = null;
  #isTaking = false;

  constructor(parts: PublishesParts) {
    this.#parts = parts;
    this.#held = new Held({ ...parts, retry: (publish) => this.#push(publish) });
  }

  take(packet: IPublishPacket): void {
    const { version, session, payloads, end } = this.#parts;
    const { qos, messageId = 0, topic, properties } = packet;
    if (properties?.topicAlias !== undefined) {
      return end({ reason: Reason.topicAliasInvalid, why: "no topic alias is taken" });
    }
    if (properties?.subscriptionIdentifier !== undefined) {
      return end({ reason: Reason.protocolError, why: "only a server sends subscription identifiers" });
    }
    if (packet.retain && version === 5) {
      return end({ reason: Reason.retainNotSupported, why: "nothing is retained" });
    }
    const about = payloads.topic(topic);
    if (!about && !isTopicName(topic)) return end({ reason: Reason.topicNameInvalid, why: "it is no topic name" });
    if (qos === 2 && session.received.has(messageId)) return this.#answer({ qos, messageId }, null);
    // It was sent again: its answer is still to come.
    if (qos > 0 && (this.#inFlight.has(messageId) || this.#held.has(messageId))) return;
    const open = this.#inFlight.size + this.#held.size + session.received.size;
    if (qos > 0 && open >= (version === 5 ? RECEIVE_MAXIMUM : IN_FLIGHT_MAX)) {
      return end({ reason: Reason.receiveMaximumExceeded, why: `more than ${RECEIVE_MAXIMUM} are not answered` });
    }
    this.#read(packet, about);
  }

  #read(packet: IPublishPacket, topic: Topic | null): void {
    const { payloads, version, end } = this.#parts;
    const { qos, messageId = 0 } = packet;
    const refusal = topic ? payloads.refusalOf(topic) : {
      reason: Reason.topicNameInvalid,
      why: `Nothing is taken at ${packet.topic}: see fleet/{id}/telemetry`,
    };
    if (refusal) {
      if (version === 5 && qos > 0) this.#answer({ qos, messageId }, refusal);
      else end(refusal);
      return;
    }
    const read = payloads.read(topic!, packet.payload as Uint8Array);
    if ("why" in read) return this.#answer({ qos, messageId }, read);
    const publish = { qos, messageId, ...read };
    // In its order behind what is held back.
    if (this.#held.size > 0 && qos > 0) this.#hold(publish, RETRY_MS);
    else this.#push(publish);
  }

  // False: it is to be held back, and tried again.
  #push(publish: Payload & { qos: 0 | 1 | 2; messageId: number }): boolean {
    const { payloads, version, clock } = this.#parts;
    const { qos, messageId, frame } = publish;
    this.#retryAfterMs = null;
    this.#isTaking = true;
    const verdict = payloads.take(publish);
    this.#isTaking = false;
    // It is closed already, or goes on elsewhere.
    if (verdict === null || verdict === Verdict.foreign || verdict === Verdict.trapped) return true;
    if (verdict === Verdict.malformed) {
      this.#answer(publish, { reason: Reason.payloadFormatInvalid, why: payloads.fault });
      return true;
    }
    if (verdict === Verdict.accepted) {
      const of = qos > 0 ? payloads.recordsOf(frame) : null;
      if (qos > 0 && of) this.#inFlight.add({ packetId: messageId, qos: qos as 1 | 2, sinceMs: clock() }, of);
      else this.#answer(publish, null);
      return true;
    }
    if (verdict === Verdict.tooLarge) {
      this.#answer(publish, {
        reason: Reason.payloadFormatInvalid,
        why: "more records than can ever pass in one frame",
      });
      return true;
    }
    const retryAfterMs = this.#retryAfterMs ?? RETRY_MS;
    if (version === 4 && qos > 0) return this.#hold(publish, retryAfterMs);
    this.#answer(publish, { reason: Reason.quotaExceeded, why: `Retry after ${retryAfterMs} ms`, retryAfterMs });
    return true;
  }

  #hold(publish: Payload & { qos: 0 | 1 | 2; messageId: number }, retryAfterMs: number): boolean {
    const { end } = this.#parts;
    if (!this.#held.keep(publish, retryAfterMs)) end({ reason: Reason.quotaExceeded, why: "too much is held back" });
    return false;
  }

  /** What is said to the drones of this connection. @returns whether MQTT has a word for it */
  hear({ message: { droneId, body } }: Word): boolean {
    if (body.case === "ack") {
      this.#inFlight.settle({ droneId, ...body.value }, null);
      return true;
    }
    if (body.case !== "throttle") return false;
    const { reason, retryAfterMs, refused, shed, bootId } = body.value;
    const refusal = finalRefusal(reason);
    if (refusal) this.#inFlight.settle({ droneId, bootId, ranges: shed }, refusal, { isFinal: true });
    else if (this.#isTaking) this.#retryAfterMs = retryAfterMs;
    else if (refused) {
      const given = { reason: Reason.quotaExceeded, why: `Retry after ${retryAfterMs} ms`, retryAfterMs };
      this.#inFlight.settle({ droneId, bootId, ranges: [refused] }, given);
    }
    return true;
  }

  /** Once a second. `heldMs`: how long the oldest record that the edge holds has waited for the aggregator. */
  check(nowMs: number, heldMs: number): void {
    const why = "Whether the journal has it is not known: send it again";
    this.#inFlight.giveUp(nowMs - heldMs - OVERDUE_MS, { reason: Reason.unspecified, why });
  }

  close(): void {
    this.#held.close();
  }

  #known({ qos, packetId, refusal, lost }: Waiting): void {
    const { version, end } = this.#parts;
    // MQTT 3.1.1 can say nothing else than that it is done: what is final is in the ledger, anything else comes again.
    const canComeAgain = refusal?.reason === Reason.quotaExceeded || refusal?.reason === Reason.unspecified;
    if (version === 4 && refusal && canComeAgain) return end(refusal);
    this.#answer({ qos, messageId: packetId }, refusal && { ...refusal, lost });
  }

  #answer({ qos, messageId }: { qos: 0 | 1 | 2; messageId: number }, refusal: Refusal | null): void {
    const { session, answer } = this.#parts;
    if (qos === 0) return;
    if (qos === 2 && (refusal?.reason ?? 0) < FAILURE_MIN) session.received.add(messageId);
    answer(qos === 1 ? "puback" : "pubrec", messageId, refusal);
  }
}
