// From the journal to a broker, each message exactly once, without transactions: what a partition holds last says where to go on in
// it, and whatever went wrong, that is looked at again before anything else is sent. One writer: an offset that is not the one that
// was to come says that there is another, and then nothing more is sent.
import type { StoredEntry } from "../../journal/format.ts";
import { AnotherWriter, type Broker, type Connect, type LastMessage, type PartitionName, TooLarge } from "./broker.ts";
import { isAfter, type Message, type Position, type TopicKind } from "./messages.ts";
import { Partitions, type PartitionsParts } from "./partitions.ts";

/** Messages by topic. */
export type Counts = Partial<Record<TopicKind, number>>;

export interface PublisherParts extends PartitionsParts {
  /** Everything up to this entry is published already. */
  publishedIndex: number;
  /** Whether the brokers can be asked what they hold. */
  remembers: boolean;
  /** Entries that follow, as far as the disk has them; each once. */
  read: (durableIndex: number) => Iterable<StoredEntry>;
  messagesOf: (stored: StoredEntry) => Message[];
  connect: Connect;
  /** Resolves after so many ms. */
  pause: (ms: number) => Promise<void>;
  /** Resolves when more may have come to be sent with what is there: few messages at once cost several times as much each. */
  linger: () => Promise<void>;
  /** Everything up to this entry is published. */
  onPublished: (entry: Pick<StoredEntry, "index" | "timeUs">) => void;
  /** So many messages more are with the brokers. */
  onSent: (sent: Counts) => void;
  /** The brokers take no message of that size: it is left out. */
  onTooLarge: (message: Message) => void;
  /** Why nothing can be sent; null: it can again. */
  onTrouble: (why: string | null) => void;
}

/** Sent at once: brokers take batches of a MiB, headers and keys included. */
const SEND_MESSAGES = 2000;
const SEND_BYTES = 512 << 10;
const RETRY_MS = 250;
const RETRY_MS_MAX = 5000;

const NOTHING = new Uint8Array();

/** The brokers hold nothing, not even what is gone, of what was published. */
export class Emptied extends Error {}

export class Publisher {
  readonly #parts: PublisherParts;
  #durableIndex = 0;
  #broker: Broker | null = null;
  readonly #partitions: Partitions;
  #waiting: Message[] = [];
  /** Of those that wait: not to be sent any more. They may be on their way, and count until that is known. */
  readonly #dropped = new WeakSet<Message>();
  #hasMore = Promise.withResolvers<void>();
  #isTroubled = false;
  /** Something was sent, and nobody has said what became of it. */
  #isInDoubt = false;
  /** The last of each partition that was sent, until one has looked what became of it. */
  #sentTo = new Map<PartitionName, Position>();
  /** Messages at once: fewer, while one that is too large is looked for. */
  #messagesMax = SEND_MESSAGES;
  /** It is among so many. */
  #suspects = 0;
  #isFirst = true;
  #closed = false;
  readonly #ended: Promise<void>;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#partitions = new Partitions(parts);
    this.#ended = this.#run();
  }

  /** Entries up to this one are on the disk. */
  durable(index: number): void {
    this.#durableIndex = Math.max(this.#durableIndex, index);
    this.#hasMore.resolve();
  }

  /** Of what is not sent only this is left; null: nothing. */
  change(left: (message: Message) => Message | null): void {
    this.#waiting = this.#waiting.map((message) => {
      const changed = left(message);
      if (changed) return changed;
      const dropped = { ...message, value: NOTHING };
      this.#dropped.add(dropped);
      return dropped;
    });
  }

  /** Resolves when nothing is sent any more; rejects with what ended it before: another writer, a journal that cannot be read. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#hasMore.resolve();
    await this.#ended;
  }

  /** See `close`. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#closed) await this.#publishWhatIsThere();
    } finally {
      await this.#disconnect();
    }
  }

  async #publishWhatIsThere(): Promise<void> {
    const { read, messagesOf, publishedIndex, onPublished } = this.#parts;
    let last: Pick<StoredEntry, "index" | "timeUs"> | null = null;
    for (const stored of read(this.#durableIndex)) {
      const messages = messagesOf(stored);
      if (stored.index > publishedIndex) this.#waiting.push(...messages);
      last = stored;
      if (this.#waiting.length < SEND_MESSAGES) continue;
      if (!await this.#sendAll()) return;
      onPublished(last);
    }
    if (!await this.#sendAll()) return;
    if (last) onPublished(last);
    const more = this.#hasMore;
    await more.promise;
    await this.#parts.linger();
    if (this.#hasMore === more) this.#hasMore = Promise.withResolvers();
  }

  /** False: it was closed before. */
  async #sendAll(): Promise<boolean> {
    let retryMs = RETRY_MS;
    this.#waiting = alertsFirst(this.#waiting);
    while (!this.#closed) {
      try {
        this.#broker ??= await this.#connect();
        for (this.#drop(); this.#waiting.length > 0; this.#drop()) await this.#sendSome(this.#broker);
        this.#tell(null);
        return true;
      } catch (error) {
        if (error instanceof AnotherWriter || error instanceof Emptied) throw error;
        const settleMs = this.#isInDoubt ? this.#broker?.settleMs ?? 0 : 0;
        this.#isInDoubt = false;
        await this.#disconnect();
        // What else was sent with it may have arrived: that is seen at once.
        if (error instanceof TooLarge) continue;
        this.#tell(describe(error));
        await this.#parts.pause(Math.max(retryMs, settleMs));
        retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
      }
    }
    return false;
  }

  async #connect(): Promise<Broker> {
    const broker = this.#parts.connect();
    try {
      const held = await broker.open();
      const { remembers, publishedIndex } = this.#parts;
      const isEmptied = this.#isFirst && remembers && publishedIndex > 0 && [...held.values()].every(hasHeldNothing);
      if (isEmptied) throw new Emptied();
      this.#isFirst = false;
      for (const [name, last] of held) {
        const inDoubt = this.#inDoubt(broker, name);
        this.#parts.onSent(countsOf(this.#partitions.look(name, { last, inDoubt })));
      }
    } catch (error) {
      await broker.close().catch(() => {});
      throw error;
    }
    this.#sentTo.clear();
    this.#waiting = this.#waiting.filter((message) => this.#isNew(message, broker));
    return broker;
  }

  #inDoubt(broker: Broker, name: PartitionName): Message[] {
    const sentTo = this.#sentTo.get(name);
    if (!sentTo) return [];
    const wasSent = (message: Message) => broker.partitionOf(message) === name && !isAfter(message.position, sentTo);
    return this.#waiting.filter((message) => wasSent(message) && this.#partitions.isNew(name, message));
  }

  #isNew(message: Message, broker: Broker): boolean {
    return this.#partitions.isNew(broker.partitionOf(message), message);
  }

  async #sendSome(broker: Broker): Promise<void> {
    const next = this.#next();
    const some = next.filter((message) => this.#isNew(message, broker));
    if (some.length > 0) {
      this.#isInDoubt = true;
      const byPartition = [...Map.groupBy(some, (message) => broker.partitionOf(message))];
      this.#sentTo = new Map(byPartition.map(([name, messages]) => [name, messages.at(-1)!.position]));
      const offsets = await broker.send(some).catch((error: unknown) => {
        if (error instanceof TooLarge) this.#leaveOut(some, error.tooLarge);
        throw error;
      });
      this.#isInDoubt = false;
      for (const [name, messages] of byPartition) {
        this.#partitions.sent(name, { messages, offset: offsets.get(name) });
      }
      this.#parts.onSent(countsOf(some));
    }
    this.#waiting.splice(0, next.length);
    this.#suspects = Math.max(0, this.#suspects - next.length);
    if (this.#suspects === 0) this.#messagesMax = Math.min(SEND_MESSAGES, 2 * this.#messagesMax);
  }

  // Nothing is on its way.
  #drop(): void {
    this.#waiting = this.#waiting.filter((message) => !this.#dropped.has(message));
  }

  #next(): Message[] {
    let bytes = 0;
    const isBeyond = ({ value }: Message) => (bytes += value.length) > SEND_BYTES;
    const some = this.#waiting.slice(0, this.#messagesMax);
    const end = some.findIndex((message, i) => (isBeyond(message) || isAlert(message) !== isAlert(some[0]!)) && i > 0);
    return end < 0 ? some : some.slice(0, end);
  }

  // The one that is named, or is alone; else it is looked for, by halves.
  #leaveOut(sent: readonly Message[], named: Message | null): void {
    this.#isInDoubt = false;
    const tooLarge = named ?? (sent.length === 1 ? sent[0] : undefined);
    if (!tooLarge) {
      this.#messagesMax = sent.length >> 1;
      this.#suspects = sent.length;
      return;
    }
    this.#suspects = 0;
    const isIt = ({ position }: Message) =>
      !isAfter(position, tooLarge.position) && !isAfter(tooLarge.position, position);
    this.#waiting = this.#waiting.filter((message) => !isIt(message));
    this.#parts.onTooLarge(tooLarge);
  }

  #tell(why: string | null): void {
    if (why === null && !this.#isTroubled) return;
    this.#isTroubled = why !== null;
    this.#parts.onTrouble(why);
  }

  async #disconnect(): Promise<void> {
    const broker = this.#broker;
    this.#broker = null;
    await broker?.close().catch(() => {});
  }
}

/** Numbers begin with 0 or 1. */
function hasHeldNothing({ end, journalId }: LastMessage): boolean {
  return end <= 1n && journalId === null;
}

function countsOf(messages: readonly Message[]): Counts {
  const counts: Counts = {};
  for (const { topic } of messages) counts[topic] = (counts[topic] ?? 0) + 1;
  return counts;
}

function isAlert({ topic }: Message): boolean {
  return topic === "alerts";
}

/** Who waits for an alert does not wait for records that came with it: each topic has an order of its own. */
function alertsFirst(messages: readonly Message[]): Message[] {
  return [...messages.filter(isAlert), ...messages.filter((message) => !isAlert(message))];
}

/** What a client's error says, and those in it: the first names no cause. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors : [];
  const causes = [...inner, error.cause].filter((cause) => cause instanceof Error).map(describe);
  return [error.message, ...new Set(causes)].join(": ");
}
