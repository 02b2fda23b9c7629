import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { checkpointName } from "../../aggregator/journal/checkpoints.ts";
import { segmentName } from "../../aggregator/journal/format.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { findBase } from "../../aggregator/sinks/publishing/base.ts";
import { checkpointFile } from "../journal/checkpoint_file.ts";
import { MemoryDisk } from "../journal/memory_disk.ts";

const ID = "journal-1";
const identity = { id: ID, firstIndex: 1, alertsAfter: 0 };

interface Folder {
  firstIndex: number;
  checkpoints: number[];
  erasedIndex?: number;
}

function folder({ firstIndex, checkpoints, erasedIndex = 0 }: Folder): MemoryDisk {
  const disk = new MemoryDisk();
  disk.overwrite(segmentName(firstIndex), new Uint8Array(8));
  const state = [...new Pipeline(PIPELINE_DEFAULTS).snapshot()];
  for (const index of checkpoints) {
    disk.overwrite(checkpointName(index), checkpointFile({ index, timeUs: 1, erasedIndex, state }));
  }
  return disk;
}

describe("where to begin", () => {
  it("is the newest checkpoint that is not beyond it", () => {
    const disk = folder({ firstIndex: 1, checkpoints: [10, 20, 30] });
    assertEquals(findBase(disk, { identity, published: 25 }).index, 20);
    assertEquals(findBase(disk, { identity, published: 20 }).index, 20);
    assertEquals(findBase(disk, { identity, published: 9 }), { index: 0, state: null, missing: null });
  });

  it("is the checkpoint before one that cannot be read", () => {
    const disk = folder({ firstIndex: 1, checkpoints: [10, 20] });
    disk.overwrite(checkpointName(20), new Uint8Array(100));
    assertEquals(findBase(disk, { identity, published: 25 }).index, 10);
  });

  it("is behind what the journal has let go, and says what is missing then", () => {
    const disk = folder({ firstIndex: 16, checkpoints: [10, 20] });
    assertEquals(findBase(disk, { identity, published: 12 }).missing, { firstIndex: 13, lastIndex: 20 });
    assertEquals(findBase(disk, { identity, published: 0 }).missing, null, "nothing was to be there");
    assertThrows(
      () => findBase(folder({ firstIndex: 16, checkpoints: [] }), { identity, published: 12 }),
      Error,
      "begins",
    );
  });

  it("is behind what is about to go, as a drone was erased", () => {
    const disk = folder({ firstIndex: 1, checkpoints: [10, 20, 30], erasedIndex: 15 });
    assertEquals(findBase(disk, { identity, published: 12 }).missing, { firstIndex: 13, lastIndex: 20 });
    assertEquals(findBase(disk, { identity, published: 0 }).index, 20);
    assertEquals(findBase(disk, { identity, published: 15 }).index, 10, "none of it is published any more");
  });

  it("is the first entry of a journal that began anew", () => {
    const anew = { ...identity, firstIndex: 16 };
    const base = findBase(folder({ firstIndex: 16, checkpoints: [] }), { identity: anew, published: 0 });
    assertEquals(base, { index: 15, state: null, missing: null });
  });
});
