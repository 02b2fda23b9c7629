// What MQTT clients send, cut into packets and read; a plain PUBLISH is compared with what the library reads.
import { Buffer } from "node:buffer";
import { generate, type Packet, parser } from "mqtt-packet";
import { Codec } from "../../../edge/ingest/mqtt/codec.ts";
import type { Version } from "../../../edge/ingest/mqtt/version.ts";
import { readPlainPublish } from "../../../edge/ingest/mqtt/plain_packets.ts";
import { Splitter } from "../../../edge/ingest/mqtt/splitter.ts";
import type { Random } from "../../../sim/random.ts";
import { Broken, type Session, type Target } from "../target.ts";

/** A packet's limit, and what may be gathered for one that has not come to its end. */
const PACKET_BYTES_MAX = 2000;
const BYTES_MAX = 4000;
const WILL = { topic: "fleet/d1/telemetry", payload: Buffer.from("gone"), qos: 1, retain: false } as const;

function packets(version: Version, random: Random): Packet[] {
  const id = random.whole(1, 65_535);
  const properties = version === 5 ? { properties: { userProperties: { a: "b" } } } : {};
  const publish = { cmd: "publish", topic: "fleet/d1/telemetry", messageId: id, dup: false, retain: false } as const;
  return [
    { cmd: "connect", clientId: "d1", clean: true, keepalive: 60, protocolVersion: version, will: WILL, ...properties },
    {
      cmd: "connect",
      clientId: "",
      clean: true,
      keepalive: 0,
      protocolVersion: version,
      username: "u",
      password: Buffer.from("p"),
    },
    { ...publish, payload: Buffer.from("abc"), qos: 1 },
    { ...publish, payload: Buffer.from("abc"), qos: 0, ...properties },
    { ...publish, payload: Buffer.from(""), qos: 2, dup: true },
    { cmd: "subscribe", messageId: id, subscriptions: [{ topic: "fleet/+/alerts", qos: 1 }], ...properties },
    { cmd: "unsubscribe", messageId: id, unsubscriptions: ["fleet/+/alerts", "#"] },
    ...["puback", "pubrec", "pubrel", "pubcomp"].map((cmd) => ({ cmd, messageId: id }) as Packet),
    { cmd: "pingreq" },
    { cmd: "disconnect", ...version === 5 && { reasonCode: 4 } } as Packet,
  ];
}

/** The first byte says the version, and where the rest is cut. */
function seeds(random: Random): Uint8Array[] {
  return ([4, 5] as const).flatMap((version) =>
    packets(version, random).map((packet) =>
      new Uint8Array(
        Buffer.concat([Buffer.of(version + 8 * random.whole(0, 31)), generate(packet, { protocolVersion: version })]),
      )
    )
  );
}

function open(): Session {
  const codec = new Codec();
  return {
    run: (input) => {
      const [head = 0] = input;
      const version: Version = head % 2 === 0 ? 4 : 5;
      const splitter = new Splitter(PACKET_BYTES_MAX);
      const cut = 1 + (head >> 3);
      const outcomes: string[] = [];
      for (const chunk of [input.subarray(1, cut), input.subarray(cut)]) {
        for (const packet of splitter.take(chunk, 0)) outcomes.push(outcomeOf(codec, { packet, version }));
      }
      const rest = splitter.fault ?? (splitter.unfinishedSinceMs === null ? "" : "unfinished");
      return `${outcomes[0] ?? "nothing"} ${rest}`;
    },
  };
}

function outcomeOf(codec: Codec, { packet, version }: { packet: Uint8Array; version: Version }): string {
  const plain = readPlainPublish(packet, version);
  if (plain) {
    const read = byLibrary(packet, version);
    const same = read?.cmd === "publish" && read.topic === plain.topic && read.qos === plain.qos &&
      Buffer.from(plain.payload).equals(Buffer.from(read.payload)) && read.messageId === plain.messageId;
    if (!same) throw new Broken(`a plain PUBLISH that the library reads otherwise: ${JSON.stringify(read)}`);
  }
  const isConnect = packet[0]! >> 4 === 1;
  const read = codec.read(packet, isConnect ? null : version);
  return "packet" in read ? read.packet.cmd : `0x${read.refusal.reason.toString(16)}`;
}

function byLibrary(packet: Uint8Array, protocolVersion: Version): Packet | null {
  let found: Packet | null = null;
  const library = parser({ protocolVersion });
  library.on("packet", (packet: Packet) => found = packet);
  library.on("error", () => found = null);
  library.parse(Buffer.from(packet));
  return found;
}

export const MQTT_PACKETS: Target = { name: "mqtt-packets", format: "bytes", bytesMax: BYTES_MAX, seeds, open };
