import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { zeroCounters } from "../../../edge/counters.ts";
import { TrafficReports } from "../../../edge/ingest/traffic/reports.ts";
import { AltitudeDatum } from "../../../proto/gen/slipstream/v1/traffic_pb.ts";
import { World } from "../../simulation/world.ts";
import { AIRCRAFT, desk } from "./desk.ts";

describe("TrafficReports", () => {
  it("tells the aggregator at once, and then of each the newest a few times a second", async () => {
    const { reports, told, pass, countsOf } = desk();
    const hear = reports.receiver();
    await pass(1000);
    for (let i = 0; i < 10; i++) {
      hear({ ...AIRCRAFT, latE7: AIRCRAFT.latE7 + i });
      await pass(50);
    }
    await pass(1000);
    const times = told.map(({ atMs }) => atMs);
    const rests = times.slice(1).map((atMs, i) => atMs - times[i]!);
    assertEquals([times[0], rests.every((ms) => ms >= 200 && ms <= 220)], [1000, true], `${times}`);
    assertEquals(countsOf(), [10, 4, 6, 0, 0]);
  });

  it("says all that a transmitter said, and nothing else", async () => {
    const world = new World(1);
    const sent: unknown[] = [];
    const reports = new TrafficReports({
      ...{ counters: zeroCounters(), own: new Set<string>(), clock: () => world.nowMs, soon: (fn) => fn() },
      after: (ms, fn) => world.after(ms, fn),
      tell: ({ value }) => sent.push(...value.reports) > 0,
    });
    const hear = reports.receiver();
    hear({ ...AIRCRAFT, ageS: 2 });
    const unknown = { name: null, altitude: null, trackCdeg: null, speedCms: null, climbCms: null, airborne: null };
    await world.run(100);
    hear({ ...AIRCRAFT, source: "remote-id", address: "0a", crewed: false, ...unknown });
    await world.run(200);
    assertEquals(sent, [{
      ...{ id: "adsb:4ca123", name: "SWR12", crewed: true, latE7: 473_977_400, lonE7: 85_455_900 },
      ...{ altMm: 457_200, altDatum: AltitudeDatum.PRESSURE, trackCdeg: 9000, speedCms: 6173, climbCms: -325 },
      ...{ airborne: true, ageMs: 2000 },
    }, { id: "rid:0a", name: "", crewed: false, latE7: 473_977_400, lonE7: 85_455_900, ageMs: 0 }]);
  });

  it("is freshest first: what is older than what was heard is nothing new", async () => {
    const { reports, told, pass, countsOf } = desk();
    const [one, other] = [reports.receiver(), reports.receiver()];
    one(AIRCRAFT);
    other({ ...AIRCRAFT, ageS: 3 });
    await pass(1000);
    assertEquals([told.length, told[0]?.ages, countsOf()], [1, [0], [2, 1, 1, 0, 0]]);
  });

  it("keeps where each was last for an aggregator that is away, and says how old that is", async () => {
    const { reports, told, pass, state, countsOf } = desk();
    const hear = reports.receiver();
    state.isConnected = false;
    hear(AIRCRAFT);
    await pass(500);
    hear(AIRCRAFT);
    await pass(2500);
    state.isConnected = true;
    reports.check();
    await pass(100);
    assertEquals([told.length, told[0]?.ages, countsOf()], [1, [2500], [2, 1, 1, 0, 0]]);
    state.isConnected = false;
    await pass(1000);
    hear(AIRCRAFT);
    await pass(61_000);
    state.isConnected = true;
    reports.check();
    await pass(100);
    assertEquals([told.length, countsOf()], [1, [3, 1, 2, 0, 0]]);
  });

  it("takes no more of one who hears than its share, until what it heard has fallen silent", async () => {
    const { reports, pass, countsOf } = desk();
    const [liar, honest] = [reports.link(3), reports.link(3)];
    for (let i = 0; i < 10; i++) liar({ ...AIRCRAFT, address: `f0000${i}` });
    honest(AIRCRAFT);
    liar(AIRCRAFT);
    await pass(1000);
    assertEquals(countsOf(), [12, 4, 1, 7, 0]);
    await pass(60_000);
    reports.check();
    liar({ ...AIRCRAFT, address: "f00009" });
    await pass(100);
    assertEquals(countsOf(), [13, 5, 1, 7, 0]);
  });

  it("takes two thousand aircraft altogether, in messages of a few hundred", async () => {
    const { reports, told, pass, countsOf } = desk();
    const hear = reports.receiver();
    for (let i = 0; i < 2001; i++) hear({ ...AIRCRAFT, address: (0x100000 + i).toString(16) });
    await pass(100);
    assertEquals([told.length, Math.max(...told.map(({ ids }) => ids.length)), countsOf()], [8, 256, [
      ...[2001, 2000, 0, 1, 0],
    ]]);
  });

  it("says nothing of our own drones", async () => {
    const { reports, told, pass, countsOf } = desk({ own: ["rid:0a"] });
    reports.receiver()({ ...AIRCRAFT, source: "remote-id", address: "0a" });
    await pass(100);
    assertEquals([told, countsOf()], [[], [1, 0, 0, 0, 1]]);
  });
});
