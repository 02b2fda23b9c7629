// Brokers in memory, that fail as real ones do: not reached, or reached and not heard from again, with all, none or some of what was
// sent.
import {
  type Broker,
  type LastMessage,
  type PartitionName,
  TooLarge,
} from "../../aggregator/sinks/publishing/broker.ts";
import type { Message } from "../../aggregator/sinks/publishing/messages.ts";

export type Fault = "unreachable" | "nothing" | "some" | "everything";

interface Stored {
  journalId: string;
  message: Message;
}

export class FakeCluster {
  readonly partitions = new Map<PartitionName, Stored[]>();
  /** What goes wrong with the next calls, one after the other; null: nothing. */
  faults: (Fault | null)[] = [];
  /** Bytes of a message. */
  bytesMax = Infinity;
  /** Takes no more at once. */
  messagesMax = Infinity;
  /** It says which message is too large. */
  namesTooLarge = false;
  /** All that was taken is gone again. */
  isExpired = false;
  opened = 0;
  settleMs = 0;
  sends: number[] = [];

  constructor(partitions: number) {
    for (const kind of ["telemetry", "metrics", "alerts", "losses"]) {
      for (let i = 0; i < partitions; i++) this.partitions.set(`${kind}/${i}`, []);
    }
  }

  connect(journalId: string): Broker {
    const perTopic = this.partitions.size / 4;
    const partitionOf = ({ topic, key }: Pick<Message, "topic" | "key">) =>
      `${topic}/${[...key].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % perTopic}`;
    return {
      open: () => {
        this.opened++;
        const fault = this.faults.shift();
        if (fault === "unreachable") return Promise.reject(new Error("Connection refused"));
        const lastOf = this.isExpired ? goneOf : whichOf;
        return Promise.resolve(new Map([...this.partitions].map(([name, stored]) => [name, lastOf(stored)])));
      },
      partitionOf,
      send: (messages) => {
        this.sends.push(messages.length);
        const message = messages.find(({ value }) => value.length > this.bytesMax);
        if (message) return Promise.reject(new TooLarge("too large", this.namesTooLarge ? { message } : {}));
        if (messages.length > this.messagesMax) return Promise.reject(new TooLarge("too many"));
        const fault = this.faults.shift() ?? null;
        const kept = fault === null || fault === "everything" ? messages : fault === "some" ? firstHalf(messages) : [];
        const offsets = new Map<PartitionName, bigint>();
        for (const message of kept) {
          const stored = this.partitions.get(partitionOf(message))!;
          if (!offsets.has(partitionOf(message))) offsets.set(partitionOf(message), BigInt(stored.length));
          stored.push({ journalId, message });
        }
        return fault === null ? Promise.resolve(offsets) : Promise.reject(new Error(`Broken off: ${fault}`));
      },
      settleMs: this.settleMs,
      close: () => Promise.resolve(),
    };
  }

  /** Places in the journal, by partition. */
  places(): Record<PartitionName, string[]> {
    return Object.fromEntries([...this.partitions].map(([name, stored]) => [
      name,
      stored.map(({ message: { position: { index, ordinal } } }) => `${index}/${ordinal}`),
    ]));
  }
}

function goneOf(stored: Stored[]): LastMessage {
  return { end: BigInt(stored.length), journalId: null, position: null };
}

function whichOf(stored: Stored[]): LastMessage {
  const last = stored.at(-1);
  return { end: BigInt(stored.length), journalId: last?.journalId ?? null, position: last?.message.position ?? null };
}

function firstHalf(messages: readonly Message[]): readonly Message[] {
  return messages.slice(0, messages.length >> 1);
}
