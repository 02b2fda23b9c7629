import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RecordFlag } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { readRecordings, type Recording } from "../../sim/recording.ts";
import { replayDurationUs, replayPlan, type ReplaySettings } from "../../sim/replay.ts";
import { hasFlights, readFlight } from "../flights.ts";

const FLIGHT = `t_ms,drone_id,lat_deg,lon_deg,alt_m,vn_mps,ve_mps,vd_mps,battery_v,battery_pct
1000,a,47.1234567,8.5,430.25,1.5,-2.25,0.1,15.2,81.5
1000,a,47.1234567,8.5,430.25,,,,,
3000,a,47.1234599,8.5,436,10,0,,15.1,
`;
const BATTERY = "t_s,drone_id,voltage_v,current_a,consumed_mah\n0.7,a,11.98,2.97,0.7\n1.7,a,12.10,0.00,1.0\n";
const START_US = 1_760_000_000_000_000;

const settings = (changes: Partial<ReplaySettings> = {}): ReplaySettings => ({
  recordings: readRecordings(FLIGHT, "a.csv"),
  speed: 1,
  copies: 1,
  bootId: 9,
  ...changes,
});

function replay(changes: Partial<ReplaySettings> = {}) {
  const traffic = replayPlan(settings(changes)).begin(START_US);
  const emissions = traffic.advance(Infinity);
  assert(traffic.ended);
  return emissions;
}

describe("readRecordings", () => {
  it("reads positions and batteries, and leaves absent what is empty", () => {
    const [recording] = readRecordings(FLIGHT, "a.csv");
    const [first, second, third] = recording!.rows;
    assertEquals(recording!.droneId, "a");
    assertEquals([first, second, third].map((row) => row?.offsetUs), [0, 0, 2_000_000]);
    const { latE7, altMslMm, veCms, vdCms, altHomeMm } = first!.position!;
    assertEquals([latE7, altMslMm, veCms, vdCms, altHomeMm], [471_234_567, 430_250, -225, 10, undefined]);
    assertEquals([first!.battery?.voltageMv, first!.battery?.remainingCpct], [15_200, 8150]);
    assertEquals(second!.battery, null);
    assertEquals([third!.battery?.voltageMv, third!.battery?.remainingCpct], [15_100, undefined]);
  });

  it("reads battery files", () => {
    const [recording] = readRecordings(BATTERY, "b.csv");
    const { voltageMv, currentCa, remainingCpct } = recording!.rows[0]!.battery!;
    assertEquals([voltageMv, currentCa, remainingCpct], [11_980, 297, undefined]);
    assertEquals(recording!.rows.map(({ position, offsetUs }) => [position, offsetUs]), [[null, 0], [null, 1_000_000]]);
  });

  const bad = [
    { name: "a wrong header", csv: "time,id\n1,a\n", says: "x.csv:1: the header" },
    { name: "too few cells", csv: `${FLIGHT}1,a\n`, says: "x.csv:5: 2 cells instead of 10" },
    { name: "text for a number", csv: FLIGHT.replace("430.25", "high"), says: 'x.csv:2: alt_m is "high"' },
    { name: "a latitude off the Earth", csv: FLIGHT.replace("47.1234599", "147"), says: "x.csv:4: lat_deg is 147" },
    { name: "no time", csv: FLIGHT.replace("3000,a", ",a"), says: "x.csv:4: t_ms is empty" },
    { name: "no id", csv: FLIGHT.replace("3000,a", "3000,"), says: "x.csv:4: drone_id has 0 bytes" },
    { name: "no rows", csv: BATTERY.split("\n")[0]!, says: "x.csv:2: there are no rows" },
  ];
  for (const { name, csv, says } of bad) {
    it(`names file and line of ${name}`, () => {
      assertStringIncludes(assertThrows(() => readRecordings(csv, "x.csv"), SyntaxError).message, says);
    });
  }

  it("names every bad row in one error", () => {
    const csv = FLIGHT.replace("430.25", "high").replace("47.1234599", "147");
    assertEquals(assertThrows(() => readRecordings(csv, "x.csv"), SyntaxError).message.split("\n").length, 2);
  });
});

describe("Replay", () => {
  it("at speed 1 sends every row live, repeats included", () => {
    const emissions = replay();
    assertEquals(emissions.map(({ records }) => records[0]!.body.case), [
      "position",
      "battery",
      "position",
      "position",
      "battery",
    ]);
    assertEquals(emissions.map(({ records }) => records[0]!.seq), [0, 1, 2, 3, 4]);
    for (const { atUs, records } of emissions) assertEquals(Number(records[0]!.eventTimeUs), atUs);
  });

  for (const speed of [0.5, 4, 100]) {
    it(`at speed ${speed} keeps the spacing of event times, none in the future`, () => {
      const emissions = replay({ speed });
      const times = emissions.map(({ records }) => Number(records[0]!.eventTimeUs));
      assertEquals(times.map((timeUs) => timeUs - times[0]!), [0, 0, 0, 2_000_000, 2_000_000]);
      for (const [i, { atUs }] of emissions.entries()) assertLessOrEqual(times[i]!, atUs);
      if (speed >= 1) assertLessOrEqual(emissions.at(-1)!.atUs - times.at(-1)!, 1);
    });
  }

  it("makes copies with ids, places and starts of their own", () => {
    const emissions = replay({ copies: 3 });
    const ids = new Set(emissions.map(({ droneId }) => droneId));
    assertEquals(ids, new Set(["a", "a-2", "a-3"]));
    const firsts = [...ids].map((id) => emissions.find(({ droneId }) => droneId === id)!);
    assertEquals(new Set(firsts.map(({ atUs }) => atUs)).size, 3);
    const lonE7 = firsts.map(({ records: [record] }) =>
      record!.body.case === "position" ? record!.body.value.lonE7 : 0
    );
    assertEquals(new Set(lonE7).size, 3);
  });

  it("joins a flight and its battery file to one drone", () => {
    const recordings = [...readRecordings(FLIGHT, "a.csv"), ...readRecordings(BATTERY, "b.csv")];
    const plan = replayPlan(settings({ recordings }));
    assertEquals(plan.drones, [{ droneId: "a", bootId: 9 }]);
    const records = plan.begin(START_US).advance(Infinity).flatMap((emission) => emission.records);
    assertEquals(records.map(({ seq }) => seq), [0, 1, 2, 3, 4, 5, 6]);
  });

  it("says of which positions the velocity is unknown", () => {
    const unknown = (csv: string) =>
      replay({ recordings: readRecordings(csv, "a.csv") })
        .map(({ records }) => (records[0]!.flags & RecordFlag.NO_VELOCITY) !== 0);
    assertEquals(unknown(FLIGHT), [false, false, true, false, false]);
    assertEquals(unknown(FLIGHT.replace(",10,0,,", ",,0,,")), [false, false, true, true, false]);
  });

  it("says in the air when fast or high, and landed at the end", () => {
    const flags = replay().map(({ records }) => records[0]!.flags & RecordFlag.IN_AIR);
    assertEquals(flags, [0, 0, 0, RecordFlag.IN_AIR, 0]);
  });
});

describe("recorded flights", () => {
  const read = (name: string): Recording[] => readRecordings(readFlight(name), name);
  const table: [name: string, rows: number, seconds: number][] = [
    ["alfa_carbonz_engine_failure.csv", 662, 132.2],
    ["ap_mechanical_fail.csv", 551, 117.2],
    ["ap_octo.csv", 777, 155.4],
    ["battery_ap_mechanical_fail.csv", 110, 109],
    ["battery_ap_underpowered.csv", 430, 428.9],
    ["dji_air2s.csv", 1008, 33.6],
    ["dji_mavic2zoom.csv", 7113, 118.7],
    ["dji_mavicpro_4dec.csv", 468, 468],
    ["dji_p4rtk.csv", 55, 54],
    ["px4_cubeorange_static.csv", 32, 6.2],
  ];
  for (const [name, rows, seconds] of table) {
    it(`${name} has ${rows} rows over ${seconds} s`, { ignore: !hasFlights }, () => {
      const recordings = read(name);
      assertEquals(recordings.map((recording) => recording.rows.length), [rows]);
      assertEquals(Math.round(replayDurationUs(settings({ recordings })) / 1e5) / 10, seconds);
    });
  }

  const stands = "px4_cubeorange_static.csv";
  const flies = "alfa_carbonz_engine_failure.csv";
  it(`${stands} never takes off, ${flies} flies`, { ignore: !hasFlights }, () => {
    const airborne = (name: string) =>
      replay({ recordings: read(name) }).filter(({ records }) => records[0]!.flags !== 0).length;
    assertEquals(airborne(stands), 0);
    assertGreater(airborne(flies), 600);
  });
});
