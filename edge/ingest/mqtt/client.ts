// One MQTT client's connection: bytes in, packets out, from its CONNECT until it has gone.
import { Buffer } from "node:buffer";
import type { IConnectPacket, Packet } from "mqtt-packet";
import { CloseCode } from "../../../proto/words.ts";
import type { Carrier } from "../carrier/carrier.ts";
import { type Codec, PacketType } from "./codec.ts";
import { type Admitted, connack, type Handshake, refusedConnack } from "./handshake.ts";
import { Life } from "./life.ts";
import { Reason, reasonOfClose, type Refusal } from "./reasons.ts";
import { PACKET_BYTES_MAX, Splitter } from "./splitter.ts";
import { Talk, type TalkParts } from "./talk.ts";
import type { Version } from "./version.ts";

export interface ClientParts extends Omit<TalkParts, "admitted" | "wire" | "send" | "end" | "onDisconnect"> {
  codec: Codec;
  handshake: Handshake;
}

/** Of a CONNECT, and of what comes behind it before it is answered. */
const CONNECT_BYTES_MAX = 16_384;
const EARLY_BYTES_MAX = 65_536;

export class Client {
  readonly #parts: ClientParts;
  readonly #carrier: Carrier;
  readonly #life: Life;
  readonly #splitter = new Splitter(CONNECT_BYTES_MAX);
  #version: Version | null = null;
  /** Packets that came while the CONNECT was being judged. */
  #early: Uint8Array[] | null = null;
  #earlyBytes = 0;
  #talk: Talk | null = null;
  #closed = false;
  #out: Uint8Array<ArrayBuffer>[] = [];
  #sentBytes = 0;
  /** Beyond so much it cannot be sent a packet. */
  #packetBytesMax = Infinity;

  constructor(carrier: Carrier, parts: ClientParts) {
    this.#carrier = carrier;
    this.#parts = parts;
    this.#life = new Life(parts.clock());
  }

  /** Bytes have come, whatever is in them. */
  bytes(chunk: Uint8Array): void {
    if (this.#closed) return;
    const nowMs = this.#parts.clock();
    const before = this.#talk;
    for (const packet of this.#splitter.take(chunk, nowMs)) {
      if (this.#closed) return;
      this.#take(packet, nowMs);
    }
    const { fault } = this.#splitter;
    if (fault === "too-large") this.end({ reason: Reason.packetTooLarge, why: `A packet has more than its limit` });
    else if (fault) this.end({ reason: Reason.malformedPacket, why: "its length is none" });
    if (before) this.#flush();
  }

  #take(bytes: Uint8Array, nowMs: number): void {
    if (!this.#life.packet(nowMs)) {
      return this.end({ reason: Reason.messageRateTooHigh, why: "more packets than anybody needs" });
    }
    const isConnect = bytes[0]! >> 4 === PacketType.connect;
    if (this.#version === null && isConnect) return this.#connect(bytes);
    // Nobody is told anything who has not said what he speaks.
    if (this.#version === null) return this.#close(CloseCode.protocolError, "The first packet must be a CONNECT");
    if (this.#early) return this.#wait(bytes);
    if (isConnect) return this.end({ reason: Reason.protocolError, why: "a second CONNECT" });
    const read = this.#parts.codec.read(bytes, this.#version);
    if ("refusal" in read) this.end(read.refusal);
    else this.#talk?.take(read.packet);
  }

  #wait(bytes: Uint8Array): void {
    this.#early?.push(bytes.slice());
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > EARLY_BYTES_MAX) this.#close(CloseCode.policyViolation, "Too much came before the CONNACK");
  }

  #connect(bytes: Uint8Array): void {
    const read = this.#parts.codec.read(bytes, null);
    if ("refusal" in read) {
      // What speaks another version can be told so; what is not even that is not.
      if (read.refusal.reason === Reason.unsupportedVersion) this.#refuse(read.refusal, bytes[8] === 5 ? 5 : 4);
      else this.#close(CloseCode.protocolError, read.refusal.why);
      return;
    }
    // The CONNECT, by its first byte.
    const packet = read.packet as IConnectPacket;
    const version: Version = packet.protocolVersion === 5 ? 5 : 4;
    this.#version = version;
    this.#early = [];
    this.#parts.handshake.judge(packet, version).then((judged) => {
      if (this.#closed) return;
      this.#parts.attempt(() => "why" in judged ? this.#refuse(judged, version) : this.#open(judged)) ||
        this.end({ reason: Reason.implementationSpecific, why: "Internal error" });
    }, () => this.#refuse({ reason: Reason.serverUnavailable, why: "Internal error" }, version));
  }

  #open(admitted: Admitted): void {
    const early = this.#early ?? [];
    this.#early = null;
    this.#splitter.bytesMax = PACKET_BYTES_MAX;
    this.#life.opened(admitted.keepAliveS);
    this.#packetBytesMax = admitted.packetBytesMax;
    this.#talk = new Talk({
      ...this.#parts,
      admitted,
      wire: {
        isOpen: () => !this.#closed && this.#carrier.open,
        sentBytes: () => this.#sentBytes,
        bufferedBytes: () => this.#carrier.bufferedBytes,
        close: (code, why) => this.end({ reason: reasonOfClose(code), why }, code),
        flush: () => this.#flush(),
      },
      send: (packet) => this.#send(packet),
      end: (refusal) => this.end(refusal),
      onDisconnect: () => this.#close(CloseCode.normal, ""),
    });
    const { session, isPresent } = this.#talk.begin();
    this.#send(connack(admitted, isPresent));
    this.#talk.resume(session);
    for (const packet of early) if (!this.#closed) this.#take(packet, this.#parts.clock());
    this.#flush();
  }

  #refuse(refusal: Refusal, version: Version): void {
    if (this.#closed) return;
    const packet = refusedConnack(refusal, version);
    this.#version = version;
    if (packet) this.#send(packet);
    this.#close(CloseCode.policyViolation, refusal.why);
  }

  /** Ends the connection, and says why where the client understands it. */
  end({ reason, why }: Refusal, code: number = CloseCode.normal): void {
    if (this.#closed) return;
    if (this.#talk && this.#version === 5) {
      this.#send({ cmd: "disconnect", reasonCode: reason, properties: { reasonString: why.slice(0, 200) } });
    }
    this.#talk?.ending(reason);
    this.#close(code, why);
  }

  /** Once a second. */
  check(nowMs: number): void {
    if (this.#closed) return;
    const verdict = this.#life.check(nowMs, this.#splitter.unfinishedSinceMs);
    if (verdict === "alive") this.#talk?.check(nowMs);
    else if (verdict === "silent") this.end({ reason: Reason.keepAliveTimeout, why: "silent for too long" });
    else if (verdict === "slow") this.end({ reason: Reason.malformedPacket, why: "a packet does not come to its end" });
    else this.#close(CloseCode.policyViolation, "No CONNECT in time");
    this.#flush();
  }

  /** Its carrier has closed. */
  closed(): void {
    this.#closed = true;
    this.#talk?.close();
    this.#talk = null;
  }

  #close(code: number, why: string): void {
    if (this.#closed) return;
    this.#flush();
    this.closed();
    this.#carrier.close(code, why.slice(0, 100));
  }

  #send(packet: Packet): void {
    const bytes = this.#parts.codec.write(packet, this.#version ?? 4);
    if (bytes.length <= this.#packetBytesMax) this.#out.push(bytes);
  }

  // All that one read, or one word, leads to goes in one piece.
  #flush(): void {
    const [only, ...more] = this.#out;
    this.#out = [];
    if (!only || !this.#carrier.open) return;
    const bytes = more.length === 0 ? only : new Uint8Array(Buffer.concat([only, ...more]));
    this.#sentBytes += bytes.length;
    this.#carrier.send(bytes);
  }
}
