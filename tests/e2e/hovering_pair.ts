// Two drones that hover side by side, and go on telling it.
import { create } from "@bufbuild/protobuf";
import { TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { systemPlatform } from "../../platform/system.ts";

const PERIOD_MS = 100;
const E7_PER_M = 89.932;

export class HoveringPair implements AsyncDisposable {
  readonly #clients: DroneClient[];
  readonly #timer: ReturnType<typeof setInterval>;
  #sent = 0;

  constructor(url: string, { apartM }: { apartM: number }) {
    this.#clients = ["hover-1", "hover-2"].map((droneId) =>
      new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, identity: { droneId, bootId: 1 } }, {
        ...systemPlatform("sim"),
        connect: () => new WebSocket(url, "slipstream.v1"),
        onAlert: () => {},
      })
    );
    for (const client of this.#clients) client.open();
    this.#timer = setInterval(() => this.#measure(apartM), PERIOD_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #measure(apartM: number): void {
    const eventTimeUs = BigInt(Date.now()) * 1000n;
    this.#sent++;
    for (const [i, client] of this.#clients.entries()) {
      const latE7 = 480_000_000 + Math.round(i * apartM * E7_PER_M);
      const value = { latE7, lonE7: 80_000_000, altMslMm: 500_000, fixType: 3, hAccMm: 500, vAccMm: 500 };
      client.send([create(TelemetrySchema, {
        ...{ seq: this.#sent, eventTimeUs, flags: 3 },
        body: { case: "position", value },
      })]);
    }
  }
}
