import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readDataflash } from "../../sim/logs/ardupilot.ts";
import { dataflashMessages } from "../../sim/logs/dataflash.ts";
import { BAT, dataflashOf, definition, GPA, GPS, type Logged, POS } from "./dataflash_writer.ts";

const AT = { Lat: -353_632_621, Lng: 1_491_652_374, Alt: 58_412, Status: 3, NSats: 10 };

function rowsOf(...logged: Logged[]) {
  return readDataflash(dataflashOf(logged), { droneId: "a", fileName: "a.bin" }).rows;
}

function namesIn(bytes: Uint8Array<ArrayBuffer>): string[] {
  return Array.from(dataflashMessages(bytes, new Set(["GPS", "BAT"])), ({ name }) => name);
}

describe("a recording from a log of ArduPilot", () => {
  it("has the first receiver's positions, with the height and accuracy that were known then", () => {
    const rows = rowsOf(
      { kind: GPA, values: { TimeUS: 900_000, HAcc: 75, VAcc: 125 } },
      { kind: GPA, values: { TimeUS: 900_000, I: 1, HAcc: 9900, VAcc: 9900 } },
      { kind: POS, values: { TimeUS: 950_000, RelHomeAlt: 8.5 } },
      { kind: GPS, values: { ...AT, TimeUS: 1_000_000, Spd: 10, GCrs: 270, VZ: -1.5 } },
      { kind: GPS, values: { ...AT, TimeUS: 1_000_000, I: 1, Lat: 0 } },
      { kind: GPS, values: { ...AT, TimeUS: 2_000_000, Status: 1, NSats: 0, Spd: NaN } },
      { kind: GPS, values: { TimeUS: 2_500_000 } },
    );
    const { $typeName: _, ...position } = rows[0]!.position!;
    assertEquals(position, {
      ...{ latE7: -353_632_621, lonE7: 1_491_652_374, altMslMm: 584_120, altHomeMm: 8500 },
      ...{ vnCms: -0, veCms: -1000, vdCms: -150, hAccMm: 750, vAccMm: 1250, fixType: 3, satellites: 10 },
    });
    const { $typeName: _name, ...second } = rows[1]!.position!;
    assertEquals(second, {
      ...{ latE7: -353_632_621, lonE7: 1_491_652_374, altMslMm: 584_120 },
      ...{ vnCms: 0, veCms: 0, vdCms: 0, fixType: 1, satellites: 0 },
    });
    assertEquals(rows.map(({ offsetUs, hasVelocity }) => [offsetUs, hasVelocity]), [[0, true], [1_000_000, false]]);
  });

  it("has each pack's battery, and leaves absent what is not known", () => {
    const rows = rowsOf(
      { kind: GPS, values: { ...AT, TimeUS: 0 } },
      { kind: BAT, values: { TimeUS: 5, Inst: 1, Volt: 15.25, Curr: 12.5, Temp: 3150, RemPct: 81 } },
      { kind: BAT, values: { TimeUS: 6, Volt: 14, Curr: NaN, RemPct: -1 } },
      { kind: BAT, values: { TimeUS: 7, Volt: 0, Curr: NaN, RemPct: -1 } },
    );
    const batteries = rows.slice(1).map(({ battery }) => {
      const { $typeName: _, ...known } = battery!;
      return known;
    });
    assertEquals(batteries, [
      { id: 1, voltageMv: 15_250, currentCa: 1250, remainingCpct: 8100, temperatureCdegc: 3150, chargeState: 0 },
      { id: 0, voltageMv: 14_000, chargeState: 0 },
    ]);
  });

  it("leaves out what is no count or time, whatever it is called", () => {
    const floats = { ...GPS, format: "fffIHfcLLeffffB" };
    const rows = rowsOf(
      { kind: floats, values: { ...AT, TimeUS: 0.5 } },
      { kind: floats, values: { ...AT, TimeUS: 8, I: 0, Status: 2.5, NSats: -1 } },
      { kind: { ...BAT, format: "QbfffffcfbBB" }, values: { TimeUS: 9, Inst: -1, Volt: 15, RemPct: -2 } },
    );
    const { fixType, satellites } = rows[0]!.position!;
    const { id, remainingCpct } = rows[1]!.battery!;
    assertEquals([rows.length, fixType, satellites, id, remainingCpct], [2, 0, undefined, 0, undefined]);
  });

  it("is refused where nothing in it says where the drone is", () => {
    const read = (bytes: Uint8Array<ArrayBuffer>) => () => readDataflash(bytes, { droneId: "a", fileName: "a.bin" });
    const log = dataflashOf([{ kind: BAT, values: { Volt: 15 } }]);
    assertThrows(read(log), SyntaxError, "Cannot read a.bin: nothing in it says where the drone is");
    for (const bytes of [new Uint8Array(), new Uint8Array(1000), Uint8Array.from([0, ...log])]) {
      assertThrows(read(bytes), SyntaxError, "Cannot read a.bin: it is no log of ArduPilot");
    }
  });
});

describe("dataflashMessages", () => {
  const log = dataflashOf([{ kind: GPS, values: AT }, { kind: BAT, values: { Volt: 15 } }]);

  it("skips what is no message", () => {
    const noise = [0xa3, 0x95, 0xfe, 0xa3, 0, 0x95, 0xa3];
    assertEquals(namesIn(Uint8Array.from([...noise, ...log, ...noise])), ["GPS", "BAT"]);
  });

  it("leaves out what the log ends in, wherever that is", () => {
    const [gps, all] = [log.length - 3 - 8 - 1 - 20 - 2 - 4 - 3, log.length];
    for (let bytes = 0; bytes <= all; bytes++) {
      const expected = bytes < gps ? [] : bytes < all ? ["GPS"] : ["GPS", "BAT"];
      assertEquals(namesIn(log.subarray(0, bytes)), expected, `${bytes} of ${all} bytes`);
    }
  });

  it("has no field of a message whose length does not fit them, and goes on behind it", () => {
    const strange = [definition(0x90, { ...GPS, name: "GPS" }, 5), definition(0x91, BAT, 2), definition(0x80, BAT, 5)];
    const said = [0xa3, 0x95, 0x90, 1, 2, 0xa3, 0x95, 0x91];
    const messages = [...dataflashMessages(Uint8Array.from([...strange.flat(), ...said, ...log]), new Set(["GPS"]))];
    assertEquals(messages.map(({ values }) => values.NSats), [undefined, 10]);
  });
});
