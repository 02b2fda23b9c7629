// A broker of MQTT behind the few things that are needed of it. It cannot be asked what it holds: what it has confirmed to this thread
// is not sent again, anything else may be, so each message comes at least once, and says which it is.
import { Buffer } from "node:buffer";
import mqtt from "mqtt";
import type { Platform } from "../../../platform/system.ts";
import { type Broker, type LastMessage, type PartitionName, TooLarge } from "../publishing/broker.ts";
import type { Message } from "../publishing/messages.ts";
import { namesOf } from "../publishing/path.ts";
import { AnotherWriter } from "../publishing/publisher.ts";
import { partitionOf, type Taken } from "./taken.ts";

/** How to reach the broker, and the topics. */
export interface MqttSettings {
  host: string;
  port: number;
  /** Topics are this, a slash, and what is in them. */
  prefix: string;
  /** A file with PEM of those who sign the broker's certificate, or "system"; null: no TLS. */
  caPath: string | null;
  login: { username: string; password: string } | null;
}

interface MqttParts {
  journalId: string;
  taken: Taken;
  after: Platform["after"];
}

/** Reason codes of MQTT 5. */
const TAKEN_OVER = 0x8e;
const TOO_LARGE = 0x95;
/** What the client says of that one as an answer to a message: MQTT has it not there, mosquitto has. */
const UNKNOWN_ANSWER = "Invalid puback reason code";
/** Of topic and properties, at most. */
const HEADER_BYTES = 1024;
const IN_FLIGHT_MAX = 256;
const CONNECT_MS_MAX = 3000;
const TIMEOUT_MS = 10_000;
const KEEP_ALIVE_S = 10;

export class MqttBroker implements Broker {
  readonly settleMs = 0;
  readonly #settings: MqttSettings;
  readonly #parts: MqttParts;
  /** Why the connection is broken off; null: it is not. */
  #broken: Error | null = null;
  #onBroken: (why: Error) => void = () => {};
  #client: mqtt.MqttClient | null = null;
  #limits: { receiveMaximum?: number; maximumPacketSize?: number } = {};

  constructor(settings: MqttSettings, parts: MqttParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  async open(): Promise<Map<PartitionName, LastMessage>> {
    const client = this.#client = mqtt.connect(connectOptions(this.#settings));
    const { promise: connected, resolve } = Promise.withResolvers<void>();
    client.on("connect", ({ properties }) => {
      this.#limits = properties ?? {};
      resolve();
    });
    client.on("disconnect", ({ reasonCode = 0 }) => {
      if (reasonCode !== TAKEN_OVER) return;
      this.#breaks(new AnotherWriter(`somebody else has connected as ${client.options.clientId}`));
    });
    client.on("error", (error) => this.#breaks(error));
    client.on("close", () => this.#breaks(new Error("the broker has ended the connection")));
    await this.#unlessBroken(connected);
    return this.#parts.taken.last;
  }

  partitionOf({ topic }: Pick<Message, "topic">): PartitionName {
    return partitionOf(topic);
  }

  async send(messages: readonly Message[]): Promise<Map<PartitionName, bigint>> {
    const { taken, journalId } = this.#parts;
    const { receiveMaximum = IN_FLIGHT_MAX, maximumPacketSize = Infinity } = this.#limits;
    if (messages.some(({ value }) => value.length > maximumPacketSize - HEADER_BYTES)) {
      throw new TooLarge("maximum packet size");
    }
    const first = new Map<PartitionName, bigint>();
    const answers: Promise<void>[] = [];
    const hear = async (i: number) => {
      await this.#unlessBroken(answers[i]!).catch((error) => this.#refuse(error));
      const [name, number] = [partitionOf(messages[i]!.topic), taken.add(messages[i]!, journalId)];
      if (!first.has(name)) first.set(name, number);
    };
    const atOnce = Math.min(receiveMaximum, IN_FLIGHT_MAX);
    for (const [i, message] of messages.entries()) {
      if (i >= atOnce) await hear(i - atOnce);
      answers.push(this.#publish(message));
      // Each is heard in its turn.
      answers[i]!.catch(() => {});
    }
    for (let i = Math.max(0, messages.length - atOnce); i < messages.length; i++) await hear(i);
    return first;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.endAsync(true);
  }

  async #publish(message: Message): Promise<void> {
    const { value, position: { index, ordinal } } = message;
    const isText = message.topic !== "telemetry";
    const topic = [this.#settings.prefix, ...namesOf(message)].join("/");
    await this.#client!.publishAsync(topic, Buffer.from(value.buffer, value.byteOffset, value.length), {
      qos: 1,
      properties: {
        payloadFormatIndicator: isText,
        contentType: isText ? "application/json" : "application/x-protobuf",
        userProperties: { journal: this.#parts.journalId, position: `${index}/${ordinal}` },
      },
    });
  }

  #breaks(why: Error): void {
    this.#broken ??= why;
    this.#onBroken(this.#broken);
  }

  /** Rejects when the connection is broken off before, or nobody answers. */
  async #unlessBroken<Value>(promise: Promise<Value>): Promise<Value> {
    const { promise: broken, reject } = Promise.withResolvers<never>();
    const cancel = this.#parts.after(TIMEOUT_MS, () => reject(new Error("the broker does not answer")));
    this.#onBroken = reject;
    if (this.#broken) reject(this.#broken);
    try {
      return await Promise.race([promise, broken]);
    } finally {
      cancel();
    }
  }

  /** Throws what the broker has against a message; where it is no answer of his, why the connection is broken off. */
  async #refuse(error: Error & { code?: unknown }): Promise<never> {
    const broken = () => this.#unlessBroken(new Promise<never>(() => {})).catch((why) => why);
    const why: Error & { code?: unknown } = typeof error.code === "number" ? error : await broken();
    const isTooLarge = why.code === TOO_LARGE || why.message === UNKNOWN_ANSWER;
    throw isTooLarge ? new TooLarge(why.message, { cause: why }) : why;
  }
}

function connectOptions({ host, port, prefix, caPath, login }: MqttSettings): mqtt.IClientOptions {
  return {
    ...{ host, port, protocolVersion: 5, clientId: `slipstream-${prefix}`, clean: true },
    protocol: caPath === null ? "mqtt" : "mqtts",
    ...caPath !== null && caPath !== "system" && { ca: Deno.readTextFileSync(caPath) },
    ...login,
    // Who calls connects again.
    ...{ reconnectPeriod: 0, connectTimeout: CONNECT_MS_MAX, keepalive: KEEP_ALIVE_S },
  };
}
