// What the package is to Node: sockets by `ws`, and records that can be kept in a file.
import { randomUUID } from "node:crypto";
import { Drone, type DroneSettings } from "./drone.ts";
import { FileStore } from "./file_store.ts";
import { FieldError } from "./problem.ts";
import { MACHINE } from "./machine.ts";
import { connectNode, type SocketTls } from "./node_socket.ts";
import { MqttSocket } from "./mqtt_socket.ts";
import { TELEMETRY_SUBPROTOCOL } from "../../../proto/words.ts";
import { NO_STORE } from "./record_store.ts";

export type { Alert } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
export { AlertKind, AlertSeverity, AlertState } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
export { RecordFlag } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
export type { LossReason } from "./downlink.ts";
export type { Drone, DroneSettings } from "./drone.ts";
export type { Measurement } from "./measurement.ts";
export type { SocketTls } from "./node_socket.ts";
export { EdgeRefusal, FieldError, LossError } from "./problem.ts";
export type { TokenSource } from "./tokens.ts";

/** What a program in Node may decide. */
export interface NodeDroneSettings extends DroneSettings {
  /** Path of a file in which records are kept until they are acknowledged, whoever kills this process; one drone's own. */
  outbox?: string;
  tls?: SocketTls;
  /** What it speaks, over a WebSocket: protobuf alone, or in MQTT 5; then edges are URLs that end in /mqtt. */
  protocol?: "ws" | "mqtt";
}

/** Connects, and goes on. @throws {FieldError} naming the setting that cannot be used */
export function openDrone({ outbox, tls, protocol = "ws", ...settings }: NodeDroneSettings): Drone {
  if (protocol !== "ws" && protocol !== "mqtt") {
    throw new FieldError("protocol", "it must be ws or mqtt", { value: protocol });
  }
  const { droneId } = settings;
  return new Drone(settings, {
    ...MACHINE,
    connect: (edge, token, onRefused) => {
      const connect = (subprotocol: string) => connectNode(edge, { subprotocol, token, onRefused, ...tls && { tls } });
      if (protocol === "ws") return connect(TELEMETRY_SUBPROTOCOL);
      // Its own, so that a connection that takes over does not end the other before it is there.
      const clientId = `${droneId.slice(0, 40)}-${randomUUID().slice(0, 8)}`;
      return new MqttSocket({ droneId, clientId, connect, clock: MACHINE.clock }).socket;
    },
    store: outbox === undefined ? NO_STORE : new FileStore(outbox),
  });
}
