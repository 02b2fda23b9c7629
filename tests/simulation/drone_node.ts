// A drone of the simulated system: the client that drones use, records that grow, and the memory of what was promised.
import { create } from "@bufbuild/protobuf";
import { type Telemetry, TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../sim/drone_client.ts";
import type { World } from "./world.ts";

const BOOT_ID = 7;
const PERIOD_MS = 100;

export class DroneNode {
  readonly droneId: string;
  readonly #world: World;
  readonly #client: DroneClient;
  readonly #clockMs: number;
  #seq = 0;
  #flying = true;
  /** Sequence numbers handed to the client; it forgets one only when it is acknowledged. */
  sent = 0;

  constructor(
    world: World,
    { droneId, clockMs, connect }: { droneId: string; clockMs: number; connect: () => WebSocket },
  ) {
    this.#world = world;
    this.droneId = droneId;
    this.#clockMs = clockMs;
    const identity = { droneId, bootId: BOOT_ID };
    const quick = { backoffMinMs: 50, backoffMaxMs: 1000, stableAfterMs: 2000, silentMsMax: 5000 };
    this.#client = new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, ...quick, identity }, {
      connect,
      random: world.random,
      now: () => this.#clockMs + world.nowMs,
      clock: () => world.nowMs,
      after: (ms, fn) => world.after(ms, fn),
    });
  }

  get unacknowledged(): number {
    return this.#client.unacknowledged;
  }

  /** Takes off, and measures until told to stop. */
  start(): void {
    this.#client.open();
    const stop = this.#world.every(PERIOD_MS, () => {
      if (this.#flying) this.#measure();
      else stop();
    });
  }

  /** Measures no more; what is not acknowledged is still sent. */
  land(): void {
    this.#flying = false;
  }

  /** Identities of all records handed over and acknowledged: those that the client no longer keeps. */
  acknowledged(): string[] {
    const kept = new Set(this.#client.unacknowledgedSeqs);
    return this.#identities().filter((_, i) => !kept.has(i + 1));
  }

  /** Identities of all records handed over. */
  all(): string[] {
    return this.#identities();
  }

  #identities(): string[] {
    return Array.from({ length: this.sent }, (_, i) => `${this.droneId}/${BOOT_ID}/${i + 1}`);
  }

  #measure(): void {
    const records = [this.#record("position")];
    if (this.#world.random() < 0.5) records.push(this.#record("battery"));
    if (this.#world.random() < 0.3) records.push(this.#record("obstacles"));
    if (this.#client.send(records) !== "accepted") this.#seq -= records.length;
    else this.sent += records.length;
  }

  #record(kind: "position" | "battery" | "obstacles"): Telemetry {
    const seq = ++this.#seq;
    const eventTimeUs = BigInt(Math.round((this.#clockMs + this.#world.nowMs) * 1000));
    const moved = this.#world.between(0, 40) * seq;
    const body = kind === "position"
      ? {
        case: kind,
        value: { latE7: 470_000_000 + moved, lonE7: 80_000_000, altMslMm: 500_000, fixType: 3, vnCms: 300 },
      }
      : kind === "battery"
      ? { case: kind, value: { id: 0, voltageMv: 15_000, remainingCpct: 9000 - seq } }
      : {
        case: kind,
        value: { sensorId: 1, maxRangeCm: 2000, hits: [{ bearingCdeg: 0, rangeCm: this.#world.between(500, 1500) }] },
      };
    return create(TelemetrySchema, { seq, eventTimeUs, flags: 3, body });
  }
}
