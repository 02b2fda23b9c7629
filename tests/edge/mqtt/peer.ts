// An MQTT client that does exactly what a test says, packet by packet, over a socket of this process.
import { Buffer } from "node:buffer";
import { generate, type Packet, parser } from "mqtt-packet";
import { type Asking } from "../../../identity/gate.ts";
import { StillEdge, StillSocket } from "../still_rig.ts";

export type Version = 4 | 5;
type Cmd = Packet["cmd"];
/** A packet from the edge, of that kind. */
export type Heard<C extends Cmd> = Extract<Packet, { cmd: C }>;

const ASKING: Asking = {
  method: "GET",
  path: "/mqtt",
  headers: new Headers(),
  peer: { address: "127.0.0.1", tls: null },
};

export class Peer extends StillSocket {
  readonly version: Version;
  readonly heard: Packet[] = [];
  readonly #parser;

  constructor(version: Version) {
    super();
    this.version = version;
    this.#parser = parser({ protocolVersion: version });
    this.#parser.on("packet", (packet) => this.heard.push(packet));
    this.onSent = (bytes) => this.#parser.parse(Buffer.from(bytes));
  }

  /** Connected to the edge, and not yet to its MQTT. */
  static async open(rig: StillEdge, version: Version = 5, asking: Partial<Asking> = {}): Promise<Peer> {
    const peer = new Peer(version);
    (await rig.edge.mqtt.open()).accept(peer.socket, { ...ASKING, ...asking });
    peer.open();
    return peer;
  }

  /** After its CONNACK. */
  static async connect(
    rig: StillEdge,
    { version = 5, asking = {}, ...connect }: Partial<Heard<"connect">> & {
      version?: Version;
      asking?: Partial<Asking>;
    } = {},
  ): Promise<Peer> {
    const peer = await Peer.open(rig, version, asking);
    peer.say({ cmd: "connect", clientId: "c1", clean: true, keepalive: 0, ...connect });
    return await peer.answered(rig);
  }

  /** Its CONNECT is: that takes a few turns, as whoever proves it may have to be asked. */
  async answered(rig: StillEdge): Promise<this> {
    for (let i = 0; i < 100 && this.heard.length === 0 && this.closed === null; i++) await rig.pass(0);
    return this;
  }

  bytes(packet: Packet): Uint8Array {
    const versioned = packet.cmd === "connect" ? { protocolVersion: this.version, ...packet } : packet;
    return new Uint8Array(generate(versioned, { protocolVersion: this.version }));
  }

  say(packet: Packet): void {
    this.receive(this.bytes(packet));
  }

  publish(topic: string, payload: Uint8Array | string, rest: Partial<Heard<"publish">> = {}): void {
    const body = typeof payload === "string" ? payload : Buffer.from(payload);
    this.say({ cmd: "publish", topic, payload: body, qos: 1, messageId: 1, dup: false, retain: false, ...rest });
  }

  all<C extends Cmd>(cmd: C): Heard<C>[] {
    return this.heard.filter((packet): packet is Heard<C> => packet.cmd === cmd);
  }

  /** The first of that kind. */
  one<C extends Cmd>(cmd: C): Heard<C> {
    const [packet] = this.all(cmd);
    if (!packet) {
      throw new Error(`Cannot find a ${cmd} among ${this.heard.map(({ cmd }) => cmd).join(", ") || "nothing"}`);
    }
    return packet;
  }

  get acknowledged(): number[] {
    return this.all("puback").filter(({ reasonCode = 0 }) => reasonCode < 0x80).map(({ messageId }) => messageId!);
  }
}
