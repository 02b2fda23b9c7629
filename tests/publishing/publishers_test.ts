import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { FolderDisk } from "../../aggregator/journal/disk.ts";
import { nameJournal } from "../../aggregator/journal/identity.ts";
import { TOPICS } from "../../aggregator/sinks/publishing/messages.ts";
import { type Destined, Publishers } from "../../aggregator/sinks/publishing/publishers.ts";
import type { PublishingTold } from "../../aggregator/sinks/publishing/orders.ts";
import type { PublishingView } from "../../aggregator/sinks/publishing/publishing_thread.ts";
import { systemPlatform } from "../../platform/system.ts";
import { eventually } from "../chaos/eventually.ts";

const LIMIT_MS = 20_000;

function destined(name: string, ...says: PublishingTold[]): Destined {
  const workerUrl = import.meta.resolve("./obedient_worker.ts");
  return {
    destination: {
      name,
      title: name.toUpperCase(),
      workerUrl,
      largerBy: "raise it",
      beginsWith: "everything" as const,
    },
    settings: { says },
    place: { prefix: "fleet", addresses: ["broker:1"] },
    topics: TOPICS,
  };
}

describe("several destinations of one journal", () => {
  let [folder, journalId] = ["", ""];
  let publishers: Publishers;
  let alerts: string[] = [];

  async function publish(...all: Destined[]): Promise<void> {
    const config = { journalPath: folder, publishJournalBytesMax: 1000, region: null };
    const { after } = systemPlatform("test");
    publishers = new Publishers(all, { config, platform: { after, log: () => {} } });
    publishers.begin({
      sequencer: { applied: { index: 30 } },
      operations: {
        degraded: (key, { message }) => alerts.push(`${key}: ${message}`),
        restored: (key) => alerts.push(`${key} is restored`),
      },
    });
    publishers.deliver([], { journalId, index: 40, atUs: 9_000_000 });
    await Promise.resolve();
  }

  beforeEach(async () => {
    folder = await Deno.makeTempDir();
    const disk = FolderDisk.open(folder);
    ({ id: journalId } = await nameJournal(disk, { nowUs: 1 }));
    disk.close();
    alerts = [];
  });
  afterEach(async () => {
    await publishers.close();
    await Deno.remove(folder, { recursive: true });
  });

  it("are as far as the slowest, and each says for itself how far it is and how old what it lacks", async () => {
    await publish(
      destined("quick", { of: "published", index: 40, atUs: 9_000_000 }, { of: "kept", index: 33 }),
      destined(
        "slow",
        { of: "missing", firstIndex: 1, lastIndex: 9 },
        { of: "sent", sent: { telemetry: 5, alerts: 1 } },
        { of: "lost", name: "alerts/0", messages: 3 },
        { of: "size", journalBytes: 900 },
        { of: "published", index: 12, atUs: 6_500_000 },
        { of: "kept", index: 11 },
      ),
    );
    await eventually(() => publishers.keptIndex === 11, LIMIT_MS);
    assertEquals(publishers.keptIndex, 11, "what is known is not needed, once the disk has it");
    const nothing = Object.fromEntries(TOPICS.map((topic) => [topic, 0])) as PublishingView["sent"];
    const rest = { leftOut: 0, trouble: null, journalBytesMax: 1000, isFenced: false };
    assertEquals(publishers.views, [
      {
        ...{ name: "quick", publishedIndex: 40, behind: 0, lagMs: 0, missing: 0, sent: nothing, lost: 0 },
        ...{ journalBytes: 0, ...rest },
      },
      {
        ...{ name: "slow", publishedIndex: 12, behind: 28, lagMs: 2500, missing: 9, lost: 3, journalBytes: 900 },
        ...{ sent: { ...nothing, telemetry: 5, alerts: 1 }, ...rest },
      },
    ]);
  });

  it("are told about by their own names when they cannot be published to", async () => {
    await publish(
      destined("one", { of: "trouble", why: "it is away" }, { of: "trouble", why: null }),
      destined("other", { of: "trouble", why: "wrong password" }),
    );
    await eventually(() => alerts.length === 3, LIMIT_MS);
    assertEquals(alerts.sort(), [
      "one is restored",
      "one: Cannot publish to ONE: it is away",
      "other: Cannot publish to OTHER: wrong password",
    ]);
    assertEquals(publishers.views.map(({ trouble }) => trouble), [null, "wrong password"]);
  });

  it("begin with the journal, or with what comes once they are set", async () => {
    const from = destined("from-the-beginning");
    const now = destined("from-now");
    await publish(from, { ...now, destination: { ...now.destination, beginsWith: "now" } });
    assertEquals(publishers.views.map(({ publishedIndex }) => publishedIndex), [0, 30]);
  });

  it("are forgotten once they are not set any more", async () => {
    await Deno.writeTextFile(`${folder}/kept.position`, `${journalId} 20`);
    await Deno.writeTextFile(`${folder}/gone.position`, `${journalId} 20`);
    await publish(destined("kept"));
    assertEquals(publishers.views.map(({ publishedIndex }) => publishedIndex), [20]);
    assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".position")).length, 1);
  });

  it("that are none need nothing of the journal", async () => {
    await publish();
    assertEquals([publishers.keptIndex, publishers.views], [null, []]);
  });
});
