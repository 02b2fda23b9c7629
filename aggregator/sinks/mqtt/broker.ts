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
  readonly #gone = Promise.withResolvers<never>();
  #client: mqtt.MqttClient | null = null;
  #limits: { receiveMaximum?: number; maximumPacketSize?: number } = {};

  constructor(settings: MqttSettings, parts: MqttParts) {
    this.#settings = settings;
    this.#parts = parts;
    // It may be gone while nobody sends.
    this.#gone.promise.catch(() => {});
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
      this.#gone.reject(new AnotherWriter(`somebody else has connected as ${client.options.clientId}`));
    });
    client.on("error", (error) => this.#gone.reject(error));
    client.on("close", () => this.#gone.reject(new Error("the broker has ended the connection")));
    await this.#unlessGone((gone) => Promise.race([connected, gone]));
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
    const atOnce = Math.min(receiveMaximum, IN_FLIGHT_MAX);
    for (let i = 0; i < messages.length; i += atOnce) {
      await this.#unlessGone(async (gone) => {
        const some = messages.slice(i, i + atOnce);
        const outcomes = await Promise.allSettled(some.map((message) => Promise.race([this.#publish(message), gone])));
        for (const [k, outcome] of outcomes.entries()) {
          if (outcome.status === "rejected") throw await refusalOf(outcome.reason, gone);
          const [name, number] = [partitionOf(some[k]!.topic), taken.add(some[k]!, journalId)];
          if (!first.has(name)) first.set(name, number);
        }
      });
    }
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

  /** `gone` rejects when the connection is broken off, or nobody answers. */
  async #unlessGone<Value>(use: (gone: Promise<never>) => Promise<Value>): Promise<Value> {
    const { promise: gone, reject } = Promise.withResolvers<never>();
    const cancel = this.#parts.after(TIMEOUT_MS, () => reject(new Error("the broker does not answer")));
    this.#gone.promise.catch(reject);
    try {
      return await use(gone);
    } finally {
      cancel();
    }
  }
}

/** What the broker has against a message; where it has broken off, why. */
async function refusalOf(error: Error & { code?: unknown }, gone: Promise<never>): Promise<Error> {
  const isAnswer = typeof error.code === "number";
  const why: Error & { code?: unknown } = isAnswer ? error : await gone.catch((reason) => reason);
  const isTooLarge = why.code === TOO_LARGE || why.message === UNKNOWN_ANSWER;
  return isTooLarge ? new TooLarge(why.message, { cause: why }) : why;
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
