import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { assertEquals, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { checkpointName } from "../../aggregator/journal/checkpoints.ts";
import { FolderDisk } from "../../aggregator/journal/disk.ts";
import { encodeArrival } from "../../aggregator/journal/entries.ts";
import { encodeStored, segmentHeader, segmentName } from "../../aggregator/journal/format.ts";
import { nameJournal } from "../../aggregator/journal/identity.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { PublishingThread } from "../../aggregator/sinks/publishing/publishing_thread.ts";
import { systemPlatform } from "../../platform/system.ts";
import { LossReportSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { eventually } from "../chaos/eventually.ts";
import { checkpointFile } from "../journal/checkpoint_file.ts";

const LIMIT_MS = 30_000;
const ENTRIES = 20;
const ERASED = { droneIds: ["drone-1"], name: "erased-1" };

/** Of two drones by turns. */
const droneOf = (index: number) => `drone-${index % 2}`;

function lossOf(index: number): Uint8Array<ArrayBuffer> {
  const report = create(LossReportSchema, { losses: [{ droneId: droneOf(index) }] });
  const body = encodeArrival({ type: "losses", edgeId: "edge-1", session: 1n, report });
  return encodeStored({ index, timeUs: 1_790_000_000_000_000 + index, body });
}

describe("a destination that is away", () => {
  let [folder, journalId] = ["", ""];
  let thread: PublishingThread;

  function threadTo(addresses: string[], log: string[] = [], { isDeaf = false } = {}): PublishingThread {
    const { after } = systemPlatform("test");
    return new PublishingThread({
      ...{ name: "away", title: "Away", largerBy: "", beginsWith: "everything" },
      workerUrl: import.meta.resolve("./away_worker.ts"),
    }, {
      settings: { path: join(folder, "published"), gatePath: join(folder, "open"), isDeaf },
      place: { prefix: "fleet", addresses },
      topics: ["losses"],
      config: { journalPath: folder, publishJournalBytesMax: 1e9, region: null },
      platform: { after, log: (_level, message) => void log.push(message) },
    });
  }

  beforeEach(async () => {
    folder = await Deno.makeTempDir();
    const disk = FolderDisk.open(folder);
    ({ id: journalId } = await nameJournal(disk, { nowUs: 1 }));
    const entries = Array.from({ length: ENTRIES }, (_, i) => lossOf(i + 1));
    await disk.replace(segmentName(1), [segmentHeader(), ...entries]);
    disk.close();
    thread = threadTo(["broker-1:1"]);
  });
  afterEach(async () => {
    await thread.close();
    await Deno.remove(folder, { recursive: true });
  });

  const begin = () => thread.begin({ durableIndex: 10, onTrouble: () => {} });
  const erase = () => thread.deliver([{ type: "erased", erased: ERASED }], { journalId, index: 12, atUs: 1 });

  async function published(): Promise<string> {
    await Deno.writeTextFile(join(folder, "open"), "");
    thread.deliver([], { journalId, index: ENTRIES, atUs: 1 });
    assertEquals(await eventually(() => thread.view.publishedIndex === ENTRIES, LIMIT_MS), true);
    return await Deno.readTextFile(join(folder, "published"));
  }

  /** What is from before the erasure is published of the other drone only. */
  const expected = Array.from({ length: ENTRIES }, (_, i) => i + 1)
    .filter((index) => droneOf(index) !== "drone-1" || index > 12)
    .map((index) => `${index}/0 ${droneOf(index)}\n`).join("");

  it("gets what comes behind a checkpoint, where the journal has let go what was before it", async () => {
    const troubles: (string | null)[] = [];
    thread = threadTo(["broker-1:1"], [], { isDeaf: true });
    thread.begin({ durableIndex: 10, onTrouble: (why) => troubles.push(why) });
    assertEquals(await eventually(() => thread.view.trouble !== null, LIMIT_MS), true);
    const [entries, state] = [Array.from({ length: 8 }, (_, i) => lossOf(i + 13)), new Pipeline(PIPELINE_DEFAULTS)];
    const checkpoint = checkpointFile({ index: 12, timeUs: 1, state: [...state.snapshot()] });
    await Deno.writeFile(join(folder, checkpointName(12)), checkpoint);
    await Deno.remove(join(folder, segmentName(1)));
    const disk = FolderDisk.open(folder);
    await disk.replace(segmentName(13), [segmentHeader(), ...entries]);
    disk.close();
    const lines = Array.from({ length: 8 }, (_, i) => `${i + 13}/0 ${droneOf(i + 13)}\n`);
    assertEquals(await published(), lines.join(""));
    assertMatch(troubles.join(), /Cannot go on with entry 1: the journal has let it go/);
  });

  it("does not get what was erased meanwhile, and everything else once", async () => {
    begin();
    assertEquals(await eventually(() => thread.view.trouble !== null, LIMIT_MS), true);
    erase();
    assertEquals(await published(), expected);
  });

  it("does not get what was erased before a restart either", async () => {
    erase();
    begin();
    assertEquals(await published(), expected);
  });

  it("and was emptied meanwhile, or is another one, gets everything that the journal has", async () => {
    begin();
    const all = await published();
    await thread.close();
    const log: string[] = [];
    await Deno.remove(join(folder, "published"));
    thread = threadTo(["broker-1:1"], log);
    begin();
    assertEquals(await published(), all);
    await thread.close();
    await Deno.remove(join(folder, "published"));
    thread = threadTo(["broker-2:1"], log);
    begin();
    assertEquals(await published(), all);
    assertEquals(log, [
      "Away has nothing of what was published: it begins with what the journal has",
      "Away begins behind entry 0: it was fleet,broker-1:1 before",
    ]);
  });

  it("and is the same goes on where it was", async () => {
    begin();
    const all = await published();
    await thread.close();
    thread = threadTo(["broker-0:1", "broker-1:1"]);
    begin();
    assertEquals([thread.keptIndex, await published()], [10, all]);
  });
});
