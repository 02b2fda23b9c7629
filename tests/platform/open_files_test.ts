import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openFilesMax } from "../../platform/open_files.ts";

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max stack size            8388608              unlimited            bytes
Max open files            1024                 524288               files
`;

describe("openFilesMax", () => {
  it("reads the soft limit, and knows when there is none", () => {
    assertEquals([openFilesMax(LIMITS), openFilesMax(""), openFilesMax("Max open files  unlimited")], [
      1024,
      null,
      null,
    ]);
  });
});
