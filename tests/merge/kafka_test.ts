import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { MergeReport } from "../../aggregator/merge/report.ts";
import { eventually } from "../chaos/eventually.ts";
import { Producer } from "../chaos/producer.ts";
import { hasKafka, KafkaServer } from "../kafka/kafka_server.ts";
import type { OwnRow } from "../parity/windows.ts";
import { Regions, TWO_REGIONS } from "./regions.ts";
import { wholeWindows } from "./whole.ts";

const LATENESS_S = 8;
const LIMIT_MS = 60_000;

type Row = OwnRow & { regions?: string[]; missingRegions?: string[] };

/** Of each window that ends by then the latest revision, without what says how often it was told. */
function lastOf(rows: readonly Row[], endUs: number): Map<string, object> {
  const last = new Map<string, Row>();
  for (const row of rows) {
    const key = `${row.kind} ${row.fleet}/${row.zone} ${row.startUs}`;
    const known = last.get(key);
    const isLater = !known || row.revision > known.revision || (row.revision === known.revision && row.final);
    if (row.endUs <= endUs && isLater) last.set(key, row);
  }
  return new Map(
    Array.from(last, ([key, { revision: _, regions: _r, missingRegions: _m, ...content }]) => [key, content]),
  );
}

async function flyUntil(producers: Producer[], records: number): Promise<void> {
  for (const producer of producers) producer.start();
  await eventually(() => producers.every((producer) => producer.sent().length > records), LIMIT_MS);
  for (const producer of producers) producer.land();
  assertEquals(await eventually(() => producers.every(({ unacknowledged }) => unacknowledged === 0), LIMIT_MS), true);
}

describe("the windows of two regions, added up", { ignore: !hasKafka }, () => {
  it("are those of one aggregator that was given everything, though drones roam and the merger is killed", async () => {
    await using kafka = await KafkaServer.start();
    await using regions = await Regions.start(kafka, { latenessS: LATENESS_S });
    const [asia, europe] = regions.systems.map((system) => () => system.telemetryUrl);
    const roaming = { name: "roamer", drones: 3 };
    const home = [asia, europe].map((url, i) => new Producer({ name: `home-${i}`, drones: 2, url: url! }));
    const [before, after] = [
      new Producer({ ...roaming, url: asia! }),
      new Producer({ ...roaming, url: europe!, bootId: 2 }),
    ];
    await regions.startMerger();
    await flyUntil([...home, before], 60);
    await regions.killMerger();
    // In the second in which they landed, as likely as not.
    await flyUntil([after], 60);
    await regions.startMerger();
    await Promise.all([...home, before, after].map((producer) => producer.close()));

    const endUs = await regions.untilFinal({ latenessS: LATENESS_S });
    await regions.untilMerged(endUs);
    const { regions: views, trouble } = await regions.ask<MergeReport>("/v1/regions");
    assertEquals(views.map(({ region, trouble }) => [region, trouble]), TWO_REGIONS.map((region) => [region, null]));
    assertEquals(trouble, null);
    const { windows } = await regions.ask<{ windows: Row[] }>("/v1/windows?zone=*&limit=100");
    assertEquals([...new Set(windows.map(({ regions }) => regions?.join()))], [TWO_REGIONS.join()]);
    for (const system of regions.systems) await system.stopAggregator();

    const { rows: whole, late } = wholeWindows(regions.systems.map(({ journalPath }) => journalPath), {
      latenessS: LATENESS_S,
    });
    assertEquals(late, 0);
    const merged = await kafka.rows("fleet-metrics-global") as Row[];
    const expected = lastOf(whole, endUs);
    assertEquals(lastOf(merged, endUs), expected);
    assertGreater(expected.size, 15);
    assertGreater(Math.max(...whole.map((row) => row.kind === "tumbling" ? row.dronesReporting : 0)), 4);
  });
});
