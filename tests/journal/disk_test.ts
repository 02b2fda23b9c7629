import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FolderDisk } from "../../aggregator/journal/disk.ts";

async function withFolder(test: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

describe("FolderDisk", () => {
  it("refuses a folder that another has, and takes it when that one has closed it", async () => {
    await withFolder((folder) => {
      const disk = FolderDisk.open(folder);
      assertThrows(() => FolderDisk.open(folder), Error, "another process has it");
      disk.close();
      FolderDisk.open(folder).close();
    });
  });

  it("makes the name of a new segment durable with its first sync, and needs no more for the next", async () => {
    await withFolder(async (folder) => {
      const disk = FolderDisk.open(folder);
      const file = disk.create("0000000000000001.journal");
      const open = Deno.open;
      const opened: string[] = [];
      Deno.open = (path, options) => {
        opened.push(String(path));
        return open(path, options);
      };
      try {
        await file.sync();
        await file.sync();
      } finally {
        Deno.open = open;
      }
      assertEquals(opened, [folder], "the folder, to be synced");
      file.close();
      disk.close();
    });
  });

  it("puts a file in place as a whole, and the next one in its place", async () => {
    await withFolder(async (folder) => {
      const disk = FolderDisk.open(folder);
      await disk.replace("a", [Uint8Array.of(1, 2), Uint8Array.of(3)]);
      await disk.replace("a", [Uint8Array.of(4)]);
      assertEquals([[...disk.read("a")], namesIn(folder)], [[4], ["a", "lock"]]);
      disk.close();
    });
  });

  it("leaves nothing behind of a file that it could not put in place", async () => {
    await withFolder(async (folder) => {
      const disk = FolderDisk.open(folder);
      await Deno.mkdir(`${folder}/a/b`, { recursive: true });
      await assertRejects(() => disk.replace("a", [Uint8Array.of(1)]), Error, "directory");
      assertEquals(namesIn(folder), ["a", "lock"]);
      disk.close();
    });
  });

  it("removes what a crash left half written", async () => {
    await withFolder(async (folder) => {
      await Deno.writeFile(`${folder}/0000000000000007.checkpoint.new`, Uint8Array.of(1));
      FolderDisk.open(folder).close();
      assertEquals(namesIn(folder), ["lock"]);
    });
  });
});
