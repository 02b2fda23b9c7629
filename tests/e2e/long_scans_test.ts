import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { systemPlatform } from "../../platform/system.ts";
import { connectPromptly } from "../../platform/prompt_socket.ts";
import { scan, span } from "../clients/client_rig.ts";
import { System, until } from "./system.ts";

/** 64 of them are longer than a frame may be, and as many are within what a drone may send at once. */
const SCANS = 150;
const HITS = 72;

describe("a drone with a backlog of long scans", () => {
  it("gets rid of it: no frame is refused for its length, and the connection stays", async () => {
    await using system = await System.start();
    const identity = { droneId: "scanner", bootId: 1 };
    const platform = systemPlatform("sim");
    const drone = new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, identity }, {
      ...platform,
      connect: () => connectPromptly(system.telemetryUrl, TELEMETRY_SUBPROTOCOL),
    });
    const eventTimeUs = BigInt(Math.floor(platform.now() * 1000));
    assertEquals(drone.send(span(0, SCANS).map((seq) => ({ ...scan(seq, HITS), eventTimeUs }))), "accepted");
    drone.open();
    await until("all scans are acknowledged", () => Promise.resolve(drone.unacknowledged === 0));
    const { reconnects, lost, faults, acknowledgedRecords } = drone.counters;
    assertEquals([reconnects, faults, acknowledgedRecords, lost.invalid], [0, 0, SCANS, 0]);
    await drone.close();
    await system.stop();
  });
});
