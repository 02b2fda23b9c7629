// What a record costs an edge by each protocol that a drone may speak: from the bytes of its message to the answer, without
// the socket. The way of a WebSocket in protobuf stands beside the others.
import { Buffer } from "node:buffer";
import { fromBinary, toJsonString } from "@bufbuild/protobuf";
import { generate } from "mqtt-packet";
import { readEdgeConfig } from "../../edge/config.ts";
import { zeroCounters } from "../../edge/counters.ts";
import { createDrones, type Drones } from "../../edge/drones/drones.ts";
import { JSON_FRAMES } from "../../edge/ingest/json/messages.ts";
import type { Ends } from "../../edge/ingest/carrier/carrier.ts";
import { readKeys } from "../../edge/ingest/mavlink/keys.ts";
import { Links } from "../../edge/ingest/mavlink/links.ts";
import { Tally } from "../../edge/ingest/mavlink/tally.ts";
import { Mqtt } from "../../edge/ingest/mqtt/mqtt.ts";
import { Telemetry } from "../../edge/ingest/telemetry.ts";
import { accept, type Language } from "../../edge/ingest/websocket.ts";
import { Ledger } from "../../edge/overload/ledger.ts";
import { LossLog } from "../../edge/overload/loss_log.ts";
import { OPEN_GATE } from "../../identity/gate.ts";
import { ANYONE } from "../../identity/identity.ts";
import { systemPlatform } from "../../platform/system.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { FRAME_BYTES_MAX, FRAME_RECORDS_MAX } from "../../proto/words.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import { Mavlink } from "../../wasm/mavlink.ts";
import { MavlinkFrames } from "../../sim/mavlink_frames.ts";
import type { BenchCase, Iteration } from "./bench_case.ts";
import { loadUnlimitedHotPath } from "./hot_path.ts";
import { Traffic } from "./hot_path_traffic.ts";

const DRONE = { kind: "position", recordsPerFrame: 1, drones: 1, fate: "kept" } as const;
const GREETING = { serverTimeUs: 0n, session: 1n, edgeId: "", version: "", protocol: 0, cutOff: false };
const CARRIER = { open: true, bufferedBytes: 0, send: () => {}, close: () => {} };
const NOTE = "from the message's bytes to the acknowledgement's, without the socket";
/** So many are sealed, journalled and acknowledged together. */
const BATCH_RECORDS = 50;

export async function protocolCases(): Promise<BenchCase[]> {
  const webSocket = await Way.bySocket();
  const [mqtt, json] = [await Way.byMqtt(), await Way.bySocket(JSON_FRAMES, jsonOf)];
  const mavlink = await Way.byMavlink();
  const beside = (name: string, way: Way): BenchCase => ({
    name: `protocols: ${name}, 1 record`,
    unit: "a record",
    units: BATCH_RECORDS,
    ours: way.iteration,
    limit: { name: "WebSocket, protobuf", run: webSocket.iteration },
    note: NOTE,
  });
  return [
    beside("MQTT 5, QoS 1", mqtt),
    beside("WebSocket, JSON", json),
    { ...beside("WebSocket, MAVLink 2", mavlink), note: `${NOTE}; a position and its fix, which nobody acknowledges` },
  ];
}

/** An edge without sockets and uplink, and one drone that speaks to it. */
class Way {
  readonly #drones: Drones;
  readonly #hotPath: HotPath;
  readonly #messages: (() => unknown)[];
  readonly #take: (message: unknown) => void;
  /** Messages to the drone. */
  answers = 0;

  private constructor(of: {
    drones: Drones;
    hotPath: HotPath;
    messages: (() => unknown)[];
    take: (message: unknown) => void;
  }) {
    this.#drones = of.drones;
    this.#hotPath = of.hotPath;
    this.#messages = of.messages;
    this.#take = of.take;
  }

  static async bySocket(language?: Language, encode: (frame: Uint8Array) => unknown = (frame) => frame): Promise<Way> {
    const { drones, hotPath, telemetry } = await edgeParts();
    const traffic = new Traffic(DRONE);
    const socket = { readyState: WebSocket.OPEN, bufferedAmount: 0, send: () => {} } as unknown as WebSocket;
    accept(socket, {
      hello: () => ({ ...GREETING, frameBytesMax: 1, frameRecordsMax: 1 }),
      connections: drones.connections,
      receive: (connection, frame) => void telemetry.receive(connection, frame),
      onUnreadable: (connection, fault) => telemetry.unreadable(connection, fault),
      attempt,
      onTooLarge: () => {},
      ...language && { language },
    });
    const messages = Array.from({ length: BATCH_RECORDS }, () => () => encode(traffic.next()));
    return new Way({ drones, hotPath, messages, take: (data) => socket.onmessage!({ data } as MessageEvent) });
  }

  static async byMqtt(): Promise<Way> {
    const { drones, hotPath, telemetry } = await edgeParts();
    const traffic = new Traffic(DRONE);
    let ms = 0;
    const mqtt = new Mqtt({
      ...{ ...systemPlatform("bench"), ...drones, gate: OPEN_GATE, frames: hotPath, attempt },
      // Nobody sends so much in a second: it would be a flood.
      clock: () => ms++,
      receive: (connection, frame, only) => telemetry.receive(connection, frame, only),
      onUnreadable: (connection, fault) => telemetry.unreadable(connection, fault),
      refusesConnections: () => null,
      heldMs: () => 0,
      onLinkLost: () => {},
    });
    const peer = { address: "127.0.0.1", tls: null };
    const ends: Ends = mqtt.take(CARRIER, { method: "GET", path: "/mqtt", headers: new Headers(), peer });
    ends.bytes(generate({ cmd: "connect", clientId: "d", clean: true, keepalive: 0, protocolVersion: 5 }));
    const { droneId } = fromBinary(TelemetryFrameSchema, traffic.next());
    // It is let in when whoever proves it has been asked.
    while (drones.connections.size === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    const topic = `fleet/${droneId}/telemetry`;
    const messages = Array.from({ length: BATCH_RECORDS }, (_, i) => () => {
      const payload = Buffer.from(traffic.next());
      const publish = { cmd: "publish", topic, payload, qos: 1, messageId: i + 1, dup: false, retain: false } as const;
      return generate(publish, { protocolVersion: 5 });
    });
    return new Way({ drones, hotPath, messages, take: (data) => ends.bytes(data as Uint8Array) });
  }

  static async byMavlink(): Promise<Way> {
    const { drones, hotPath, telemetry } = await edgeParts();
    const traffic = new Traffic(DRONE);
    const links = new Links(await Mavlink.load(), {
      ...{
        ...systemPlatform("bench"),
        ...drones,
        attempt,
        tally: new Tally(),
        keys: await readKeys(null),
        names: null,
        tellsIntruders: false,
        traffic: { link: () => () => {} },
      },
      receive: (connection, frame) => void telemetry.receive(connection, frame),
      refusesConnections: () => null,
    });
    const ends = links.take(CARRIER, ANYONE);
    const frames = new MavlinkFrames();
    const messages = Array.from({ length: BATCH_RECORDS }, () => () => {
      const { records: [record] } = fromBinary(TelemetryFrameSchema, traffic.next());
      return Buffer.concat(frames.of(record!));
    });
    return new Way({ drones, hotPath, messages, take: (data) => ends.bytes(data as Uint8Array) });
  }

  /** A batch of frames, of which each is a message of its own; making the messages does not count. */
  get iteration(): Iteration {
    return ({ start, end }) => {
      const messages = this.#messages.map((make) => copyOf(make()));
      start();
      for (const message of messages) this.#take(message);
      const { receipt, records } = this.#hotPath.seal(LaneIndex.safety)!;
      this.#hotPath.settle(receipt);
      this.#drones.acknowledgements.settle(receipt);
      this.#drones.acknowledgements.send();
      end();
      if (records !== BATCH_RECORDS) throw new Error(`Cannot trust the protocols: ${records} records were taken`);
    };
  }
}

async function edgeParts(): Promise<{ drones: Drones; hotPath: HotPath; telemetry: Telemetry }> {
  const [platform, config, counters] = [systemPlatform("bench"), readEdgeConfig({}), zeroCounters()];
  const ledger = new Ledger(counters);
  const hotPath = await loadUnlimitedHotPath();
  const drones = await createDrones({
    ...{ config, kv: null, hotPath, counters, ledger, platform, gate: OPEN_GATE, nowUs: () => 0n, attempt },
    tell: () => {},
  });
  const telemetry = new Telemetry({
    ...{ ...drones, hotPath, ledger, losses: new LossLog(platform), counters, gate: OPEN_GATE, ...platform },
    onWaiting: () => {},
    frameRecordsMax: Math.min(FRAME_RECORDS_MAX, FRAME_BYTES_MAX),
  });
  return { drones, hotPath, telemetry };
}

function attempt(fn: () => void): boolean {
  fn();
  return true;
}

function jsonOf(frame: Uint8Array): string {
  return toJsonString(TelemetryFrameSchema, fromBinary(TelemetryFrameSchema, frame));
}

// A frame is good until the next one.
function copyOf(message: unknown): unknown {
  return message instanceof Uint8Array ? message.slice() : message;
}
