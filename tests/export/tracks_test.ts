import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { tracksOf } from "../../aggregator/export/tracks.ts";
import { readOnlyDisk } from "../../aggregator/journal/disk.ts";
import { until } from "../e2e/system.ts";
import type { PositionRow } from "../pipeline/build_batch.ts";
import { TracksRig } from "./tracks_rig.ts";

const NOW_US = Date.now() * 1000;
const ALL = "from=0&to=9000000000000000";
const LONG = "d".repeat(64);
const SLOTS = [{ slot: 1, droneId: "drone-1" }, { slot: 2, droneId: "=drone,2" }];
const S = 1_000_000;

function at(seq: number, over: Partial<PositionRow> = {}): PositionRow {
  const place = { latE7: 474_000_000 + seq, lonE7: 85_000_000, altMslMm: 500_000 };
  return { kind: "position", slot: 1, seq, eventTimeUs: NOW_US - 60 * S + seq * S, ...place, ...over };
}

/** 16 MB of CSV: more than sockets hold that nobody reads. */
async function sendMuch(rig: TracksRig): Promise<void> {
  const [batches, records] = [12, 8000];
  const slots = [{ slot: 1, droneId: LONG }];
  for (let batch = 0; batch < batches; batch++) {
    const rows = Array.from({ length: records }, (_, i) => at(batch * records + i, { eventTimeUs: NOW_US - i }));
    await rig.send(rows, { slots });
  }
}

describe("GET /v1/export/tracks", () => {
  it("has each position once, as it was measured, however often it came", async () => {
    await using rig = await TracksRig.start();
    await rig.send([at(1), at(2, { altMslMm: 500_500 }), at(3, { slot: 2 })], { slots: SLOTS, again: true });
    // The drone sends one again, and a battery between.
    await rig.send([at(2, { altMslMm: 500_500 }), at(4), { kind: "battery", slot: 1, seq: 3, eventTimeUs: NOW_US }]);
    const names = ["droneId", "seq", "timeUs", "latDeg", "altMslM", "altHomeM", "retimed"];
    const row = (seq: number, droneId = "drone-1", altM = "500") => {
      return [droneId, `${seq}`, `${NOW_US - 60 * S + seq * S}`, `${(474_000_000 + seq) / 1e7}`, altM, "", "false"];
    };
    assertEquals(await rig.rows(`tracks?${ALL}`, names), [
      row(1),
      row(2, "drone-1", "500.5"),
      row(3, "'=drone,2"),
      row(4),
    ]);
  });

  it("has those of a range of time, and of one drone", async () => {
    await using rig = await TracksRig.start();
    await rig.send([1, 2, 3, 4].map((seq) => at(seq, { slot: seq % 2 + 1 })), { slots: SLOTS });
    const [fromUs, toUs] = [at(2).eventTimeUs, at(4).eventTimeUs];
    assertEquals(await rig.rows(`tracks?from=${fromUs}&to=${toUs}`, ["seq"]), [["3"], ["2"]].toSorted());
    assertEquals(await rig.rows(`tracks?${ALL}&drone=drone-1`, ["seq"]), [["2"], ["4"]]);
    assertEquals(await rig.rows(`tracks?${ALL}&drone=nobody`, ["seq"]), []);
  });

  it("gives what cannot have been measured then the time at which it came, and says so", async () => {
    await using rig = await TracksRig.start();
    const future = NOW_US + 86_400 * S;
    await rig.send([at(1, { eventTimeUs: 5 * S }), at(2, { eventTimeUs: future }), at(3)], { slots: SLOTS });
    const rows = await rig.rows(`tracks?from=${NOW_US - 60 * S}&to=${NOW_US + 60 * S}`, ["seq", "retimed"]);
    assertEquals(rows, [["1", "true"], ["2", "true"], ["3", "false"]]);
    assertEquals(await rig.rows(`tracks?from=0&to=${10 * S}`, ["seq"]), []);
  });

  it("is lines as GeoJSON, that end at a new start of the drone and at the antimeridian", async () => {
    await using rig = await TracksRig.start();
    await rig.send([at(1), at(2), at(3, { lonE7: 1_799_999_990 }), at(4, { lonE7: -1_799_999_990 })], { slots: SLOTS });
    await rig.send([at(1, { slot: 3 }), at(2, { slot: 3 })], { slots: [{ slot: 3, droneId: "drone-1", bootId: 2 }] });
    const response = await rig.ask(`tracks?${ALL}`, { accept: "application/geo+json" });
    assertEquals(response.headers.get("content-type"), "application/geo+json");
    const { features } = await response.json();
    assertEquals(
      features.map((feature: { geometry: unknown; properties: { timesUs: number[] } }) => [
        feature.geometry,
        feature.properties.timesUs.length,
      ]),
      [
        [{ type: "LineString", coordinates: [[8.5, 47.4000001], [8.5, 47.4000002], [179.999999, 47.4000003]] }, 3],
        [{ type: "Point", coordinates: [-179.999999, 47.4000004] }, 1],
        [{ type: "LineString", coordinates: [[8.5, 47.4000001], [8.5, 47.4000002]] }, 2],
      ],
    );
  });

  it("has nothing of before a drone was erased, and what others flew since", async () => {
    await using rig = await TracksRig.start();
    await rig.send([at(1), at(2, { slot: 2 })], { slots: SLOTS });
    await rig.aggregator.erase({ droneId: "drone-1", name: "drone:gone" });
    await rig.send([at(3, { slot: 2 })]);
    assertEquals(await rig.rows(`tracks?${ALL}`, ["droneId", "seq"]), [["'=drone,2", "3"]]);
  });

  it("has nothing of entries that an erasure is about to take", async () => {
    await using rig = await TracksRig.start();
    await rig.send([at(1)], { slots: SLOTS });
    const parts = { disk: readOnlyDisk(rig.journalPath), decompress: await loadDecompress() };
    const range = { droneId: undefined, fromUs: 0, toUs: 9e15 };
    assertEquals([...tracksOf({ ...range, afterIndex: 0 }, parts)].map(({ seq }) => seq), [1]);
    assertEquals([...tracksOf({ ...range, afterIndex: Infinity }, parts)], []);
  });

  it("is broken off when a drone is erased meanwhile: nobody takes a part for the whole", async () => {
    await using rig = await TracksRig.start();
    await sendMuch(rig);
    const reader = (await rig.ask(`tracks?${ALL}`)).body!.getReader();
    await reader.read();
    await rig.aggregator.erase({ droneId: LONG, name: "drone:gone" });
    await assertRejects(async () => {
      while (!(await reader.read()).done);
    });
    assertEquals(rig.logs.some((log) => log.includes("a drone was erased meanwhile")), true, rig.logs.join("\n"));
  });

  it("is refused while another is under way, and not any more when its reader has gone", async () => {
    await using rig = await TracksRig.start();
    await sendMuch(rig);
    const stuck = await rig.ask(`tracks?${ALL}`);
    // For a HEAD none is begun.
    const head = await fetch(`${rig.aggregator.url}/v1/export/tracks?${ALL}`, { method: "HEAD" });
    assertEquals([head.status, head.headers.get("content-type")], [200, "text/csv"]);
    const refused = await rig.ask(`tracks?${ALL}`);
    assertEquals([refused.status, refused.headers.get("retry-after")], [503, "5"]);
    assertStringIncludes(await refused.text(), "Cannot export tracks: another one is under way");
    await stuck.body!.cancel();
    await until("another may begin", async () => {
      const response = await rig.ask(`tracks?${ALL}&drone=nobody`);
      await response.body?.cancel();
      return response.status === 200;
    });
  });

  it("is there for whoever keeps a journal, and says what is wrong with a request", async () => {
    await using rig = await TracksRig.start();
    for (
      const [query, error] of [
        ["from=2&to=2", "from must be before to"],
        ["to=2", "from must be Unix microseconds"],
        [`${ALL}&format=xml`, "format must be csv or geojson"],
        [`${ALL}&drone=`, "drone must be a drone's id"],
      ] as const
    ) {
      const response = await rig.ask(`tracks?${query}`);
      assertEquals([response.status, (await response.json()).error], [400, `Cannot read the request: ${error}`]);
    }
    const file = await rig.ask(`tracks?${ALL}`, { accept: "text/html, */*;q=0.1" });
    assertMatch(await file.text(), /^time,timeUs,retimed,droneId,/);
    assertEquals(file.headers.get("content-disposition"), 'attachment; filename="slipstream-tracks.csv"');
  });
});
