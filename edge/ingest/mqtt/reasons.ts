// Reason codes of MQTT 5 (§2.4), as far as an edge gives or reads them, and what MQTT 3.1.1 and our close codes have for them.
import { RefusalReason } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import { CloseCode } from "../../../proto/words.ts";

export const Reason = {
  success: 0x00,
  disconnectWithWill: 0x04,
  noSubscriptionExisted: 0x11,
  unspecified: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecific: 0x83,
  unsupportedVersion: 0x84,
  clientIdNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  payloadFormatInvalid: 0x99,
  retainNotSupported: 0x9a,
  sharedSubscriptionsNotSupported: 0x9e,
  connectionRateExceeded: 0x9f,
  subscriptionIdsNotSupported: 0xa1,
} as const;
export type Reason = typeof Reason[keyof typeof Reason];

/** Why something is not done, for programs and for people. */
export interface Refusal {
  reason: Reason;
  why: string;
  /** When it can be tried again. */
  retryAfterMs?: number;
  /** Records that are lost for good, where those are not all of the frame. */
  lost?: readonly number[];
}

/** A refusal's numbers, for programs. */
export function userPropertiesOf({ retryAfterMs, lost }: Refusal): Record<string, string> | undefined {
  if (retryAfterMs === undefined && !lost?.length) return undefined;
  return {
    ...retryAfterMs !== undefined && { "retry-after-ms": `${retryAfterMs}` },
    ...lost?.length && { lost: lost.join(",") },
  };
}

/** From here on a reason is one of a failure. */
export const FAILURE_MIN = 0x80;

/** What a CONNACK of MQTT 3.1.1 says instead; without one the connection is closed without a word. */
export const RETURN_CODES: Partial<Record<Reason, number>> = {
  [Reason.unsupportedVersion]: 1,
  [Reason.clientIdNotValid]: 2,
  [Reason.serverUnavailable]: 3,
  [Reason.serverShuttingDown]: 3,
  [Reason.quotaExceeded]: 3,
  [Reason.connectionRateExceeded]: 3,
  [Reason.badUserNameOrPassword]: 4,
  [Reason.badAuthenticationMethod]: 4,
  [Reason.notAuthorized]: 5,
  [Reason.topicNameInvalid]: 5,
};

/** The close codes by which whatever it speaks a connection is ended. */
const OF_CLOSE_CODE: Record<number, Reason> = {
  [CloseCode.goingAway]: Reason.serverShuttingDown,
  [CloseCode.protocolError]: Reason.protocolError,
  [CloseCode.unsupportedData]: Reason.malformedPacket,
  [CloseCode.invalidPayload]: Reason.payloadFormatInvalid,
  [CloseCode.policyViolation]: Reason.administrativeAction,
  [CloseCode.messageTooBig]: Reason.packetTooLarge,
  [CloseCode.internalError]: Reason.implementationSpecific,
  [CloseCode.proofEnded]: Reason.notAuthorized,
};

export function reasonOfClose(code: number): Reason {
  return OF_CLOSE_CODE[code] ?? Reason.unspecified;
}

/** Why records are lost for good; the ledger has them, so nobody is to send them again. */
const FINAL: Partial<Record<RefusalReason, Refusal>> = {
  [RefusalReason.SHED]: { reason: Reason.implementationSpecific, why: "given up by an overloaded edge" },
  [RefusalReason.EXPIRED]: { reason: Reason.implementationSpecific, why: "waited too long" },
  [RefusalReason.REJECTED]: { reason: Reason.implementationSpecific, why: "the aggregator can never accept it" },
  [RefusalReason.INVALID]: { reason: Reason.payloadFormatInvalid, why: "a record has no body, or an impossible time" },
};

/** Null: it is not final. */
export function finalRefusal(reason: RefusalReason): Refusal | null {
  return FINAL[reason] ?? null;
}
