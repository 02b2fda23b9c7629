// What the package is to browsers, Deno and Bun: sockets are the global ones, and records are kept in memory.
import { TELEMETRY_SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from "../../../proto/words.ts";
import { Drone, type DroneSettings } from "./drone.ts";
import { MACHINE } from "./machine.ts";
import { NO_STORE, type RecordStore } from "./record_store.ts";

export type { Alert } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
export { AlertKind, AlertSeverity, AlertState } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
export { RecordFlag } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
export type { LossReason } from "./downlink.ts";
export type { Drone, DroneSettings } from "./drone.ts";
export type { Measurement } from "./measurement.ts";
export { EdgeRefusal, FieldError, LossError } from "./problem.ts";
export type { KeptRecords, RecordStore } from "./record_store.ts";
export type { TokenSource } from "./tokens.ts";

/** What a page may decide. */
export interface WebDroneSettings extends DroneSettings {
  /** Keeps records beyond the life of the page; by default they are kept in memory. */
  store?: RecordStore;
}

/** Connects, and goes on. @throws {FieldError} naming the setting that cannot be used */
export function openDrone({ store = NO_STORE, ...settings }: WebDroneSettings): Drone {
  // A browser tells nobody by which status it was refused.
  const connect = (edge: string, token: string | null) =>
    new WebSocket(edge, [TELEMETRY_SUBPROTOCOL, ...token === null ? [] : [TOKEN_SUBPROTOCOL_PREFIX + token]]);
  return new Drone(settings, { ...MACHINE, connect, store });
}
