// An aeroplane that is nobody's here, heard by a receiver of ADS-B, flies at a drone of the running system.
import { create } from "@bufbuild/protobuf";
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { systemPlatform } from "../../platform/system.ts";
import { type Alert, AlertSeverity } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { lineOf } from "../edge/traffic/lines_of.ts";
import { System, until } from "./system.ts";

const [LAT_DEG, LON_DEG, ALT_FT] = [47.4, 8.5, 1500];
const AIRCRAFT = "adsb:4ca123";
/** To the west at 120 kt: some 7 km away, a minute and a half before it passes. */
const MOTION = { kind: 4, speed: "120", track: "270", climb: "0" };
const LON_PER_S = 61.73 / (111_320 * Math.cos(LAT_DEG * Math.PI / 180));
/** A loaded machine takes its time; a drone's warning of a drone has the same limit. */
const LATENCY_MS_MAX = 1000;

/** A receiver as dump1090 is one: writes to all who connect, and reads nothing. */
class Receiver implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: Deno.TcpConn[] = [];
  /** Bytes that it was sent. */
  heard = 0;

  constructor() {
    this.#take().catch(() => undefined);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get connections(): number {
    return this.#connections.length;
  }

  async write(...lines: string[]): Promise<void> {
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(""));
    for (const connection of this.#connections) await connection.write(bytes);
  }

  cut(): void {
    for (const connection of this.#connections.splice(0)) connection.close();
  }

  async #take(): Promise<void> {
    for await (const connection of this.#listener) {
      this.#connections.push(connection);
      this.#listen(connection).catch(() => undefined);
    }
  }

  async #listen(connection: Deno.TcpConn): Promise<void> {
    for (;;) this.heard += await connection.read(new Uint8Array(64)) ?? Infinity;
  }

  [Symbol.dispose](): void {
    this.cut();
    this.#listener.close();
  }
}

/** A drone that hovers, by its own client. */
class Hoverer implements AsyncDisposable {
  readonly alerts: { alert: Alert; atMs: number }[] = [];
  readonly #client: DroneClient;
  readonly #timer: ReturnType<typeof setInterval>;
  #seq = 0;

  constructor(url: string) {
    const settings = { ...DEFAULT_CLIENT_SETTINGS, identity: { droneId: "drone-1", bootId: 1 } };
    this.#client = new DroneClient(settings, {
      ...systemPlatform("sim"),
      connect: () => new WebSocket(url, "slipstream.v1"),
      onAlert: (alert) => this.alerts.push({ alert, atMs: performance.now() }),
    });
    this.#client.open();
    this.#timer = setInterval(() => this.#measure(), 100);
  }

  #measure(): void {
    const value = { latE7: LAT_DEG * 1e7, lonE7: LON_DEG * 1e7, altMslMm: ALT_FT * 304.8, fixType: 3, hAccMm: 500 };
    const body = { case: "position", value } as const;
    const eventTimeUs = BigInt(Date.now()) * 1000n;
    this.#client.send([create(TelemetrySchema, { seq: ++this.#seq, eventTimeUs, flags: 3, body })]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#client.close();
  }
}

describe("the running system, with a receiver of ADS-B", () => {
  it("warns a drone of an aeroplane that flies at it, by its name, and tells the aeroplane nothing", async () => {
    using receiver = new Receiver();
    await using system = await System.start({ edgeEnv: { SLIPSTREAM_SBS_1: `127.0.0.1:${receiver.port}` } });
    await using drone = new Hoverer(system.telemetryUrl);
    await until("the drone flies", async () => (await system.fleet()).airspace.tracks === 1);
    await until("the receiver is heard", () => Promise.resolve(receiver.connections === 1));
    await receiver.write(lineOf({ kind: 1, callsign: "HBXYZ" }), lineOf(MOTION));
    const beganMs = performance.now();
    const lonDeg = () => LON_DEG + 45 * LON_PER_S - (performance.now() - beganMs) / 1000 * LON_PER_S;
    const place = () => ({ altitude: `${ALT_FT}`, lat: `${LAT_DEG}`, lon: lonDeg().toFixed(5) });
    await receiver.write(lineOf(place()));
    await until("the drone is warned", () => Promise.resolve(drone.alerts.length > 0));
    const [{ alert, atMs }] = drone.alerts as [Hoverer["alerts"][number]];
    assertLess(atMs - beganMs, LATENCY_MS_MAX);
    assertEquals([alert.droneIds, alert.detail, alert.severity], [["drone-1"], AIRCRAFT, AlertSeverity.WARNING]);
    assert(alert.message.includes(AIRCRAFT), alert.message);
    assert(alert.what.case === "conflict");
    const { intruder, closestHorizontalCm } = alert.what.value;
    assertEquals([intruder?.id, intruder?.crewed, intruder?.trackCdeg], [AIRCRAFT, true, 27_000]);
    assertAlmostEquals(intruder!.speedCms!, 6173, 1);
    assertAlmostEquals(intruder!.lonE7 / 1e7, LON_DEG + 45 * LON_PER_S, LON_PER_S);
    assertLess(closestHorizontalCm, 10_000);

    const { traffic } = await (await fetch(`${system.aggregator.url}/v1/traffic`)).json();
    assertEquals(traffic.map(({ id, name, altDatum }: Record<string, unknown>) => [id, name, altDatum]), [
      [AIRCRAFT, "HBXYZ", "pressure"],
    ]);
    await until("the warning is acknowledged", async () => {
      const { warnings } = await system.status();
      return warnings.acknowledged === warnings.sent;
    });

    receiver.cut();
    await until("the receiver is heard again", () => Promise.resolve(receiver.connections === 1));
    await receiver.write(lineOf({ ...place(), kind: 2 }));
    await until("it has landed", () => Promise.resolve(drone.alerts.length > 1));
    assertEquals([drone.alerts[1]?.alert.state, drone.alerts[1]?.alert.detail], [4, AIRCRAFT]);
    const { drones, records, warnings } = await system.fleet();
    assertEquals([drones, records.late, warnings.outcomes.undelivered, receiver.heard], [1, 0, 0, 0]);
  });
});
