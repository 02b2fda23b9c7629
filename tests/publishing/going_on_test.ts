import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FolderDisk } from "../../aggregator/journal/disk.ts";
import {
  forgetOthers,
  goingOn,
  type Place,
  progressName,
  progressText,
} from "../../aggregator/sinks/publishing/going_on.ts";
import { MemoryDisk } from "../journal/memory_disk.ts";

const ID = "journal-1";
const IDENTITY = { id: ID, firstIndex: 1, alertsAfter: 0 };
const HERE: Place = { prefix: "fleet", addresses: ["broker-1:9092", "broker-2:9092"] };
const FALLBACK = 500;

/** What is known of Kafka, by a file. */
function known(text: string | null, { name = "kafka", identity = IDENTITY, place = HERE } = {}) {
  const disk = new MemoryDisk();
  if (text !== null) disk.overwrite(progressName("kafka"), new TextEncoder().encode(text));
  return goingOn(disk, { name, identity, place, fallback: FALLBACK });
}

const written = progressText({ journalId: ID, index: 1234, place: HERE });
const nothing = { index: FALLBACK, why: null };

describe("where a destination goes on", () => {
  it("is what its file says of this journal, and unknown without one, or with that of another", () => {
    assertEquals(known(written), { index: 1234, why: null });
    assertEquals(known(null), nothing);
    assertEquals(known(written, { name: "nats" }), nothing, "each destination has its own");
    assertEquals(known(written, { identity: { ...IDENTITY, id: "journal-2" } }), nothing);
    const anew = { ...IDENTITY, id: "journal-2", firstIndex: 1200 };
    assertEquals(known(written, { identity: anew }).index, 1234, "one that began anew goes on with the numbers");
    assertEquals(known(written, { identity: { ...anew, firstIndex: 1236 } }), nothing);
  });

  it("is the oldest entry where its file cannot be read, and that is said", () => {
    for (const torn of ["", ID, `${ID} `, `${ID} 12x`, `${ID} -1`]) {
      assertEquals(known(torn), { index: 0, why: "kafka.position cannot be read" }, torn);
    }
  });

  it("is unknown where it was published elsewhere before, and that is said", () => {
    const why = "it was fleet,broker-1:9092,broker-2:9092 before";
    assertEquals(known(written, { place: { ...HERE, prefix: "test" } }), { index: FALLBACK, why });
    assertEquals(known(written, { place: { ...HERE, addresses: ["other:9092"] } }), { index: FALLBACK, why });
    const grown = { ...HERE, addresses: ["broker-3:9092", "broker-2:9092"] };
    assertEquals(known(written, { place: grown }).index, 1234, "some of them answer for the others");
    assertEquals(known(`${ID} 1234`).index, 1234, "releases before did not write where");
  });
});

describe("destinations that are not set any more", () => {
  it("are forgotten, and no others", async () => {
    const folder = await Deno.makeTempDir();
    try {
      for (const name of ["kafka.position", "mqtt.position", "id"]) await Deno.writeTextFile(`${folder}/${name}`, "1");
      forgetOthers(folder, ["kafka"]);
      assertEquals(FolderDisk.list(folder).map(({ name }) => name), ["id", "kafka.position"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});
