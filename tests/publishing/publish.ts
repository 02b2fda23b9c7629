// A publisher of a journal that is only numbers, to a cluster in memory.
import type { StoredEntry } from "../../aggregator/journal/format.ts";
import type { Message } from "../../aggregator/sinks/publishing/messages.ts";
import { Publisher, type PublisherParts } from "../../aggregator/sinks/publishing/publisher.ts";
import { FakeCluster } from "./fake_cluster.ts";

const JOURNAL = "journal-1";
export const ENTRIES = 40;

/** An entry of several drones, with a window or an alert now and then. */
export function messagesOf({ index }: Pick<StoredEntry, "index">): Message[] {
  const telemetry = Array.from({ length: index % 5 }, (_, i) => ({ topic: "telemetry" as const, key: `drone-${i}` }));
  const metrics = index % 7 === 0 ? [{ topic: "metrics" as const, key: "tumbling" }] : [];
  const alerts = index % 3 === 0 ? [{ topic: "alerts" as const, key: `${index % 4}` }] : [];
  return [...telemetry, ...metrics, ...alerts]
    .map((message, ordinal) => ({ ...message, path: [], value: new Uint8Array(10), position: { index, ordinal } }));
}

/** A journal of entries that are only their number. */
export function reading(afterIndex = 0): PublisherParts["read"] {
  let last = afterIndex;
  return function* (durableIndex) {
    while (last < durableIndex) yield { index: ++last, timeUs: 0, body: new Uint8Array() };
  };
}

interface Published {
  publisher: Publisher;
  troubles: (string | null)[];
  leftOut: Message[];
  losses: { name: string; messages: number }[];
  sent: { messages: number };
  /** Resolves when everything up to the entry is with the cluster. */
  upTo: (index: number) => Promise<void>;
}

export function publish(cluster: FakeCluster, parts: Partial<PublisherParts> = {}): Published {
  const troubles: (string | null)[] = [];
  const leftOut: Message[] = [];
  const losses: Published["losses"] = [];
  const sent = { messages: 0 };
  let [reached, tell] = [0, () => {}];
  const publisher = new Publisher({
    ...{ journalId: JOURNAL, publishedIndex: 0, remembers: false, read: reading(), messagesOf },
    connect: () => cluster.connect(parts.journalId ?? JOURNAL),
    pause: () => Promise.resolve(),
    linger: () => Promise.resolve(),
    onPublished: ({ index }) => {
      reached = index;
      tell();
    },
    onSent: (counts) => {
      for (const count of Object.values(counts)) sent.messages += count;
    },
    onTooLarge: (message) => leftOut.push(message),
    onLost: (lost) => losses.push(lost),
    onUnseen: (unseen) => losses.push(unseen),
    onTrouble: (why) => troubles.push(why),
    ...parts,
  });
  const upTo = async (index: number) => {
    while (reached < index) await Promise.race([new Promise<void>((resolve) => tell = resolve), publisher.ended]);
  };
  return { publisher, troubles, leftOut, losses, sent, upTo };
}

/** What a cluster without faults has in the end. */
export async function expected(partitions: number): Promise<ReturnType<FakeCluster["places"]>> {
  const cluster = new FakeCluster(partitions);
  const { publisher, upTo } = publish(cluster);
  publisher.durable(ENTRIES);
  await upTo(ENTRIES);
  await publisher.close();
  return cluster.places();
}
