// Who takes what is published: the few things that are needed of him.
import type { Message, Position } from "./messages.ts";

/** One partition, as `TOPIC/NUMBER`. */
export type PartitionName = string;

/** What a partition holds last. */
export interface LastMessage {
  /** The offset that comes next. */
  end: bigint;
  /** Null: nothing is there any more, or somebody else wrote it. */
  journalId: string | null;
  position: Position | null;
}

/** Where messages go; every method rejects with what the brokers, or the network, have against it. */
export interface Broker {
  /** Makes topics that are missing, and looks at what is in each partition last. */
  open(): Promise<Map<PartitionName, LastMessage>>;
  partitionOf(message: Pick<Message, "topic" | "key">): PartitionName;
  /**
   * In order within a partition. Resolves with the offset of the first message that each partition took; rejects with TooLarge
   * when that, and nothing else, is wrong with some.
   */
  send(messages: readonly Message[]): Promise<Map<PartitionName, bigint>>;
  close(): Promise<void>;
  /** After so long one can see whether something was taken that nobody has confirmed; known once it is open. */
  readonly settleMs: number;
}

/** The brokers take nothing of that size. */
export class TooLarge extends Error {
  /** The one that is too large, where that is known: it is one of those that were to be sent. */
  readonly tooLarge: Message | null;

  constructor(why: string, { message, cause }: { message?: Message; cause?: unknown } = {}) {
    super(why, { cause });
    this.tooLarge = message ?? null;
  }
}

/** Somebody else writes to the topics as well. */
export class AnotherWriter extends Error {}

/** Opens a connection anew. */
export type Connect = () => Broker;
