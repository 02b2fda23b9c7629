// A drone's client on fake sockets, in virtual time, and everything that it tells.
import { create } from "@bufbuild/protobuf";
import { FakeTime } from "@std/testing/time";
import { type Telemetry, TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { LossReason } from "../../clients/typescript/src/downlink.ts";
import {
  DEFAULT_CLIENT_SETTINGS,
  DroneClient,
  type DroneClientSettings,
} from "../../clients/typescript/src/drone_client.ts";
import { FakeSocket } from "./fake_socket.ts";

/** Of one client. */
export interface RigSettings extends Partial<DroneClientSettings> {
  random?: number;
  onConnect?: (socket: FakeSocket) => void;
}

export class ClientRig implements Disposable {
  readonly time = new FakeTime(1_760_000_000_000);
  readonly sockets: FakeSocket[] = [];
  readonly alerts: bigint[] = [];
  readonly lost: [seqs: number[], reason: LossReason][] = [];
  readonly faults: number[] = [];
  /** That were started. */
  timers = 0;
  onAlert = () => {};

  client({ random = 0.5, onConnect = () => {}, ...settings }: RigSettings = {}): DroneClient {
    const identity = { droneId: "d", bootId: 1 };
    return new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, identity, ...settings }, {
      connect: () => {
        const fake = new FakeSocket();
        this.sockets.push(fake);
        onConnect(fake);
        return fake.socket;
      },
      random: () => random,
      now: () => Date.now(),
      clock: () => Date.now(),
      after: (ms, fn) => {
        this.timers++;
        const timer = setTimeout(fn, ms);
        return () => clearTimeout(timer);
      },
      onAlert: ({ alertId }) => {
        this.onAlert();
        this.alerts.push(alertId);
      },
      onLost: (seqs, reason) => this.lost.push([seqs, reason]),
      onFault: (_, frames) => this.faults.push(frames),
    });
  }

  connected(settings: RigSettings = {}): { drone: DroneClient; socket: FakeSocket } {
    const drone = this.client(settings);
    drone.open();
    const socket = this.sockets[0]!;
    socket.accept();
    return { drone, socket };
  }

  /** The socket of the latest connection. */
  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  [Symbol.dispose](): void {
    this.time.restore();
  }
}

/** Battery readings, which are short. */
export function records(...seqs: number[]): Telemetry[] {
  return seqs.map((seq) => create(TelemetrySchema, { seq, body: { case: "battery", value: { id: 0 } } }));
}

/** From `first`, so many. */
export function span(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** A scan with so many hits, each with everything that a hit can have: 27 bytes. */
export function scan(seq: number, hits: number): Telemetry {
  const hit = { bearingCdeg: -17_999, elevationCdeg: -8999, rangeCm: 2 ** 32 - 1, rangeRateCms: -(2 ** 31) };
  const value = { sensorId: 1, maxRangeCm: 4000, hits: Array.from({ length: hits }, () => hit) };
  return create(TelemetrySchema, { seq, eventTimeUs: 1n, body: { case: "obstacles", value } });
}
