import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { dataflashMessages } from "../../sim/logs/dataflash.ts";
import { readLog } from "../../sim/logs/read_log.ts";
import { hasPymavlink } from "../mavlink/pymavlink.ts";
import { withFile } from "./files.ts";
import { hasPyulog, parseRead, type Read, readByOthers } from "./other_readers.ts";

const FLIGHTS = new URL("./flights/", import.meta.url).pathname;
const PX4 = `${FLIGHTS}px4.ulg`;
const ARDUPILOT = `${FLIGHTS}ardupilot.bin`;

async function expectedOf(file: string): Promise<Read[]> {
  return parseRead(await Deno.readTextFile(`${file}.jsonl`));
}

/** A row for each message of a name, in the numbers of the log. */
async function byName(file: string): Promise<(name: string) => Record<string, number>[]> {
  const read = await expectedOf(file);
  return (name) =>
    read.filter((one) => one.name === name && one.instance === 0).map(({ values }) => values as Record<string, number>);
}

/** The newest of these that is not newer. */
function before(values: Record<string, number>[], timestamp: number): Record<string, number> {
  const last = values.findLast((one) => one.timestamp! <= timestamp);
  assert(last);
  return last;
}

describe("a log of PX4", () => {
  it("has the positions that pyulog reads in it", async () => {
    const [recording] = await readLog(PX4);
    const read = await byName(PX4);
    const expected = read("vehicle_global_position").map((at) => {
      const local = before(read("vehicle_local_position"), at.timestamp!);
      const gps = before(read("vehicle_gps_position"), at.timestamp!);
      const home = before(read("home_position"), at.timestamp!);
      return {
        ...{ latE7: Math.round(at.lat! * 1e7), lonE7: Math.round(at.lon! * 1e7), altMslMm: Math.round(at.alt! * 1000) },
        altHomeMm: Math.round((at.alt! - home.alt!) * 1000),
        ...{
          vnCms: Math.round(local.vx! * 100),
          veCms: Math.round(local.vy! * 100),
          vdCms: Math.round(local.vz! * 100),
        },
        headingCdeg: (Math.round(local.heading! * 180 / Math.PI * 100) + 36_000) % 36_000,
        ...{ hAccMm: Math.round(gps.eph! * 1000), vAccMm: Math.round(gps.epv! * 1000) },
        ...{ fixType: gps.fix_type!, satellites: gps.satellites_used! },
      };
    });
    const positions = recording!.rows.flatMap(({ position }) => {
      if (!position) return [];
      const { $typeName: _, ...known } = position;
      return [known];
    });
    assertEquals(positions.length, 25);
    assertEquals(positions, expected);
  });

  it("has batteries, rings and looks at the times at which pyulog reads them", async () => {
    const { rows } = (await readLog(PX4))[0]!;
    const read = (await expectedOf(PX4)).filter(({ name }) =>
      ["vehicle_global_position", "battery_status", "obstacle_distance", "distance_sensor"].includes(name)
    );
    const times = read.map(({ values }) => Number(values.timestamp)).sort((a, b) => a - b);
    assertEquals(rows.map(({ offsetUs }) => offsetUs), times.map((us) => us - times[0]!));
    const packs = read.filter(({ name }) => name === "battery_status").map(({ instance, values }) =>
      `${instance} ${Math.round(Number(values.voltage_v) * 1000)} ${Math.round(Number(values.remaining) * 10_000)}`
    );
    const batteries = rows.flatMap(({ battery: b }) => b ? [`${b.id} ${b.voltageMv} ${b.remainingCpct}`] : []);
    assertEquals(batteries.toSorted(), packs.toSorted());
    assertEquals(batteries.length, 10);
    assertEquals(rows.filter(({ obstacles }) => obstacles).length, 10);
  });

  it("is read by pyulog as is written down", { ignore: !hasPyulog }, async () => {
    assertEquals(await readByOthers(PX4), await expectedOf(PX4));
  });

  it("is the same recording once pyulog has written it", { ignore: !hasPyulog }, async () => {
    const written = await withFile(new Uint8Array(), async (copy) => {
      await readByOthers(PX4, copy);
      return (await readLog(copy))[0]!.rows;
    });
    assertEquals(written, (await readLog(PX4))[0]!.rows);
  });
});

describe("a log of ArduPilot", () => {
  it("has in each field of each message what pymavlink reads in it", async () => {
    const expected = (await expectedOf(ARDUPILOT)).filter(({ name }) => name !== "FMT");
    const names = new Set(expected.map(({ name }) => name));
    const messages = [...dataflashMessages(await Deno.readFile(ARDUPILOT), names)];
    assertEquals(messages.map(({ name }) => name), expected.map(({ name }) => name));
    let fields = 0;
    for (const [i, { values }] of messages.entries()) {
      const wanted = Object.entries(expected[i]!.values).filter(([name, value]) => value !== null && name !== "g");
      assertEquals(Object.keys(values).toSorted(), wanted.map(([name]) => name).toSorted());
      for (const [name, value] of wanted) {
        assertAlmostEquals(values[name]!, Number(value), 1e-9 * Math.abs(Number(value)));
      }
      fields += wanted.length;
    }
    assertGreater(fields, 1000);
  });

  it("becomes a recording of its positions and batteries", async () => {
    const [{ droneId, rows }] = await readLog(ARDUPILOT) as [Awaited<ReturnType<typeof readLog>>[0]];
    const read = await byName(ARDUPILOT);
    assertEquals(droneId, "ardupilot");
    assertEquals(
      rows.flatMap(({ position: at }) => at ? [[at.latE7, at.lonE7, at.altMslMm, at.hAccMm]] : []),
      read("GPS").map(({ Lat, Lng, Alt }, i) => [
        ...[Math.round(Lat! * 1e7), Math.round(Lng! * 1e7), Math.round(Alt! * 1000)],
        // What was said of it before, and not with it.
        i === 0 ? undefined : Math.round(read("GPA")[i - 1]!.HAcc! * 1000),
      ]),
    );
    const batteries = rows.flatMap(({ battery }) =>
      battery ? [[battery.id, battery.voltageMv, battery.currentCa]] : []
    );
    const packs = read("BAT").map(({ Inst, Volt, Curr }) => [Inst!, Math.round(Volt! * 1000), Math.round(Curr! * 100)]);
    assertEquals(batteries, packs);
  });

  it("is read by pymavlink as is written down", { ignore: !hasPymavlink }, async () => {
    assertEquals(await readByOthers(ARDUPILOT), await expectedOf(ARDUPILOT));
  });
});
