// From a CONNECT to the CONNACK: who it is, what of what it asks for is granted, or why it is not let in.
import type { IConnackPacket, IConnectPacket } from "mqtt-packet";
import type { Asking, Gate } from "../../../identity/gate.ts";
import type { Identity } from "../../../identity/identity.ts";
import type { Version } from "./version.ts";
import { PACKET_BYTES_MAX } from "./splitter.ts";
import { RECEIVE_MAXIMUM } from "./publishes.ts";
import { Reason, type Refusal, RETURN_CODES, userPropertiesOf } from "./reasons.ts";
import { EXPIRY_S_MAX } from "./sessions.ts";
import { droneOfTopic, isTopicName } from "./topics.ts";

/** What a client is granted. */
export interface Admitted {
  version: Version;
  identity: Identity;
  clientId: string;
  /** It had none, and was given this one. */
  isAssigned: boolean;
  clean: boolean;
  keepAliveS: number;
  /** It asked for another one, or for none. */
  isKeepAliveOurs: boolean;
  expiryS: number;
  /** It asked for a longer one. */
  isExpiryOurs: boolean;
  /** What it takes of us. */
  receiveMaximum: number;
  packetBytesMax: number;
  /** It wants to be told why, in words. */
  wantsReasons: boolean;
  /** The drone that is lost when this connection ends otherwise than it should. */
  will: { droneId: string; delayMs: number } | null;
}

export interface HandshakeParts {
  /** What asks, but for its headers: those are the upgrade's, where there was one. */
  asking: Asking;
  gate: Pick<Gate, "admit" | "note">;
  /** Why the edge takes no new connections now; null when it does. */
  refusesConnections: () => string | null;
  newClientId: () => string;
}

const CLIENT_ID_BYTES_MAX = 256;
/** A client that wants none, or a longer one, is seen to be gone after this all the same. */
const KEEP_ALIVE_S_MAX = 300;
const NEVER_S = 0xffff_ffff;

export class Handshake {
  readonly #parts: HandshakeParts;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
  }

  async judge(packet: IConnectPacket, version: Version): Promise<Admitted | Refusal> {
    const { refusesConnections, newClientId } = this.#parts;
    const { clientId, properties = {}, clean = true, keepalive = 0 } = packet;
    if (properties.authenticationMethod !== undefined) {
      return { reason: Reason.badAuthenticationMethod, why: "no authentication but by certificate or token" };
    }
    if (properties.receiveMaximum === 0 || properties.maximumPacketSize === 0) {
      return { reason: Reason.protocolError, why: "a limit of 0" };
    }
    if (
      clientId.length > CLIENT_ID_BYTES_MAX || /[\0\ufffd]/.test(clientId) || (version === 4 && !clientId && !clean)
    ) {
      return { reason: Reason.clientIdNotValid, why: "Cannot keep a session by that client identifier" };
    }
    const full = refusesConnections();
    if (full !== null) return { reason: Reason.quotaExceeded, why: `Cannot connect: ${full}`, retryAfterMs: 1000 };
    const identity = await this.#identify(packet);
    if ("why" in identity) return identity;
    const will = this.#willOf(packet, identity);
    if (will && "why" in will) return will;
    const askedS = version === 5 ? properties.sessionExpiryInterval ?? 0 : clean ? 0 : EXPIRY_S_MAX;
    const isKeepAliveOurs = version === 5 && (keepalive === 0 || keepalive > KEEP_ALIVE_S_MAX);
    return {
      ...{ version, identity, clean, will },
      clientId: clientId || newClientId(),
      isAssigned: clientId === "",
      keepAliveS: isKeepAliveOurs ? KEEP_ALIVE_S_MAX : keepalive,
      isKeepAliveOurs,
      expiryS: Math.min(askedS, EXPIRY_S_MAX),
      isExpiryOurs: askedS > EXPIRY_S_MAX && askedS <= NEVER_S,
      receiveMaximum: properties.receiveMaximum ?? 65_535,
      packetBytesMax: properties.maximumPacketSize ?? Infinity,
      wantsReasons: properties.requestProblemInformation !== false,
    };
  }

  // Once for the connection: by the password as a token, else by what the connection itself has shown.
  async #identify({ password }: IConnectPacket): Promise<Identity | Refusal> {
    const { asking, gate } = this.#parts;
    const headers = new Headers(asking.headers);
    const token = password?.toString() ?? "";
    // What no header can hold is no token.
    if (/^[\x21-\x7e]+$/.test(token)) headers.set("authorization", `Bearer ${token}`);
    const identity = await gate.admit({ ...asking, headers }, "publish");
    if (!("error" in identity)) return identity;
    const reason = identity.status === 429
      ? Reason.connectionRateExceeded
      : identity.status === 401 && token !== ""
      ? Reason.badUserNameOrPassword
      : Reason.notAuthorized;
    return { reason, why: identity.error };
  }

  #willOf({ will }: IConnectPacket, { droneIds, uri }: Identity): Admitted["will"] | Refusal {
    if (!will) return null;
    if (will.retain) return { reason: Reason.retainNotSupported, why: "nothing is retained, no will either" };
    const droneId = isTopicName(will.topic) ? droneOfTopic(will.topic) : null;
    if (droneId === null) return { reason: Reason.topicNameInvalid, why: "the will is about no drone: fleet/{id}/…" };
    if (droneIds !== null && !droneIds.has(droneId)) {
      this.#parts.gate.note("foreign-drone", uri);
      return { reason: Reason.notAuthorized, why: `Cannot speak for ${droneId}: the proof is of another one` };
    }
    return { droneId, delayMs: (will.properties?.willDelayInterval ?? 0) * 1000 };
  }
}

/** The answer to who was let in. */
export function connack(admitted: Admitted, sessionPresent: boolean): IConnackPacket {
  const { version, isAssigned, isKeepAliveOurs, isExpiryOurs } = admitted;
  if (version === 4) return { cmd: "connack", returnCode: 0, sessionPresent };
  return {
    cmd: "connack",
    reasonCode: Reason.success,
    sessionPresent,
    properties: {
      ...isExpiryOurs && { sessionExpiryInterval: admitted.expiryS },
      ...isAssigned && { assignedClientIdentifier: admitted.clientId },
      ...isKeepAliveOurs && { serverKeepAlive: admitted.keepAliveS },
      receiveMaximum: RECEIVE_MAXIMUM,
      maximumPacketSize: PACKET_BYTES_MAX,
      retainAvailable: false,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
    },
  };
}

/** Null: its version has no words for that. */
export function refusedConnack(refusal: Refusal, version: Version): IConnackPacket | null {
  const { reason, why } = refusal;
  if (version === 5) {
    const userProperties = userPropertiesOf(refusal);
    const properties = { reasonString: why, ...userProperties && { userProperties } };
    return { cmd: "connack", reasonCode: reason, sessionPresent: false, properties };
  }
  const returnCode = RETURN_CODES[reason];
  return returnCode === undefined ? null : { cmd: "connack", returnCode, sessionPresent: false };
}
