// What went through the edge since it started. received = forwarded + duplicate + near-duplicate + malformed + refused
// + shed in records; a frame that cannot be parsed counts the records that could be seen in it, at least one.
import type { Metric } from "../platform/metrics.ts";
import type { EdgeStatus } from "../proto/gen/slipstream/v1/uplink_pb.ts";

type Reported = { [Name in keyof EdgeStatus]-?: EdgeStatus[Name] extends bigint ? Name : never }[keyof EdgeStatus];

/** One counter, and everywhere it is told. */
interface CounterRow {
  /** In /v1/status: group and name, or a name of its own. */
  status: readonly [name: string] | readonly [group: string, name: string];
  /** In the report to the aggregator. */
  report?: Reported;
  /** To Prometheus: the name without slipstream_edge_ and _total, and the label that tells it from others of that name. */
  metric: readonly [name: string, label?: string];
}

/** Each counter, once; in the order in which they are told. */
const COUNTERS = {
  received: { status: ["records", "received"], report: "receivedRecords", metric: ["records_received"] },
  forwarded: { status: ["records", "forwarded"], report: "forwardedRecords", metric: ["records", "forwarded"] },
  duplicate: { status: ["records", "duplicate"], report: "duplicateRecords", metric: ["records", "duplicate"] },
  nearDuplicate: {
    ...{ status: ["records", "nearDuplicate"], report: "nearDuplicateRecords" },
    metric: ["records", "near-duplicate"],
  },
  malformed: { status: ["records", "malformed"], report: "malformedRecords", metric: ["records", "malformed"] },
  refused: { status: ["records", "refused"], report: "refusedRecords", metric: ["records", "refused"] },
  shed: { status: ["records", "shed"], report: "shedRecords", metric: ["records", "shed"] },
  framesReceived: { status: ["frames", "received"], metric: ["frames_received"] },
  framesMalformed: { status: ["frames", "malformed"], report: "malformedFrames", metric: ["frames_malformed"] },
  framesForeign: { status: ["frames", "foreign"], metric: ["frames_foreign"] },
  // Of those: the hot path's own failing, whatever is in them.
  framesTrapped: { status: ["frames", "trapped"], metric: ["frames_trapped"] },
  // Of its instances, over frames or anything else: each was replaced.
  hotPathTraps: { status: ["hotPathTraps"], metric: ["hot_path_traps"] },
  unknownFields: { status: ["unknownFields"], metric: ["unknown_fields"] },
  alertAcks: { status: ["alertAcks", "received"], metric: ["alert_acks"] },
  // Of those: for an alert that was not sent to the drone, or too long ago.
  alertAcksUnknown: { status: ["alertAcks", "unknown"], metric: ["alert_acks_unknown"] },
  warningsSent: { status: ["warnings", "sent"], metric: ["warnings_sent"] },
  // Of those: to drones whose protocol has no acknowledgement.
  warningsDelivered: { status: ["warnings", "delivered"], metric: ["warnings_delivered"] },
  // The drone has no connection here, or does not read from it.
  warningsUnreachable: { status: ["warnings", "unreachable"], metric: ["warnings_unreachable"] },
  warningsAcknowledged: { status: ["warnings", "acknowledged"], metric: ["warnings_acknowledged"] },
  bytesReceived: { status: ["bytes", "received"], report: "receivedBytes", metric: ["received_bytes"] },
  batchRawBytes: { status: ["bytes", "batchRaw"], report: "batchRawBytes", metric: ["batch_raw_bytes"] },
  batchSentBytes: { status: ["bytes", "batchSent"], report: "batchSentBytes", metric: ["batch_sent_bytes"] },
  safetyBatches: { status: ["batches", "safety"], metric: ["batches", "safety"] },
  bulkBatches: { status: ["batches", "bulk"], metric: ["batches", "bulk"] },
  safetyRecords: { status: ["sealedRecords", "safety"], metric: ["sealed_records", "safety"] },
  bulkRecords: { status: ["sealedRecords", "bulk"], metric: ["sealed_records", "bulk"] },
  flushesDue: { status: ["flushes", "due"], metric: ["flushes", "due"] },
  flushesFull: { status: ["flushes", "full"], metric: ["flushes", "full"] },
  flushesAtStop: { status: ["flushes", "stop"], metric: ["flushes", "stop"] },
  ledgerOverflow: { status: ["ledgerOverflow"], metric: ["ledger_overflow_records"] },
  // Reports of traffic: heard = told + replaced by newer ones + refused + of drones of ours + waiting.
  trafficHeard: { status: ["traffic", "heard"], metric: ["traffic_reports_heard"] },
  trafficTold: { status: ["traffic", "told"], metric: ["traffic_reports", "told"] },
  trafficReplaced: { status: ["traffic", "replaced"], metric: ["traffic_reports", "replaced"] },
  trafficRefused: { status: ["traffic", "refused"], metric: ["traffic_reports", "refused"] },
  trafficOwn: { status: ["traffic", "own"], metric: ["traffic_reports", "own"] },
  sbs1Lines: { status: ["traffic", "sbs1Lines"], metric: ["sbs1_lines"] },
  // Of those.
  sbs1Unreadable: { status: ["traffic", "sbs1Unreadable"], metric: ["sbs1_lines_unreadable"] },
  // Refusals and the like that a connection did not read.
  answersDropped: { status: ["answersDropped"], metric: ["answers_dropped"] },
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

/** By the name of a metric: what it counts, and what its label is. */
const METRICS: Record<typeof COUNTERS[CounterName]["metric"][0], readonly [help: string, label?: string]> = {
  records_received: ["Records that came in frames"],
  records: ["Records by what became of them; together as many as were received", "verdict"],
  frames_received: ["Frames that came"],
  frames_malformed: ["Frames that could not be read"],
  frames_foreign: ["Frames of a drone for which the connection may not speak"],
  frames_trapped: ["Frames over which the hot path failed"],
  hot_path_traps: ["Instances of the hot path that trapped, and were replaced"],
  unknown_fields: ["Fields that this version does not know"],
  alert_acks: ["Acknowledgements of warnings by drones"],
  alert_acks_unknown: ["Acknowledgements of warnings that nobody had sent"],
  warnings_sent: ["Warnings that were sent to drones"],
  warnings_delivered: ["Warnings that were sent to drones whose protocol has no acknowledgement"],
  warnings_unreachable: ["Warnings for drones that have no connection here, or do not read"],
  warnings_acknowledged: ["Warnings that their drones acknowledged"],
  received_bytes: ["Bytes of frames that came"],
  batch_raw_bytes: ["Bytes of sealed batches before compression"],
  batch_sent_bytes: ["Bytes of batches on the uplink, what was sent again included"],
  batches: ["Batches that were sealed", "lane"],
  sealed_records: ["Records in batches that were sealed", "lane"],
  flushes: ["Batches by why their lane left: its time had come, it was full, or the edge stopped", "reason"],
  ledger_overflow_records: ["Records refused or lost for which the ledger had no place"],
  traffic_reports_heard: ["Reports of aircraft that are nobody's here"],
  traffic_reports: ["Those by what became of them", "fate"],
  sbs1_lines: ["Lines of receivers of ADS-B"],
  sbs1_lines_unreadable: ["Lines of receivers of ADS-B that could not be read"],
  answers_dropped: ["Answers to drones that did not read them"],
};

/** As Prometheus is told. */
export const COUNTER_METRICS: readonly Metric<Counters>[] = Object.entries(METRICS).map(([name, [help, label]]) => {
  const rows = ROWS.filter(([, { metric }]) => metric[0] === name);
  return {
    name: `slipstream_edge_${name}_total`,
    help,
    type: "counter",
    ...label === undefined ? {} : { labels: [label] },
    read: (counters) =>
      rows.map(([counter, { metric: [, value] }]) => {
        return [label === undefined ? {} : { [label]: value ?? "" }, counters[counter]] as const;
      }),
  };
});
