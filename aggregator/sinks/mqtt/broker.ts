// A broker of MQTT behind the few things that are needed of it. It cannot be asked what it holds: what it has confirmed to this thread
// is not sent again, anything else may be, so each message comes at least once, and says which it is.
import { Buffer } from "node:buffer";
import mqtt from "mqtt";
import type { Platform } from "../../../platform/system.ts";
import { AnotherWriter, type Broker, type LastMessage, type PartitionName, TooLarge } from "../publishing/broker.ts";
import type { Message, TopicKind } from "../publishing/messages.ts";
import { namesOf } from "../publishing/path.ts";
import { Outcome } from "./outcome.ts";
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

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";
const CONTENT_TYPES: Record<TopicKind, string> = {
  ...{ telemetry: PROTOBUF_TYPE, metrics: JSON_TYPE, alerts: JSON_TYPE, losses: JSON_TYPE },
  "metrics-partial": PROTOBUF_TYPE,
};
/** A reason code of MQTT 5. */
const TAKEN_OVER = 0x8e;
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
      if (reasonCode !== TAKEN_OVER) return this.#breaks(ended(reasonCode));
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
    const broken = this.#broken;
    if (broken) throw broken;
    const { taken, journalId } = this.#parts;
    const { receiveMaximum = IN_FLIGHT_MAX, maximumPacketSize = Infinity } = this.#limits;
    const tooLarge = messages.find(({ value }) => value.length > maximumPacketSize - HEADER_BYTES);
    if (tooLarge) throw new TooLarge("maximum packet size", { message: tooLarge });
    const outcome = new Outcome({ taken, journalId });
    const underWay: { message: Message; answer: Promise<Error | null> }[] = [];
    const hear = async ({ message, answer } = underWay.shift()!) => {
      const why = await this.#unlessBroken(answer).catch((broken) => broken);
      outcome.heard(message, { why, isAnswer: why !== this.#broken });
    };
    for (const message of messages) {
      while (underWay.length >= Math.min(receiveMaximum, IN_FLIGHT_MAX)) await hear();
      if (this.#broken) break;
      if (outcome.isRefused(message)) continue;
      const sent = { message, answer: this.#answerTo(message) };
      if (taken.isHeldUp(message.topic)) await hear(sent);
      else underWay.push(sent);
    }
    while (underWay.length > 0) await hear();
    if (this.#broken instanceof AnotherWriter) throw this.#broken;
    return outcome.firstNumbers();
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.endAsync(true);
  }

  async #publish(message: Message): Promise<void> {
    const { value, position: { index, ordinal } } = message;
    const contentType = CONTENT_TYPES[message.topic];
    const topic = [this.#settings.prefix, ...namesOf(message)].join("/");
    await this.#client!.publishAsync(topic, Buffer.from(value.buffer, value.byteOffset, value.length), {
      qos: 1,
      properties: {
        payloadFormatIndicator: contentType === JSON_TYPE,
        contentType,
        userProperties: { journal: this.#parts.journalId, position: `${index}/${ordinal}` },
      },
    });
  }

  /** Null: it is taken; what is no answer of the broker's breaks the connection off, and is told so. */
  #answerTo(message: Message): Promise<Error | null> {
    const told = (error: Error & { code?: unknown }) =>
      typeof error.code === "number" ? error : new Promise<never>(() => {});
    return this.#publish(message).then(() => null, told);
  }

  // Answers that came before are heard first.
  #breaks(why: Error): void {
    if (!this.#client) return;
    this.#parts.after(0, () => {
      this.#broken ??= why;
      this.#onBroken(this.#broken);
    });
  }

  /** Rejects when the connection is broken off before, or nobody answers: that breaks it off. */
  async #unlessBroken<Value>(promise: Promise<Value>): Promise<Value> {
    const { promise: broken, reject } = Promise.withResolvers<never>();
    const cancel = this.#parts.after(TIMEOUT_MS, () => this.#breaks(new Error("the broker does not answer")));
    this.#onBroken = reject;
    if (this.#broken) reject(this.#broken);
    try {
      return await Promise.race([promise, broken]);
    } finally {
      cancel();
    }
  }
}

/** The broker says that, and why. */
function ended(reasonCode: number): Error {
  const reason = mqtt.ReasonCodes[reasonCode as keyof typeof mqtt.ReasonCodes] || "no reason";
  const code = `0x${reasonCode.toString(16).padStart(2, "0")}`;
  return new mqtt.ErrorWithReasonCode(`the broker has ended the connection: ${reason} (${code})`, reasonCode);
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
