import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { readOptions, UsageError } from "../../platform/options.ts";
import { readLog } from "../../sim/logs/read_log.ts";
import { loadPlan, TRAFFIC } from "../../sim/options.ts";
import { GLOBAL } from "./topics.ts";
import { ulogOf } from "./ulog_writer.ts";

const FLIGHTS = new URL("./flights/", import.meta.url).pathname;
const NOT_PX4 = "it is no log of PX4, or a damaged one: ";

async function plan(...files: string[]) {
  const options = readOptions(["--replay", ...files, "--copies", "2"], { ...TRAFFIC, name: "sim", about: "" });
  if (options === "help") throw new Error("Cannot go on: no help was asked for");
  return await loadPlan(options, 1);
}

/** What is said of each of these files, without the folder that they are in. */
async function refusals(files: Record<string, Uint8Array | number>): Promise<Record<string, string>> {
  const folder = await Deno.makeTempDir();
  const said: Record<string, string> = {};
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    if (typeof content === "number") {
      await using handle = await Deno.open(file, { write: true, create: true });
      await handle.truncate(content);
    } else await Deno.writeFile(file, content);
    const error = await assertRejects(() => plan(file), UsageError);
    said[name] = error.message.replaceAll(`${folder}/`, "");
  }
  await Deno.remove(folder, { recursive: true });
  return said;
}

describe("readLog", () => {
  it("makes a drone of each log, called as its file is, and copies of it", async () => {
    const { drones } = await plan(`${FLIGHTS}px4.ulg`, `${FLIGHTS}ardupilot.bin`);
    assertEquals(drones.map(({ droneId }) => droneId).toSorted(), ["ardupilot", "ardupilot-2", "px4", "px4-2"]);
  });

  it("has what looked for obstacles flown as well, in each copy", async () => {
    const emissions = (await plan(`${FLIGHTS}px4.ulg`)).begin(0).advance(Infinity);
    const records = emissions.flatMap(({ records }) => records);
    const scans = records.flatMap(({ body }) => body.case === "obstacles" ? [body.value] : []);
    assertEquals([records.length, scans.length], [90, 20]);
    assertEquals(scans.slice(0, 2).map(({ sensorId, hits }) => [sensorId, hits.length]), [[1000, 8], [0, 1]]);
  });

  it("goes by the end of a file's name, however it is written", async () => {
    const folder = await Deno.makeTempDir();
    for (const [from, to] of [["px4.ulg", "A.ULG"], ["ardupilot.bin", "00000012.BIN"]] as const) {
      await Deno.copyFile(FLIGHTS + from, join(folder, to));
      assertEquals((await readLog(join(folder, to)))[0]!.droneId, to.split(".")[0]);
    }
    await Deno.remove(folder, { recursive: true });
  });

  it("says what is wrong with a file that is another, or none", async () => {
    const [px4, ardupilot] = [await Deno.readFile(`${FLIGHTS}px4.ulg`), await Deno.readFile(`${FLIGHTS}ardupilot.bin`)];
    const late = { lat: 47, lon: 8, lat_lon_valid: 1 };
    const long = `${"x".repeat(65)}.ulg`;
    assertEquals(
      await refusals({
        ...{ "empty.ulg": new Uint8Array(), "empty.bin": new Uint8Array(), "other.bin": px4, "other.ulg": ardupilot },
        "log.tlog": px4,
        "log.csv": ardupilot,
        "large.bin": 2 ** 29 + 1,
        [long]: px4,
        "long.ulg": ulogOf([0, 400 * 86_400e6].map((timeUs) => ({ topic: GLOBAL, timeUs, values: late }))),
      }),
      {
        "empty.ulg": `Cannot read empty.ulg: ${NOT_PX4}Cannot read 8 bytes from 0 byte source, 0 bytes remaining`,
        "empty.bin": "Cannot read empty.bin: it is no log of ArduPilot",
        "other.bin": "Cannot read other.bin: it is no log of ArduPilot",
        "other.ulg": `Cannot read other.ulg: ${NOT_PX4}Invalid ULog header: a395808059464d54`,
        "log.tlog": "Cannot read log.tlog: no vehicle in it says where it is",
        "log.csv":
          "Cannot read log.csv:1: the header must be t_ms,drone_id,lat_deg,lon_deg,alt_m,vn_mps,ve_mps,vd_mps,battery_v,battery_pct or t_s,drone_id,voltage_v,current_a,consumed_mah",
        "large.bin": "Cannot read large.bin: it has 536870913 bytes, and at most 536870912 can be replayed",
        [long]: `Cannot read ${long}: its drone is called as the file is, and that has 65 bytes, not 1 to 64`,
        "long.ulg": "Cannot read long.ulg: it lasts 400 days",
      },
    );
  });

  it("says that there is no such file, or that it is a folder", async () => {
    const folder = `${await Deno.makeTempDir()}/log.ulg`;
    await assertRejects(() => plan(folder), UsageError, `Cannot read ${folder}: No such file`);
    await Deno.mkdir(folder);
    await assertRejects(() => plan(folder), UsageError, `Cannot read ${folder}: it is a folder`);
    await Deno.remove(folder.replace(/\/log\.ulg$/, ""), { recursive: true });
  });
});
