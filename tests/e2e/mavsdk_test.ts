// Vehicles whose autopilot is MAVSDK against the running system: their telemetry arrives field for field, and MAVSDK tells its
// program of the warnings.
import { describe, it } from "@std/testing/bdd";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { Command } from "./command.ts";
import { freePort } from "./free_port.ts";
import { checkEncounter, encounter, TCP, UDP } from "./mavlink_encounter.ts";
import { System } from "./system.ts";

const hasMavsdk = await new Command("python3", ["-c", "import mavsdk.plugins.mavlink_direct_server"]).succeeds();

describe("the running system, for vehicles by MAVSDK", () => {
  const WAYS = [[UDP, "udpout", true], [TCP, "tcpout", noticesBrokenSockets()]] as const;
  for (const [{ name, setting }, scheme, hasWay] of WAYS) {
    it(`takes their telemetry over ${name}, and warns them`, { ignore: !hasMavsdk || !hasWay }, async () => {
      const port = `${freePort()}`;
      await using system = await System.start({ edgeEnv: { [setting]: port } });
      const flown = await encounter("mavsdk_vehicles.py", [`${scheme}://127.0.0.1:${port}`]);
      await checkEncounter(system, flown, { isTimed: false, currentCa: null });
    });
  }
});
