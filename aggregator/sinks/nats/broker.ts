// NATS JetStream behind the few things that are needed of it: a stream for each kind of message, what it holds last, and sending.
// Each message says which one must be before it, so that the server itself refuses what another writer has come between.
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import {
  connect,
  createInbox,
  credsAuthenticator,
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from "@nats-io/transport-node";
import { type Broker, type LastMessage, type PartitionName, TooLarge } from "../publishing/broker.ts";
import type { Message, TopicKind } from "../publishing/messages.ts";
import { namesOf } from "../publishing/path.ts";
import { JOURNAL_HEADER, openStream, POSITION_HEADER, streamName, type StreamSettings } from "./streams.ts";

/** How to reach the servers, and the streams. */
export interface NatsSettings extends StreamSettings {
  /** HOST:PORT of some of them. */
  servers: string[];
  /** Each is a stream. */
  topics: readonly TopicKind[];
  /** A file with PEM of those who sign the servers' certificates, or "system"; null: no TLS. */
  caPath: string | null;
  /** Nothing, what says who it is, or the file of a user's credentials. */
  login: { user?: string; pass?: string; token?: string; credsPath?: string };
}

const ID = "Nats-Msg-Id";
const EXPECTED_STREAM = "Nats-Expected-Stream";
const EXPECTED_LAST = "Nats-Expected-Last-Sequence";
const EXPECTED_LAST_ID = "Nats-Expected-Last-Msg-Id";
/** Of an answer: the stream takes no message of that size. */
const TOO_LARGE_CODE = 10_054;
/** Of an answer without a body: nobody has heard the message. */
const NO_RESPONDERS = 503;
const CONNECT_MS_MAX = 3000;
const TIMEOUT_MS = 10_000;
const PING_MS = 5000;

/** What JetStream answers to a message. */
interface PubAck {
  seq?: number;
  error?: { err_code: number; description: string };
}

export class NatsBroker implements Broker {
  /** What was on its way when a connection broke makes whatever is sent behind it refused, and is seen then. */
  readonly settleMs = 0;
  readonly #settings: NatsSettings;
  readonly #journalId: string;
  readonly #ends = new Map<TopicKind, bigint>();
  #connection: NatsConnection | null = null;

  constructor(settings: NatsSettings, journalId: string) {
    this.#settings = settings;
    this.#journalId = journalId;
  }

  async open(): Promise<Map<PartitionName, LastMessage>> {
    this.#connection = await connect(connectOptions(this.#settings));
    const jsm: JetStreamManager = await jetstreamManager(this.#connection);
    const last = new Map<PartitionName, LastMessage>();
    for (const kind of this.#settings.topics) {
      const found = await openStream(jsm, { kind, ...this.#settings });
      this.#ends.set(kind, found.end);
      last.set(partition(kind), found);
    }
    return last;
  }

  partitionOf({ topic }: Pick<Message, "topic">): PartitionName {
    return partition(topic);
  }

  async send(messages: readonly Message[]): Promise<Map<PartitionName, bigint>> {
    const connection = this.#connection;
    if (!connection) throw new Error("Cannot send: there is no connection");
    const { max_payload: bytesMax = Infinity } = connection.info ?? {};
    const tooLarge = messages.find(({ value }) => value.length > bytesMax - HEADER_BYTES);
    if (tooLarge) throw new TooLarge("max_payload", { message: tooLarge });
    const kinds = [...Map.groupBy(messages, ({ topic }) => topic)];
    const starts = await Promise.all(kinds.map(async ([kind, all]): Promise<[PartitionName, bigint]> => {
      const start = this.#ends.get(kind)!;
      await this.#sendAll(connection, { kind, messages: all, start });
      this.#ends.set(kind, start + BigInt(all.length));
      return [partition(kind), start];
    }));
    return new Map(starts);
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  // The first says which number it follows, the others by name whom: of numbers, one could come to be right behind another writer's.
  async #sendAll(
    connection: NatsConnection,
    { kind, messages, start }: { kind: TopicKind; messages: Message[]; start: bigint },
  ): Promise<void> {
    const { promise: refused, reject: refuse } = Promise.withResolvers<never>();
    const inbox = createInbox();
    const hear = (error: Error | null, answer: Msg) => {
      const refusal = error ?? refusalOf(answer, messages[Number(answer.subject.slice(inbox.length + 1))]);
      if (refusal) refuse(refusal);
    };
    const answers = connection.subscribe(`${inbox}.*`, { callback: hear });
    try {
      for (const [i, message] of messages.slice(0, -1).entries()) {
        const headers = this.#headers(message, messages[i - 1] ?? start);
        connection.publish(this.#subject(message), message.value, { reply: `${inbox}.${i}`, headers });
      }
      const seq = await Promise.race([refused, this.#sendLast(connection, { messages, start })]);
      const next = start + BigInt(messages.length - 1);
      if (seq !== Number(next)) throw new Error(`Cannot send to ${kind}: taken as ${seq}, not as ${next}`);
    } finally {
      answers.unsubscribe();
    }
  }

  /** @returns the number that it has in the stream */
  async #sendLast(
    connection: NatsConnection,
    { messages, start }: { messages: Message[]; start: bigint },
  ): Promise<number | undefined> {
    const message = messages.at(-1)!;
    const headers = this.#headers(message, messages.at(-2) ?? start);
    const answer = await connection.request(this.#subject(message), message.value, { headers, timeout: TIMEOUT_MS });
    const refusal = refusalOf(answer, message);
    if (refusal) throw refusal;
    return answer.json<PubAck>().seq;
  }

  /** `behind`: whom it follows, or the number that it is to have. */
  #headers(message: Message, behind: Message | bigint): MsgHdrs {
    const all = headers();
    all.append(JOURNAL_HEADER, this.#journalId);
    all.append(POSITION_HEADER, place(message));
    all.append(ID, this.#id(message));
    all.append(EXPECTED_STREAM, streamName(this.#settings.prefix, message.topic));
    if (typeof behind === "bigint") all.append(EXPECTED_LAST, `${behind - 1n}`);
    else all.append(EXPECTED_LAST_ID, this.#id(behind));
    return all;
  }

  /** PREFIX.KIND.… */
  #subject(message: Message): string {
    return [this.#settings.prefix, ...namesOf(message)].join(".");
  }

  #id(message: Message): string {
    return `${this.#journalId}/${place(message)}`;
  }
}

/** Of one message, at most: the servers count them as well. */
const HEADER_BYTES = 512;

function place({ position: { index, ordinal } }: Message): string {
  return `${index}/${ordinal}`;
}

/** Each stream is in one order. */
function partition(kind: TopicKind): PartitionName {
  return `${kind}/0`;
}

/** Null: it is taken. Nothing may be thrown here: the client reads nothing more then, and says nothing. */
function refusalOf(answer: Msg, message: Message | undefined): Error | null {
  if (answer.headers?.code === NO_RESPONDERS) return new Error(`no stream takes ${message?.topic}, for now`);
  try {
    const { error } = answer.json<PubAck>();
    if (!error) return null;
    return error.err_code === TOO_LARGE_CODE
      ? new TooLarge(error.description, { message })
      : new Error(error.description);
  } catch (cause) {
    return new Error("Cannot read what the server answers", { cause });
  }
}

function connectOptions({ servers, prefix, caPath, login: { credsPath, ...login } }: NatsSettings) {
  return {
    ...{ servers, name: `slipstream-${prefix}`, ...login },
    // Who calls connects again, after it has looked at what came of it.
    ...{ reconnect: false, timeout: CONNECT_MS_MAX, pingInterval: PING_MS, maxPingOut: 2 },
    ...caPath !== null && { tls: caPath === "system" ? {} : { ca: Deno.readTextFileSync(caPath) } },
    ...credsPath !== undefined && { authenticator: credsAuthenticator(Deno.readFileSync(credsPath)) },
  };
}
