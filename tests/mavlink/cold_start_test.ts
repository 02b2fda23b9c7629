// What MAVLink costs an edge: nothing before the first peer comes, and then little.
import { assertEquals, assertLessOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { firstRecordMs } from "./first_record_ms.ts";

const ROOT = new URL("../../", import.meta.url);
const WASM = new URL("../../wasm/mavlink/pkg/mavlink_bg.wasm", import.meta.url);
const BYTES_MAX = 100_000;
/** The budget is 10, which `bench --only mavlink` measures; machines are slower, and busy. */
const LOAD_MS_MAX = 30;
const PROCESSES = 20;

/** Of `deno info --json`. */
interface Module {
  specifier: string;
  dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[];
}

/** What is loaded when this is run, types left out; `later`: what may be loaded in the course of time as well. */
async function loaded(path: string, { later }: { later: boolean }): Promise<string[]> {
  const args = ["info", "--json", path];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stderr: "null" }).output();
  const { modules, roots }: { modules: Module[]; roots: string[] } = JSON.parse(new TextDecoder().decode(stdout));
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Set(roots);
  for (const specifier of found) {
    for (const { code, isDynamic = false } of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (code && (later || !isDynamic)) found.add(code.specifier);
    }
  }
  return [...found].filter((url) => url.startsWith(ROOT.href)).map((url) => url.slice(ROOT.href.length));
}

describe("an edge that no MAVLink peer has come to", () => {
  for (const main of ["edge/main.ts", "edge/node/main.ts"]) {
    it(`has loaded of it what says where it listens, who signs and what was counted: ${main}`, async () => {
      const atFirst = (await loaded(main, { later: false })).filter((path) => path.includes("mavlink"));
      const EDGE = [
        "edge/ingest/mavlink/keys.ts",
        "edge/ingest/mavlink/tally.ts",
        "edge/ingest/mavlink_door.ts",
        "edge/ingest/mavlink_serving.ts",
        "edge/settings/mavlink.ts",
        "wasm/mavlink/counts.ts",
      ];
      assertEquals(atFirst.sort(), main === "edge/main.ts" ? EDGE : ["edge/settings/mavlink.ts"]);
      const inTime = await loaded(main, { later: true });
      assertEquals(["edge/ingest/mavlink/links.ts", "wasm/mavlink.ts"].filter((path) => !inTime.includes(path)), []);
    });
  }
});

describe("the first MAVLink peer", () => {
  it("has a module loaded that is small", async () => {
    assertLessOrEqual((await Deno.stat(WASM)).size, BYTES_MAX);
  });

  it("is heard within moments", async () => {
    // The quickest of some processes: whatever else runs here only makes it longer.
    const took: number[] = [];
    while (took.length < PROCESSES && !took.some((ms) => ms <= LOAD_MS_MAX)) took.push(await firstRecordMs());
    assertLessOrEqual(Math.min(...took), LOAD_MS_MAX);
  });
});
