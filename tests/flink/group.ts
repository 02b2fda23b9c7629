// How far a group of consumers is, as it has told the broker.
import { Admin } from "@platformatic/kafka";

const LATEST = -1n;

/** Messages of a topic that the group has not read yet; of a group that has told nothing, all. */
export async function behind(broker: string, { group, topic }: { group: string; topic: string }): Promise<number> {
  const admin = new Admin({ clientId: "tests", bootstrapBrokers: [broker] });
  try {
    const { partitionsCount } = (await admin.metadata({ topics: [topic] })).topics.get(topic)!;
    const partitions = Array.from(
      { length: partitionsCount },
      (_, partitionIndex) => ({ partitionIndex, timestamp: LATEST }),
    );
    const [ends] = await admin.listOffsets({ topics: [{ name: topic, partitions }] });
    const [told] = await admin.listConsumerGroupOffsets({ groups: [group] });
    const read = new Map(
      told?.topics.find(({ name }) => name === topic)?.partitions
        .map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]),
    );
    return ends!.partitions.reduce((sum, { partitionIndex, offset }) => {
      const committed = read.get(partitionIndex) ?? 0n;
      return sum + Number(offset - (committed > 0n ? committed : 0n));
    }, 0);
  } finally {
    await admin.close();
  }
}
