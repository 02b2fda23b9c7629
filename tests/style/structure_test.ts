import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertGreater } from "@std/assert";
import { circles, importsOf, roomOf, type Source } from "./imports.ts";
import { longSignatures } from "./signatures.ts";
import { sources } from "./sources.ts";

const ROOT_FILES_MAX = 6;
/** Loops over each frame, record or pair, where an object for each call would cost more than it says. */
const HOT = [
  "aggregator/airspace/airspace.ts: #find",
  "aggregator/airspace/airspace.ts: #noteBeside",
  "aggregator/airspace/crowd_places.ts: #latest",
  "aggregator/airspace/crowd_places.ts: untilS",
  "aggregator/airspace/crowds.ts: isCrowded",
  "aggregator/airspace/crowds.ts: together",
  "aggregator/airspace/pairs.ts: judge",
  "aggregator/airspace/separation.ts: assess",
  "aggregator/airspace/steady.ts: norm",
  "aggregator/journal/format.ts: readStored",
  "aggregator/pipeline/drones/battery.ts: grade",
  "aggregator/pipeline/drones/drone.ts: observePosition",
  "aggregator/pipeline/drones/obstacles.ts: #worst",
  "aggregator/pipeline/records/doubles.ts: accounts",
  "aggregator/pipeline/records/doubles.ts: canHaveSentAll",
  "aggregator/pipeline/windows/pane.ts: addPosition",
  "aggregator/pipeline/windows/windows.ts: pane",
  "edge/drones/slots.ts: part",
  "edge/drones/slots.ts: speaksOnlyAs",
  "edge/drones/slots.ts: spokeFor",
  "edge/ingest/telemetry.ts: #push",
  "edge/ingest/telemetry.ts: #takesTurn",
  "platform/bounds.ts: bounded",
  "wasm/exports.ts: configure",
  "wasm/exports.ts: haversineM",
  "wasm/exports.ts: push",
  "wasm/hot_path.ts: push",
  "wasm/mavlink/exports.ts: push",
];

const typescript = (await sources()).filter(({ path }) => path.endsWith(".ts"));
const isCode = ({ path }: Source) => !path.startsWith("tests/") && !path.startsWith("wasm/assembly/");
const graph = typescript.flatMap(importsOf).map(({ from, to }) => ({ from, to: /\.\w+$/.test(to) ? to : `${to}.ts` }));

describe("the rooms", () => {
  it("have no imports that go round in circles, of files or of folders", () => {
    const inside = graph.filter(({ from, to }) => !from.startsWith("tests/") && !to.startsWith("proto/gen/"));
    assertGreater(inside.length, typescript.length);
    assertEquals(circles(inside), []);
    assertEquals(circles(inside.map(({ from, to }) => ({ from: roomOf(from), to: roomOf(to) }))), []);
  });

  for (const part of ["edge", "aggregator"]) {
    it(`of ${part} are told by at most ${ROOT_FILES_MAX} files at its root`, () => {
      const files = typescript.filter(({ path }) => path.startsWith(`${part}/`) && roomOf(path) === path);
      assertGreater(files.length, 2);
      assertEquals(files.length <= ROOT_FILES_MAX, true, files.map(({ path }) => path).join(" "));
    });

    it(`of ${part} are put together in at most 120 lines`, () => {
      const assembly = typescript.find(({ path }) => path === `${part}/${part}.ts`);
      assertEquals(assembly!.lines.length - 1 <= 120, true, `${assembly!.lines.length - 1}`);
    });
  }

  it("are told from circles: two files, two folders, and a file of its own folder", () => {
    const edges = (...pairs: string[]) => pairs.map((pair) => ({ from: pair.split(" ")[0]!, to: pair.split(" ")[1]! }));
    assertEquals(circles(edges("a b", "b c", "c a", "c d")), [["a", "b", "c"]]);
    assertEquals(circles(edges("a b", "a c", "b d", "c d")), []);
    assertEquals(["edge/main.ts", "edge/lanes/lanes.ts", "a/b/c/d.ts"].map(roomOf), [
      "edge/main.ts",
      "edge/lanes",
      "a/b/c",
    ]);
  });
});

describe("functions", () => {
  it("take at most two positional arguments and then options, but for hot loops", () => {
    assertEquals(typescript.filter(isCode).flatMap(longSignatures).sort(), HOT);
  });

  it("are judged by their declarations alone", () => {
    const judged = (text: string) => longSignatures({ path: "a.ts", text, lines: [] });
    assertEquals(judged("function f(a: number, b: number, c: number): void {}"), ["a.ts: f"]);
    assertEquals(judged("function f(a: A, b: B, { c }: { c: number }): void {}"), []);
    assertEquals(judged("  #g(a: A, b: B, c = 0): void {"), ["a.ts: #g"]);
    assertEquals(judged("  f(a, b, c);\n  f({ a: 1 }, b, c);"), []);
  });
});

describe("exports", () => {
  it("have readers: values that only their own file uses are not exported", () => {
    const words = typescript.map(({ path, text }) => ({ path, words: new Set(text.match(/\w+/g)) }));
    const unread = typescript.filter(isCode).flatMap(({ path, text }) => {
      const names = [...text.matchAll(/^export (?:async )?(?:function\*?|class|const|let) (\w+)/gm)].map(([, name]) =>
        name!
      );
      return names.filter((name) => !words.some((other) => other.path !== path && other.words.has(name)))
        .map((name) => `${path}: ${name}`);
    });
    assertEquals(unread, []);
  });
});
