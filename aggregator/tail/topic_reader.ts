// Reads one topic, all partitions of it, and goes on with what comes. It joins no group and commits nothing: nobody who reads in
// earnest notices.
import { Admin, Consumer } from "@platformatic/kafka";
import { clientOptions, type ClusterSettings } from "../sinks/kafka/client.ts";
import { committed, type CommittedRecord, lastOffset } from "./committed.ts";

export interface TopicMessage extends CommittedRecord {
  partition: number;
}

/** As clients ask for the first offset that there is, and for the next. */
const EARLIEST = -2n;
const LATEST = -1n;
/** What is in a transaction that is not over is not to be seen. */
const READ_COMMITTED = 1;
const FETCH_BYTES = 1 << 20;
const FETCH_WAIT_MS = 250;
/** Of a request that fails: a broker that is busy is no reason to end. */
const RETRIES = 4;

/**
 * Messages as they come, in order within a partition; those that come together by time.
 * @throws {Error} when there is no such topic, or it cannot be read
 */
export async function* readTopic(
  settings: ClusterSettings,
  { topic, from }: { topic: string; from: "beginning" | "end" },
): AsyncGenerator<TopicMessage> {
  await mustHave(settings, topic);
  const consumer = new Consumer({ ...clientOptions(settings), retries: RETRIES, groupId: `${settings.prefix}-tail` });
  try {
    const timestamp = from === "beginning" ? EARLIEST : LATEST;
    const offsets = (await consumer.listOffsets({ topics: [topic], timestamp })).get(topic) ?? [];
    const next = new Map([...offsets.entries()]);
    while (true) yield* await fetchSome(consumer, { topic, next });
  } finally {
    await consumer.close(true);
  }
}

async function mustHave(settings: ClusterSettings, topic: string): Promise<void> {
  const admin = new Admin({ ...clientOptions(settings), retries: RETRIES });
  try {
    const topics = await admin.listTopics();
    if (topics.includes(topic)) return;
    throw new Error(`there is no such topic; there are ${topics.sort().join(", ") || "none"}`);
  } finally {
    await admin.close();
  }
}

/** One request to each broker that leads a partition. `next`: the offset of each partition, which goes on. */
async function fetchSome(
  consumer: Consumer,
  { topic, next }: { topic: string; next: Map<number, bigint> },
): Promise<TopicMessage[]> {
  const known = (await consumer.metadata({ topics: [topic] })).topics.get(topic);
  if (!known) throw new Error("the topic is gone");
  const partitions = known.partitions.map(({ leader, leaderEpoch }, partition) => ({ partition, leader, leaderEpoch }));
  const byLeader = [...Map.groupBy(partitions, ({ leader }) => leader)];
  const fetched = await Promise.all(byLeader.map(async ([node, led]) => {
    const asked = led.map(({ partition, leaderEpoch }) => ({
      ...{ partition, currentLeaderEpoch: leaderEpoch, lastFetchedEpoch: -1, partitionMaxBytes: FETCH_BYTES },
      fetchOffset: next.get(partition) ?? 0n,
    }));
    const { responses } = await consumer.fetch({
      ...{ node, minBytes: 1, maxWaitTime: FETCH_WAIT_MS, isolationLevel: READ_COMMITTED },
      topics: [{ topicId: known.id, partitions: asked }],
    });
    return responses.flatMap(({ partitions }) => partitions);
  }));
  return byTime(
    fetched.flat().map((answer) => {
      const { partitionIndex: partition } = answer;
      const from = next.get(partition) ?? 0n;
      const last = answer.records?.at(-1);
      if (last) next.set(partition, lastOffset(last) + 1n);
      return committed(answer).filter(({ offset }) => offset >= from).map((record) => ({ ...record, partition }));
    }),
  );
}

/** Messages of several partitions, each in its own order, whatever their times are. */
export function byTime(partitions: TopicMessage[][]): TopicMessage[] {
  const timed = partitions.flatMap((messages) => {
    let latestMs = -Infinity;
    return messages.map((message) => ({ message, latestMs: latestMs = Math.max(latestMs, message.timeMs) }));
  });
  return timed.sort((a, b) => a.latestMs - b.latestMs).map(({ message }) => message);
}
