// What became of messages that were sent at once. Kinds are independent: of each what comes before its first refusal is taken.
import { type PartitionName, TooLarge } from "../publishing/broker.ts";
import type { Message, TopicKind } from "../publishing/messages.ts";
import { partitionOf, type Taken } from "./taken.ts";

type Told = Error & { code?: unknown };

/** Reason codes of MQTT 5: what the broker takes never, however often it is sent. */
const TOPIC_NAME_INVALID = 0x90;
const TOO_LARGE = 0x95;
/** What the client says of the latter as an answer to a message: MQTT has it not there, mosquitto has. */
const UNKNOWN_ANSWER = "Invalid puback reason code";

export class Outcome {
  readonly #of: { taken: Taken; journalId: string };
  readonly #first = new Map<PartitionName, bigint>();
  readonly #refusals = new Map<TopicKind, Error>();
  /** What nobody had answered when the connection broke. */
  readonly #unanswered: Message[] = [];

  constructor(of: { taken: Taken; journalId: string }) {
    this.#of = of;
  }

  /** Another of its kind is, which is to come before. */
  isRefused({ topic }: Message): boolean {
    return this.#refusals.has(topic);
  }

  /** In order of a kind. `why` it is not taken, and whether the broker has said that of this message; null: it is taken. */
  heard(message: Message, { why, isAnswer }: { why: Told | null; isAnswer: boolean }): void {
    const { topic } = message;
    if (why && !isAnswer) this.#unanswered.push(message);
    if (this.#refusals.has(topic)) return;
    if (why) {
      if (isAnswer) this.#of.taken.holdUp(topic);
      this.#refusals.set(topic, isAnswer ? refusalOf(why, message) : why);
      return;
    }
    const [name, number] = [partitionOf(topic), this.#of.taken.add(message, this.#of.journalId)];
    if (!this.#first.has(name)) this.#first.set(name, number);
  }

  /** Of each kind that was sent. @throws {Error} what the broker has against some; TooLarge before all else: that one is left out */
  firstNumbers(): Map<PartitionName, bigint> {
    const refusals = [...this.#refusals.values()].map((why) => this.#brokenOver(why) ?? why);
    const refusal = refusals.find((why) => why instanceof TooLarge) ?? refusals[0];
    if (refusal) throw refusal;
    return this.#first;
  }

  // Whichever it is, the largest is too large as well. Of a name nothing says whose it is: it is looked for.
  #brokenOver(why: Told): TooLarge | null {
    if (why.code === TOPIC_NAME_INVALID) return new TooLarge(why.message, { cause: why });
    if (why.code !== TOO_LARGE && why.message !== UNKNOWN_ANSWER) return null;
    const [message] = this.#unanswered.toSorted((a, b) => b.value.length - a.value.length);
    return new TooLarge(why.message, { cause: why, message });
  }
}

function refusalOf(why: Told, message: Message): Error {
  const isForEver = why.code === TOO_LARGE || why.code === TOPIC_NAME_INVALID;
  return isForEver ? new TooLarge(why.message, { cause: why, message }) : why;
}
