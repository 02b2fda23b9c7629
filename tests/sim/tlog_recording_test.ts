import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readOptions } from "../../platform/options.ts";
import { loadPlan, TRAFFIC } from "../../sim/options.ts";
import { readTlog } from "../../sim/tlog_recording.ts";
import { frameOf, payloadOf, positionOf } from "../mavlink/frames.ts";
import { NOW_US } from "../mavlink/streams.ts";

/** What a ground station has heard, each at its time. */
function logOf(...heard: [afterMs: number, frame: Uint8Array][]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(heard.flatMap(([afterMs, frame]) => {
    const time = new DataView(new ArrayBuffer(8));
    time.setBigUint64(0, BigInt(NOW_US + afterMs * 1000));
    return [...new Uint8Array(time.buffer), ...frame];
  }));
}

const status = frameOf("systemStatus", payloadOf("systemStatus", ["Uint16", 14, 15_200], ["Int16", 16, 500]));

describe("a recording from a .tlog", () => {
  it("has positions and batteries of each vehicle, by the times at which they were measured", async () => {
    const log = logOf(
      [0, positionOf(1000)],
      [30, positionOf(5000, { system: 2 })],
      [250, positionOf(1250, { sequence: 1 })],
      [300, status],
    );
    const recordings = await readTlog(log, "flight.tlog");
    const told = recordings.map(({ droneId, rows }) => [
      droneId,
      rows.map(({ offsetUs, position, battery }) => [offsetUs, position?.latE7 ?? battery?.voltageMv]),
    ]);
    assertEquals(told, [
      ["mav-1", [[0, 473_977_418], [250_000, 473_977_418], [300_000, 15_200]]],
      ["mav-2", [[30_000, 473_977_418]]],
    ]);
  });

  it("has what looked for obstacles", async () => {
    const look = payloadOf("distance", ["Uint16", 4, 20], ["Uint16", 6, 4000], ["Uint16", 8, 1250], [
      "Uint8",
      12,
      0,
    ]);
    const [flight] = await readTlog(logOf([0, positionOf(1000)], [5, frameOf("distance", look)]), "a.tlog");
    assertEquals(flight!.rows.flatMap(({ obstacles }) => obstacles?.hits.map(({ rangeCm }) => rangeCm) ?? []), [1250]);
  });

  it("is refused where no vehicle says where it is", async () => {
    for (const bytes of [logOf([0, status]), new Uint8Array(100)]) {
      await assertRejects(() => readTlog(bytes, "a.tlog"), SyntaxError, "Cannot read a.tlog: no vehicle in it");
    }
  });

  it("is what --replay flies, by the end of the file's name", async () => {
    const file = await Deno.makeTempFile({ suffix: ".tlog" });
    await Deno.writeFile(file, logOf([0, positionOf(1000)], [250, positionOf(1250, { sequence: 1 })]));
    const options = readOptions(["--replay", file, "--copies", "2"], { ...TRAFFIC, name: "sim", about: "" });
    if (options === "help") throw new Error("Cannot go on: no help was asked for");
    const { drones } = await loadPlan(options, 1);
    assertEquals(drones.map(({ droneId }) => droneId), ["mav-1", "mav-1-2"]);
    await Deno.remove(file);
  });
});
