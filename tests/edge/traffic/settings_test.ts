import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../../edge/config.ts";
import { memberConfig } from "../../../edge/member/settings.ts";

const read = (SLIPSTREAM_SBS_1: string, SLIPSTREAM_TRAFFIC_OWN = "") =>
  readEdgeConfig({ SLIPSTREAM_SBS_1, SLIPSTREAM_TRAFFIC_OWN }).traffic;

describe("the settings of traffic", () => {
  it("say where receivers are, and who is the fleet's own", () => {
    assertEquals(readEdgeConfig({}).traffic, { sbs1: [], own: new Set<string>() });
    assertEquals(read("127.0.0.1:30003, [::1]:30003,site.example:1", "rid:0a,adsb:4ca123"), {
      sbs1: [{ host: "127.0.0.1", port: 30_003 }, { host: "::1", port: 30_003 }, { host: "site.example", port: 1 }],
      own: new Set(["rid:0a", "adsb:4ca123"]),
    });
  });

  it("are refused where they name no place, and no transmitter", () => {
    for (const place of ["127.0.0.1", ":30003", "a:0", "a:65536", "a b:1", "::1:30003"]) {
      assertThrows(() => read(place), TypeError, "SLIPSTREAM_SBS_1");
    }
    assertThrows(() => read("", "4ca123"), TypeError, "SLIPSTREAM_TRAFFIC_OWN");
  });

  it("have the first edge of a node ask the receivers, and all know who is the fleet's own", () => {
    const config = readEdgeConfig({ SLIPSTREAM_SBS_1: "127.0.0.1:30003", SLIPSTREAM_TRAFFIC_OWN: "rid:0a" });
    const of = (number: number) =>
      memberConfig(config, { number, of: 2, port: 1, mqttPort: null, ratePerS: 1 }).traffic;
    assertEquals([of(1).sbs1.length, of(2).sbs1.length, of(2).own], [1, 0, new Set(["rid:0a"])]);
  });
});
