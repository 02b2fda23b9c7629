// A vehicle by pymavlink that hears an aeroplane by ADS-B is warned of it, and told where it is, by the running system.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { hasPymavlink } from "../mavlink/pymavlink.ts";
import { Command } from "./command.ts";
import { freePort } from "./free_port.ts";
import { System } from "./system.ts";

const KEY = "0123456789abcdef".repeat(4);
const SCRIPT = new URL("./clients/mavlink_receiver.py", import.meta.url).pathname;

type Message = Record<string, number | string | boolean>;

describe("the running system, for a vehicle by pymavlink that hears ADS-B", () => {
  it("warns it of what it hears, and tells it as ADSB_VEHICLE, signed", { ignore: !hasPymavlink }, async () => {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/keys`, `7 ${KEY}\n`, { mode: 0o600 });
    const port = `${freePort()}`;
    await using system = await System.start({
      edgeEnv: {
        ...{ SLIPSTREAM_MAVLINK_UDP_PORT: port, SLIPSTREAM_MAVLINK_KEYS: `${folder}/keys` },
        SLIPSTREAM_MAVLINK_ADSB: "1",
      },
    });
    const { code, stdout, stderr } = await new Command("python3", [SCRIPT, `udpout:127.0.0.1:${port}`, KEY]).output();
    assertEquals(code, 0, stderr);
    const heard = JSON.parse(stdout) as Record<string, Message>;
    const [collision, text, aircraft] = ["COLLISION", "STATUSTEXT", "ADSB_VEHICLE"].map((name) => heard[name]);
    assertEquals([collision?.signed, text?.signed, aircraft?.signed], [true, true, true]);
    assertEquals(String(text?.text).includes("adsb:4ca123"), true, String(text?.text));
    const { ICAO_address, hor_velocity, heading, emitter_type, lon, tslc } = aircraft!;
    assertEquals([ICAO_address, hor_velocity, heading, emitter_type, lon, tslc], [
      0x4ca123,
      6000,
      18_000,
      0,
      85_000_000,
      0,
    ]);
    assertAlmostEquals(Number(aircraft!.altitude), 500_000, 1);
    const { traffic } = await (await fetch(`${system.aggregator.url}/v1/traffic`)).json();
    assertEquals(traffic.map(({ id, name }: Message) => [id, name]), [["adsb:4ca123", "HBXYZ"]]);
    await Deno.remove(folder, { recursive: true });
  });
});
