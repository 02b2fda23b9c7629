// How Kafka's client is made here, and what a partition holds last.
import type { Consumer } from "@platformatic/kafka";

/** As clients ask for the first offset that there is. */
export const EARLIEST = -2n;

const CONNECT_MS_MAX = 3000;
const TIMEOUT_MS = 10_000;
/** Of such a producer 1 or less is taken for without end: it would never say what is wrong. */
const SEND_RETRIES = 2;
const FETCH_BYTES = 1 << 20;
const FETCH_WAIT_MS = 500;

/** How to reach the brokers. */
export interface ClusterSettings {
  /** HOST:PORT of some of them. */
  brokers: string[];
  /** Topics are called so, a dash, and what is in them. */
  prefix: string;
  /** A file with PEM of those who sign the brokers' certificates, or "system"; null: no TLS. */
  caPath: string | null;
  login: { mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"; username: string; password: string } | null;
}

/** Of any of its clients. */
export function clientOptions({ brokers, prefix, caPath, login }: ClusterSettings) {
  return {
    clientId: `slipstream-${prefix}`,
    bootstrapBrokers: brokers,
    ...{ connectTimeout: CONNECT_MS_MAX, requestTimeout: TIMEOUT_MS, timeout: TIMEOUT_MS },
    // Who calls tries again, after it has looked at what came of it.
    retries: 1,
    retryDelay: 50,
    ...caPath !== null && { tls: caPath === "system" ? {} : { ca: [Deno.readTextFileSync(caPath)] } },
    ...login && { sasl: login },
  };
}

/** Of one that writes each message once, in order. */
export function producerOptions(settings: ClusterSettings) {
  return { ...clientOptions(settings), retries: SEND_RETRIES, idempotent: true, compression: "zstd" } as const;
}

/** Where to fetch from. */
export interface FetchPlace {
  topicId: string;
  partition: number;
  leader: number;
  leaderEpoch: number;
}

/**
 * What a partition has from an offset on, as far as it fits; waits a moment where it has nothing. Undefined: nothing that this
 * consumer was not told before, as brokers leave out of an answer what has no news.
 */
export async function fetchFrom(consumer: Consumer, place: FetchPlace & { offset: bigint }) {
  const { topicId, partition, leader: node, leaderEpoch, offset } = place;
  const from = { partition, currentLeaderEpoch: leaderEpoch, lastFetchedEpoch: -1, partitionMaxBytes: FETCH_BYTES };
  const topics = [{ topicId, partitions: [{ ...from, fetchOffset: offset }] }];
  const { responses } = await consumer.fetch({ node, topics, minBytes: 1, maxWaitTime: FETCH_WAIT_MS });
  return responses[0]?.partitions[0];
}

/** Headers of the last message of a partition that ends there; null: it is not there any more. */
export async function lastHeaders(
  consumer: Consumer,
  { end, ...place }: FetchPlace & { end: bigint },
): Promise<Map<string, string> | null> {
  const fetched = await fetchFrom(consumer, { ...place, offset: end - 1n });
  const record = fetched?.records?.at(-1)?.records.at(-1);
  return record ? new Map(Array.from(record.headers, ([name, value]) => [`${name}`, `${value}`])) : null;
}
