// What the package is to Node: sockets by `ws`, and records that can be kept in a file.
import { Drone, type DroneSettings } from "./drone.ts";
import { FileStore } from "./file_store.ts";
import { MACHINE } from "./machine.ts";
import { connectNode, type SocketTls } from "./node_socket.ts";
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
}

/** Connects, and goes on. @throws {FieldError} naming the setting that cannot be used */
export function openDrone({ outbox, tls, ...settings }: NodeDroneSettings): Drone {
  return new Drone(settings, {
    ...MACHINE,
    connect: (edge, token, onRefused) => connectNode(edge, { token, onRefused, ...tls && { tls } }),
    store: outbox === undefined ? NO_STORE : new FileStore(outbox),
  });
}
