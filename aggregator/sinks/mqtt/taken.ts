// What a broker of MQTT has taken, as far as it has told this thread: nobody can ask it what it holds.
import type { LastMessage, PartitionName } from "../publishing/broker.ts";
import { type Message, type TopicKind, TOPICS } from "../publishing/messages.ts";

export class Taken {
  readonly #last = new Map<PartitionName, LastMessage>(
    TOPICS.map((kind) => [partitionOf(kind), { end: 0n, journalId: null, position: null }]),
  );

  readonly #heldUp = new Set<TopicKind>();

  /** Of each kind of message, the last. */
  get last(): Map<PartitionName, LastMessage> {
    return new Map(this.#last);
  }

  /** The next of that kind is taken. @returns its number */
  add({ topic, position }: Pick<Message, "topic" | "position">, journalId: string): bigint {
    const name = partitionOf(topic);
    const number = this.#last.get(name)!.end;
    this.#last.set(name, { end: number + 1n, journalId, position });
    this.#heldUp.delete(topic);
    return number;
  }

  /** The next of that kind is refused: until it is taken, whatever went behind it would come too early, and again. */
  holdUp(kind: TopicKind): void {
    this.#heldUp.add(kind);
  }

  isHeldUp(kind: TopicKind): boolean {
    return this.#heldUp.has(kind);
  }
}

/** Each kind is in one order. */
export function partitionOf(kind: TopicKind): PartitionName {
  return `${kind}/0`;
}
