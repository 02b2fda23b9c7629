// What went through the edge since it started. received = forwarded + duplicate + near-duplicate + malformed + refused
// + shed in records; a frame that cannot be parsed counts the records that could be seen in it, at least one.
import type { EdgeStatus } from "../proto/gen/slipstream/v1/uplink_pb.ts";

type Reported = { [Name in keyof EdgeStatus]-?: EdgeStatus[Name] extends bigint ? Name : never }[keyof EdgeStatus];

/** One counter, and everywhere it is told. */
interface CounterRow {
  /** In /v1/status: group and name, or a name of its own. */
  status: readonly [name: string] | readonly [group: string, name: string];
  /** In the report to the aggregator. */
  report?: Reported;
}

/** Each counter, once; in the order in which they are told. */
const COUNTERS = {
  received: { status: ["records", "received"], report: "receivedRecords" },
  forwarded: { status: ["records", "forwarded"], report: "forwardedRecords" },
  duplicate: { status: ["records", "duplicate"], report: "duplicateRecords" },
  nearDuplicate: { status: ["records", "nearDuplicate"], report: "nearDuplicateRecords" },
  malformed: { status: ["records", "malformed"], report: "malformedRecords" },
  refused: { status: ["records", "refused"], report: "refusedRecords" },
  shed: { status: ["records", "shed"], report: "shedRecords" },
  framesReceived: { status: ["frames", "received"] },
  framesMalformed: { status: ["frames", "malformed"], report: "malformedFrames" },
  framesForeign: { status: ["frames", "foreign"] },
  // Of those: the hot path's own failing, whatever is in them.
  framesTrapped: { status: ["frames", "trapped"] },
  // Of its instances, over frames or anything else: each was replaced.
  hotPathTraps: { status: ["hotPathTraps"] },
  unknownFields: { status: ["unknownFields"] },
  alertAcks: { status: ["alertAcks", "received"] },
  // Of those: for an alert that was not sent to the drone, or too long ago.
  alertAcksUnknown: { status: ["alertAcks", "unknown"] },
  warningsSent: { status: ["warnings", "sent"] },
  // The drone has no connection here, or does not read from it.
  warningsUnreachable: { status: ["warnings", "unreachable"] },
  warningsAcknowledged: { status: ["warnings", "acknowledged"] },
  bytesReceived: { status: ["bytes", "received"], report: "receivedBytes" },
  batchRawBytes: { status: ["bytes", "batchRaw"], report: "batchRawBytes" },
  batchSentBytes: { status: ["bytes", "batchSent"], report: "batchSentBytes" },
  safetyBatches: { status: ["batches", "safety"] },
  bulkBatches: { status: ["batches", "bulk"] },
  ledgerOverflow: { status: ["ledgerOverflow"] },
  // Refusals and the like that a connection did not read.
  answersDropped: { status: ["answersDropped"] },
} as const satisfies Record<string, CounterRow>;

type CounterName = keyof typeof COUNTERS;
export type Counters = Record<CounterName, number>;

const ROWS = Object.entries<CounterRow>(COUNTERS) as [CounterName, CounterRow][];

export function zeroCounters(): Counters {
  return Object.fromEntries(ROWS.map(([name]) => [name, 0])) as Counters;
}

/** As /v1/status has them. */
export function countersView(counters: Counters): Record<string, number | Record<string, number>> {
  const view: Record<string, number | Record<string, number>> = {};
  for (const [counter, { status: [group, name] }] of ROWS) {
    if (name === undefined) view[group] = counters[counter];
    else view[group] = { ...view[group] as Record<string, number> | undefined, [name]: counters[counter] };
  }
  return view;
}

/** As the report to the aggregator has them. */
export function countersReport(counters: Counters): Partial<Record<Reported, bigint>> {
  const told = ROWS.flatMap(([counter, { report }]) => report ? [[report, BigInt(counters[counter])]] : []);
  return Object.fromEntries(told);
}
