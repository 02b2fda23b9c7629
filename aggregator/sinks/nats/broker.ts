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
    if (messages.some(({ value }) => value.length > bytesMax - HEADER_BYTES)) throw new TooLarge("max_payload");
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
    const refusals: Error[] = [];
    const hear = (error: Error | null, answer: Msg) => {
      const refusal = error ?? refusalOf(answer.json<PubAck>());
      if (refusal) refusals.push(refusal);
    };
    const reply = createInbox();
    const answers = connection.subscribe(reply, { callback: hear });
    try {
      const { prefix } = this.#settings;
      const named = messages.map((message, i) => ({
        message,
        headers: this.#headers(message, messages[i - 1] ?? start),
      }));
      for (const { message, headers } of named.slice(0, -1)) {
        connection.publish(subjectOf(prefix, message), message.value, { reply, headers });
      }
      const { message, headers } = named.at(-1)!;
      const answer = await connection.request(subjectOf(prefix, message), message.value, {
        headers,
        timeout: TIMEOUT_MS,
      });
      hear(null, answer);
      if (refusals[0]) throw refusals[0];
      const { seq } = answer.json<PubAck>();
      const next = start + BigInt(messages.length - 1);
      if (seq !== Number(next)) throw new Error(`Cannot send to ${kind}: taken as ${seq}, not as ${next}`);
    } finally {
      answers.unsubscribe();
    }
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

  #id(message: Message): string {
    return `${this.#journalId}/${place(message)}`;
  }
}

/** Of one message, at most: the servers count them as well. */
const HEADER_BYTES = 512;

function place({ position: { index, ordinal } }: Message): string {
  return `${index}/${ordinal}`;
}

/** PREFIX.KIND.… */
function subjectOf(prefix: string, message: Message): string {
  return [prefix, ...namesOf(message)].join(".");
}

/** Each stream is in one order. */
function partition(kind: TopicKind): PartitionName {
  return `${kind}/0`;
}

function refusalOf({ error }: PubAck): Error | null {
  if (!error) return null;
  return error.err_code === TOO_LARGE_CODE ? new TooLarge(error.description) : new Error(error.description);
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
