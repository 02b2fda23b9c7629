// What went through the edge since it started. received = forwarded + duplicate + near-duplicate + malformed + refused
// + shed in records; a frame that cannot be parsed counts the records that could be seen in it, at least one.

export interface Counters {
  framesReceived: number;
  framesMalformed: number;
  bytesReceived: number;
  received: number;
  forwarded: number;
  duplicate: number;
  nearDuplicate: number;
  malformed: number;
  refused: number;
  shed: number;
  unknownFields: number;
  alertAcks: number;
  /** Of those: for an alert that was not sent to the drone, or too long ago. */
  alertAcksUnknown: number;
  warningsSent: number;
  /** The drone has no connection here, or does not read from it. */
  warningsUnreachable: number;
  warningsAcknowledged: number;
  safetyBatches: number;
  bulkBatches: number;
  batchRawBytes: number;
  batchSentBytes: number;
  ledgerOverflow: number;
  /** Refusals and the like that a connection did not read. */
  answersDropped: number;
}

export function zeroCounters(): Counters {
  return {
    framesReceived: 0,
    framesMalformed: 0,
    bytesReceived: 0,
    received: 0,
    forwarded: 0,
    duplicate: 0,
    nearDuplicate: 0,
    malformed: 0,
    refused: 0,
    shed: 0,
    unknownFields: 0,
    alertAcks: 0,
    alertAcksUnknown: 0,
    warningsSent: 0,
    warningsUnreachable: 0,
    warningsAcknowledged: 0,
    safetyBatches: 0,
    bulkBatches: 0,
    batchRawBytes: 0,
    batchSentBytes: 0,
    ledgerOverflow: 0,
    answersDropped: 0,
  };
}
