// Packets as `mqtt-packet` reads and writes them, and what the specification wants beyond that. One reader for each version
// serves all connections: it is only ever given whole packets.
import { Buffer } from "node:buffer";
import { generate, type IConnectPacket, type Packet, type Parser, parser } from "mqtt-packet";
import { plainPuback, readPlainPublish } from "./plain_packets.ts";
import { Reason, type Refusal } from "./reasons.ts";
import type { Version } from "./version.ts";

/** A packet from a client, or why it is none. */
export type Read = { packet: Packet } | { refusal: Refusal };

/** The first four bits of a packet. */
export const PacketType = { connect: 1, publish: 3, pingreq: 12, disconnect: 14 } as const;

/** Of each type that a client may send, as the library calls it. */
const FROM_CLIENTS: Record<number, Packet["cmd"]> = {
  1: "connect",
  3: "publish",
  4: "puback",
  5: "pubrec",
  6: "pubrel",
  7: "pubcomp",
  8: "subscribe",
  10: "unsubscribe",
  12: "pingreq",
  14: "disconnect",
  15: "auth",
};

/** What it says of a packet whose version it does not know, and of names that it does not know either. */
const WRONG_VERSION = /^Invalid protocol/;

export class Codec {
  /** By version; 0: of a CONNECT, which says what its version is. */
  readonly #parsers = new Map<number, Parser>();
  #packet: Packet | null = null;
  #error: string | null = null;

  /** `bytes`: one whole packet. */
  read(bytes: Uint8Array, version: Version | null): Read {
    const publish = version === null ? null : readPlainPublish(bytes, version);
    if (publish) return { packet: publish };
    const name = FROM_CLIENTS[bytes[0]! >> 4];
    if (name === undefined) return malformed("no client sends such a packet");
    this.#packet = null;
    this.#error = null;
    const left = this.#parser(version ?? 0).parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    // `parse` has called back by now.
    const [packet, error] = [this.#packet as Packet | null, this.#error as string | null];
    const isWhole = error === null && packet !== null && left === 0;
    const refusal = isWhole ? refusalOf(packet, version) : null;
    if (isWhole && !refusal) return { packet };
    // What is refused may have left something behind in it.
    this.#parsers.delete(version ?? 0);
    if (refusal) return { refusal };
    const why = error ?? "it is not as long as it says";
    if (name !== "connect" || !WRONG_VERSION.test(why)) return malformed(why);
    return { refusal: { reason: Reason.unsupportedVersion, why } };
  }

  write(packet: Packet, version: Version): Uint8Array<ArrayBuffer> {
    if (packet.cmd === "puback" && !packet.reasonCode) return plainPuback(packet.messageId ?? 0);
    return generate(packet, { protocolVersion: version }) as Uint8Array<ArrayBuffer>;
  }

  #parser(version: number): Parser {
    const known = this.#parsers.get(version);
    if (known) return known;
    const made = parser(version === 0 ? {} : { protocolVersion: version });
    made.on("packet", (packet: Packet) => this.#packet = packet);
    made.on("error", (error: Error) => this.#error ??= error.message);
    this.#parsers.set(version, made);
    return made;
  }
}

function malformed(why: string): Read {
  return { refusal: { reason: Reason.malformedPacket, why } };
}

// What the library lets pass.
function refusalOf(packet: Packet, version: Version | null): Refusal | null {
  const protocolError = (why: string): Refusal => ({ reason: Reason.protocolError, why });
  if (packet.cmd === "connect") return refusalOfConnect(packet);
  const repeated = Object.entries("properties" in packet && packet.properties || {}).find(([name, value]) =>
    Array.isArray(value) && name !== "userProperties"
  );
  if (repeated) return protocolError(`${repeated[0]} stands there more than once`);
  if (packet.messageId !== undefined && packet.messageId < 1) return protocolError("its packet identifier is 0");
  if (packet.cmd === "pingreq" && packet.length !== 0) return { reason: Reason.malformedPacket, why: "it has a body" };
  if (packet.cmd === "publish" && packet.qos === 0 && packet.dup) return protocolError("DUP at QoS 0");
  const list = packet.cmd === "subscribe"
    ? packet.subscriptions
    : packet.cmd === "unsubscribe"
    ? packet.unsubscriptions
    : null;
  if (list?.length === 0) return protocolError("it names no filter");
  if (packet.cmd === "auth" && version === 5) return protocolError("no authentication was begun");
  return null;
}

function refusalOfConnect({ protocolVersion, protocolId, password, username, properties }: IConnectPacket) {
  if (protocolVersion === 3 || protocolId === "MQIsdp") {
    return { reason: Reason.unsupportedVersion, why: "MQTT 3.1 is not spoken here" };
  }
  if (protocolVersion === 4 && password !== undefined && username === undefined) {
    return { reason: Reason.protocolError, why: "a password without a user name" };
  }
  const repeated = Object.entries(properties ?? {}).find(([name, value]) =>
    Array.isArray(value) && name !== "userProperties"
  );
  return repeated ? { reason: Reason.protocolError, why: `${repeated[0]} stands there more than once` } : null;
}
