// Two drones that fly toward each other until both are warned.
import { create } from "@bufbuild/protobuf";
import { type Alert, AlertKind } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { systemPlatform } from "../../platform/system.ts";

/** What came of it, of the drone that was warned last, in ms. */
export interface Warned {
  /** From the first position. */
  afterMs: number;
  /** From the measurement that caused the warning. */
  latencyMs: number;
}

const PERIOD_MS = 100;
const SPEED_MPS = 15;
const E7_PER_M = 89.932;
/** They are warned half a minute before they meet: some two seconds after they were first heard. */
const APART_M = 1010;

export class HeadOnPair {
  readonly #clients: DroneClient[];
  readonly #warned: (Warned | null)[] = [null, null];
  readonly #beganMs = Date.now();
  readonly #timer: ReturnType<typeof setInterval>;
  /** Records handed over, of each. */
  #sent = 0;

  /** `name`: begins their ids; `lonE7`: where, far from all others. */
  constructor({ url, name, lonE7 }: { url: string; name: string; lonE7: number }) {
    this.#clients = [1, -1].map((_, i) =>
      new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, identity: { droneId: `${name}-${i + 1}`, bootId: 1 } }, {
        ...systemPlatform("sim"),
        connect: () => new WebSocket(url, "slipstream.v1"),
        onAlert: (alert) => this.#warn(i, alert),
      })
    );
    for (const client of this.#clients) client.open();
    this.#timer = setInterval(() => this.#measure(lonE7), PERIOD_MS);
  }

  /** Null: not both are warned yet. */
  get warned(): Warned | null {
    const [first, second] = this.#warned;
    if (!first || !second) return null;
    return first.afterMs > second.afterMs ? first : second;
  }

  get sent(): number {
    return 2 * this.#sent;
  }

  get unacknowledged(): number {
    return this.#clients.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0);
  }

  /** They measure no more; what is not acknowledged is still sent. */
  land(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.land();
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #measure(lonE7: number): void {
    const nowMs = Date.now();
    this.#sent++;
    for (const [i, client] of this.#clients.entries()) {
      const speedMps = i === 0 ? SPEED_MPS : -SPEED_MPS;
      const northM = -Math.sign(speedMps) * APART_M / 2 + speedMps * (nowMs - this.#beganMs) / 1000;
      const latE7 = 480_000_000 + Math.round(northM * E7_PER_M);
      const value = { latE7, lonE7, altMslMm: 500_000, vnCms: speedMps * 100, fixType: 3, hAccMm: 500 };
      const body = { case: "position", value } as const;
      client.send([create(TelemetrySchema, { seq: this.#sent, eventTimeUs: BigInt(nowMs) * 1000n, flags: 3, body })]);
    }
  }

  #warn(i: number, { kind, path }: Alert): void {
    if (kind !== AlertKind.CONFLICT || this.#warned[i]) return;
    const nowMs = Date.now();
    this.#warned[i] = { afterMs: nowMs - this.#beganMs, latencyMs: nowMs - Number(path?.eventTimeUs ?? 0n) / 1000 };
  }
}
