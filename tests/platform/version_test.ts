import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { VERSION } from "../../platform/version.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

describe("the version", () => {
  it("is one of semantic versioning, and the same in deno.json", async () => {
    assertMatch(VERSION, /^\d+\.\d+\.\d+(-[\w.]+)?$/);
    assertEquals(JSON.parse(await read("deno.json")).version, VERSION);
  });

  it("is the newest that the changelog tells of, if it tells of any yet", async () => {
    const headings = [...(await read("CHANGELOG.md")).matchAll(/^## \[?v?([\w.-]+)/gm)].map(([, heading]) => heading);
    const newest = headings.find((heading) => heading !== "Unreleased");
    assertEquals([headings.length > 0, newest ?? VERSION], [true, VERSION]);
  });
});
