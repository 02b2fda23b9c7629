// Drones that meet an obstacle, and another, and another: each raises an alert, and ends it.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { systemPlatform } from "../../platform/system.ts";
import { TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";

const PERIOD_MS = 100;
/** Of so many periods a drone sees something in the first, and nothing in the rest. */
const ROUND = 20;
const NEAR = 6;
const [IN_AIR, ON_GROUND] = [3, 0];
const HIT = { bearingCdeg: 0, elevationCdeg: 0, rangeCm: 300 };

type Body = NonNullable<MessageInitShape<typeof TelemetrySchema>["body"]>;

export class TroubledDrones {
  readonly #clients: DroneClient[];
  readonly #timer: ReturnType<typeof setInterval>;
  #periods = 0;

  constructor({ url, drones }: { url: string; drones: number }) {
    this.#clients = Array.from(
      { length: drones },
      (_, i) =>
        new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, identity: { droneId: `troubled-${i + 1}`, bootId: 1 } }, {
          ...systemPlatform("sim"),
          connect: () => new WebSocket(url, "slipstream.v1"),
        }),
    );
    for (const client of this.#clients) client.open();
    this.#timer = setInterval(() => this.#measure(), PERIOD_MS);
  }

  get unacknowledged(): number {
    return this.#clients.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0);
  }

  /** They say that they are on the ground, and measure no more; what is not acknowledged is still sent. */
  land(): void {
    clearInterval(this.#timer);
    this.#measure(ON_GROUND);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #measure(flags = IN_AIR): void {
    const eventTimeUs = BigInt(Date.now()) * 1000n;
    const period = this.#periods++;
    const record = (seq: number, body: Body) => create(TelemetrySchema, { seq, eventTimeUs, flags, body });
    for (const [i, client] of this.#clients.entries()) {
      const hits = (period + 3 * i) % ROUND < NEAR ? [HIT] : [];
      const lonE7 = 80_000_000 + i * 1_000_000;
      client.send([
        record(2 * period + 1, {
          case: "position",
          value: { latE7: 480_000_000, lonE7, altMslMm: 500_000, fixType: 3, hAccMm: 500 },
        }),
        record(2 * period + 2, { case: "obstacles", value: { sensorId: 1, maxRangeCm: 5000, hits } }),
      ]);
    }
  }
}
