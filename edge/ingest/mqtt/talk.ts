// What an MQTT client that was let in says, and is told: packets of its connection, in its session.
import type { IDisconnectPacket, ISubscribePacket, IUnsubscribePacket, Packet } from "mqtt-packet";
import type { Gate } from "../../../identity/gate.ts";
import { BUFFERED_BYTES_MAX, type Wire } from "../../drones/connection.ts";
import type { Connections } from "../../drones/connections.ts";
import type { Admitted } from "./handshake.ts";
import { Payloads, type PayloadsParts } from "./payloads.ts";
import { Publishes } from "./publishes.ts";
import { FAILURE_MIN, Reason, type Refusal, userPropertiesOf } from "./reasons.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import { grant } from "./subscribing.ts";

export interface TalkParts extends Omit<PayloadsParts, "connection"> {
  admitted: Admitted;
  /** The connection underneath. */
  wire: {
    isOpen: () => boolean;
    sentBytes: () => number;
    bufferedBytes: () => number;
    close: (code: number, why: string) => void;
    /** Sends what was written. */
    flush: () => void;
  };
  send: (packet: Packet) => void;
  end: (refusal: Refusal) => void;
  /** The client has said that it goes. */
  onDisconnect: () => void;
  connections: Pick<Connections, "enter">;
  sessions: Pick<Sessions, "take" | "leave">;
  gate: Pick<Gate, "admit" | "note">;
  /** How long the oldest record that the edge holds has waited for the aggregator. */
  heldMs: () => number;
  /** Monotonic ms. */
  clock: () => number;
  after: (ms: number, fn: () => void) => () => void;
  /** Runs what may throw; false: it did. */
  attempt: (fn: () => void) => boolean;
}

export class Talk {
  readonly #parts: TalkParts;
  readonly #publishes: Publishes;
  readonly #leave: () => void;
  readonly #session: Session;
  readonly #isPresent: boolean;
  /** What is told when it ends from now on; null: nothing. */
  #will: Admitted["will"];

  constructor(parts: TalkParts) {
    this.#parts = parts;
    const { admitted: { version, identity, clientId, clean, expiryS, will }, connections, sessions, clock } = parts;
    const { connection, leave } = connections.enter(this.#wire(), identity);
    this.#leave = leave;
    this.#will = will;
    // Nobody else's session, whatever he calls himself.
    const key = `${identity.uri} ${clientId}`;
    const holder = { takenOver: () => this.#takenOver() };
    const { session, isPresent } = sessions.take(key, { clean, holder });
    session.expiryMs = expiryS * 1000;
    this.#session = session;
    this.#isPresent = isPresent;
    this.#publishes = new Publishes({
      ...{ version, session, clock },
      payloads: new Payloads({ ...parts, connection }),
      after: (ms, fn) => parts.after(ms, () => parts.attempt(fn) && parts.wire.flush()),
      answer: (cmd, messageId, refusal) => this.#answer({ cmd, messageId, refusal }),
      end: parts.end,
    });
  }

  begin(): { session: Session; isPresent: boolean } {
    return { session: this.#session, isPresent: this.#isPresent };
  }

  /** Once it was told that it is let in. */
  resume({ deliveries }: Session): void {
    const { admitted: { receiveMaximum }, send, wire } = this.#parts;
    deliveries.attach({
      receiveMaximum,
      get writable() {
        return wire.bufferedBytes() < BUFFERED_BYTES_MAX;
      },
      send: (packet) => {
        send(packet);
        wire.flush();
      },
    });
  }

  take(packet: Packet): void {
    const { send, end } = this.#parts;
    const { deliveries } = this.#session;
    switch (packet.cmd) {
      case "publish":
        return this.#publishes.take(packet);
      case "pubrel":
        return this.#release(packet.messageId ?? 0);
      case "puback":
      case "pubcomp":
        return void deliveries.completed(packet.messageId ?? 0);
      case "pubrec":
        return this.#received(packet.messageId ?? 0, packet.reasonCode ?? 0);
      case "subscribe":
        return this.#subscribe(packet);
      case "unsubscribe":
        return this.#unsubscribe(packet);
      case "pingreq":
        return send({ cmd: "pingresp" });
      case "disconnect":
        return this.#disconnect(packet);
      default:
        return end({ reason: Reason.protocolError, why: `no client sends a ${packet.cmd.toUpperCase()} now` });
    }
  }

  /** Once a second. */
  check(nowMs: number): void {
    this.#publishes.check(nowMs, this.#parts.heldMs());
    this.#session.deliveries.pump();
  }

  /** We end it, for that reason. */
  ending(reason: Reason): void {
    // It is us who go: that says nothing of the drone.
    if (reason === Reason.serverShuttingDown) this.#will = null;
  }

  /** The connection is closed. */
  close(): void {
    this.#publishes.close();
    this.#leave();
    if (this.#session.holder) this.#parts.sessions.leave(this.#session, this.#will);
  }

  #takenOver(): void {
    // It is here again: not lost.
    this.#will = null;
    this.#parts.end({ reason: Reason.sessionTakenOver, why: "another connection has taken over" });
  }

  #wire(): Wire {
    const { wire } = this.#parts;
    return {
      protocol: "mqtt",
      isReliable: true,
      get open() {
        return wire.isOpen();
      },
      get sentBytes() {
        return wire.sentBytes();
      },
      get bufferedBytes() {
        return wire.bufferedBytes();
      },
      send: (word) => {
        const isSaid = this.#publishes.hear(word);
        wire.flush();
        return isSaid;
      },
      close: (code, why) => wire.close(code, why),
    };
  }

  #answer(
    { cmd, messageId, refusal }: { cmd: "puback" | "pubrec"; messageId: number; refusal: Refusal | null },
  ): void {
    const { send, admitted: { version, wantsReasons } } = this.#parts;
    if (version === 4 || !refusal) return send({ cmd, messageId });
    const { reason, why } = refusal;
    const userProperties = userPropertiesOf(refusal);
    const properties = { reasonString: why, ...userProperties && { userProperties } };
    send({ cmd, messageId, reasonCode: reason, ...wantsReasons && { properties } });
  }

  #release(messageId: number): void {
    const known = this.#session.received.delete(messageId);
    const unknown = { reasonCode: Reason.packetIdNotFound };
    this.#parts.send({ cmd: "pubcomp", messageId, ...!known && this.#parts.admitted.version === 5 && unknown });
  }

  #received(messageId: number, reasonCode: number): void {
    const known = this.#session.deliveries.received(messageId, { failed: reasonCode >= FAILURE_MIN });
    if (known || reasonCode >= FAILURE_MIN) return;
    const unknown = { reasonCode: Reason.packetIdNotFound };
    this.#parts.send({ cmd: "pubrel", messageId, ...this.#parts.admitted.version === 5 && unknown });
  }

  #subscribe({ messageId, subscriptions, properties }: ISubscribePacket): void {
    const { send, end, admitted } = this.#parts;
    if (properties?.subscriptionIdentifier !== undefined) {
      return end({ reason: Reason.subscriptionIdsNotSupported, why: "no subscription identifier is taken" });
    }
    const granted: number[] = [];
    for (const asked of subscriptions) {
      const code = grant(asked, { session: this.#session, ...admitted });
      if (code === Reason.protocolError) return end({ reason: code, why: "No Local on a shared subscription" });
      granted.push(admitted.version === 4 ? Math.min(code, FAILURE_MIN) : code);
    }
    send({ cmd: "suback", messageId, granted });
  }

  #unsubscribe({ messageId, unsubscriptions }: IUnsubscribePacket): void {
    const granted = unsubscriptions.map((filter) =>
      this.#session.unsubscribe(filter) ? Reason.success : Reason.noSubscriptionExisted
    );
    this.#parts.send({ cmd: "unsuback", messageId, granted });
  }

  #disconnect({ reasonCode = 0, properties }: IDisconnectPacket): void {
    const { admitted: { expiryS }, end, onDisconnect } = this.#parts;
    const askedS = properties?.sessionExpiryInterval;
    if (askedS !== undefined && askedS > 0 && expiryS === 0) {
      return end({ reason: Reason.protocolError, why: "a session that ends with its connection cannot be kept" });
    }
    if (askedS !== undefined) this.#session.expiryMs = Math.min(askedS, expiryS || askedS) * 1000;
    if (reasonCode !== Reason.disconnectWithWill) this.#will = null;
    onDisconnect();
  }
}
