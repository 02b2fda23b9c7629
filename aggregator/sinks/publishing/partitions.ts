// Where each partition goes on, and what of what was sent it has: its last message says which of ours arrived, and nothing else may
// have. What is not as it was to be is looked at twice: the last message and what comes behind it are not read at one moment.
import { AnotherWriter, type LastMessage, type PartitionName } from "./broker.ts";
import { isAfter, type Message, type Position } from "./messages.ts";

/** So many messages of a partition. */
export interface Missed {
  name: PartitionName;
  messages: number;
}

export interface PartitionsParts {
  journalId: string;
  /** A partition has so many messages less than it had confirmed: its topic was deleted, or cut. */
  onLost: (lost: Missed) => void;
  /** So many have come and gone unseen: they are taken for ours that nobody had confirmed. */
  onUnseen: (unseen: Missed) => void;
}

interface Going {
  /** Offset of the next message. */
  next: bigint;
  /** Of the last message that is ours. */
  last: Position | null;
  /** Whose the last one was as we came. */
  before: string | null;
}

export class Partitions {
  readonly #parts: PartitionsParts;
  readonly #going = new Map<PartitionName, Going>();
  /** Not as they were to be, seen once. */
  readonly #odd = new Set<PartitionName>();

  constructor(parts: PartitionsParts) {
    this.#parts = parts;
  }

  isNew(name: PartitionName, { position }: Pick<Message, "position">): boolean {
    const last = this.#going.get(name)?.last;
    return !last || isAfter(position, last);
  }

  /** @throws {Error} when they are not where they were to be */
  sent(name: PartitionName, { messages, offset }: { messages: Message[]; offset: bigint | undefined }): void {
    const going = this.#going.get(name);
    if (!going || offset !== going.next) throw new Error(`${name} took messages at ${offset}, not at ${going?.next}`);
    this.#going.set(name, { ...going, next: offset + BigInt(messages.length), last: messages.at(-1)!.position });
  }

  /**
   * Of messages of which nobody has said what became of them, those that arrived.
   * @throws {Error} when it is to be looked at once more; AnotherWriter when somebody else has written
   */
  look(name: PartitionName, { last, inDoubt }: { last: LastMessage; inDoubt: readonly Message[] }): Message[] {
    const { end, journalId, position } = last;
    const ours = journalId === this.#parts.journalId ? position : null;
    const known = this.#going.get(name);
    if (!known) {
      this.#going.set(name, { next: end, last: ours, before: journalId });
      return [];
    }
    if (journalId !== null && journalId !== this.#parts.journalId && journalId !== known.before) {
      throw notOurs(name, last);
    }
    const arrived = ours ? inDoubt.filter((message) => !isAfter(message.position, ours)) : [];
    const due = known.next + BigInt(arrived.length);
    if (end !== due) {
      const isSecond = this.#odd.delete(name);
      if (!isSecond) {
        this.#odd.add(name);
        throw new Error(`${name} goes on at ${end}, not at ${due}`);
      }
      if (end > due) return this.#unseen(name, { last, inDoubt, messages: Number(end - due) });
      this.#parts.onLost({ name, messages: Number(due - end) });
    }
    this.#odd.delete(name);
    this.#going.set(name, { ...known, next: end, last: ours ?? known.last });
    return arrived;
  }

  // What arrived is in order: those that came are the first.
  #unseen(
    name: PartitionName,
    { last, inDoubt, messages }: { last: LastMessage; inDoubt: readonly Message[]; messages: number },
  ): Message[] {
    const unseen = inDoubt.slice(0, messages);
    if (last.journalId !== null || unseen.length < messages) throw notOurs(name, last);
    this.#parts.onUnseen({ name, messages });
    this.#going.set(name, { ...this.#going.get(name)!, next: last.end, last: unseen.at(-1)!.position });
    return unseen;
  }
}

function notOurs(name: PartitionName, { journalId }: LastMessage): AnotherWriter {
  return new AnotherWriter(`${name} has messages that are not ours, the last of ${journalId ?? "nobody known"}`);
}
