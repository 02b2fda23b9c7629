// Style is a test: what can be said of the sources by looking at them is said here, so that no review has to.
import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertGreater } from "@std/assert";
import { importsOf, type Source } from "./style/imports.ts";
import { ROOT, sources } from "./style/sources.ts";

const LINES_MAX = 300;
const MEDIAN_LINES_MAX = 90;

const REFUSED_FILES = /(^|\/)(utils?|helpers?|common|misc|types|index)\.ts$|\/(helpers|utils|common)\//;
const REFUSED_CLASSES = /\b(class|interface) (\w+(Manager|Service|Helper|Handler|Impl)|Base[A-Z]\w*)\b/;
const UNFINISHED = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`);
const ENVIRONMENT = /\bDeno\.env\b|\bDate\.now\(|\bMath\.random\(/;
const TIMERS = /\bperformance\.now\(|\bset(Timeout|Interval|Immediate)\(/;
/** Processes and programs read the environment and the clock; so may tests. */
const AMBIENT_ALLOWED =
  /(^|\/)(main|config|build|generate|demo)\.ts$|^platform\/system\.ts$|^clients\/typescript\/src\/machine\.ts$|^tests\//;

/** `path:line: text` of every line of these files that matches. */
function matches(files: Source[], pattern: RegExp): string[] {
  return files.flatMap(({ path, lines }) =>
    lines.flatMap((line, i) => pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])
  );
}

const all = await sources();
const typescript = all.filter(({ path }) => path.endsWith(".ts"));
const tests = typescript.filter(({ path }) => path.startsWith("tests/"));
const code = typescript.filter(({ path }) => !path.startsWith("tests/"));
const graph = typescript.flatMap(importsOf);

describe("the sources", () => {
  it("are found at all", () => {
    for (const part of ["edge/main.ts", "aggregator/main.ts", "wasm/hot_path.ts", "sim/main.ts"]) {
      assertEquals(typescript.some(({ path }) => path === part), true, part);
    }
    assertGreater(graph.length, typescript.length);
  });

  it(`have at most ${LINES_MAX} lines a file`, () => {
    const long = all.filter(({ lines }) => lines.length - 1 > LINES_MAX);
    assertEquals(long.map(({ path, lines }) => `${path}: ${lines.length - 1}`), []);
  });

  it(`have a median of at most ${MEDIAN_LINES_MAX} lines`, () => {
    const lengths = typescript.map(({ lines }) => lines.length - 1).sort((a, b) => a - b);
    assertEquals(lengths[lengths.length >> 1]! <= MEDIAN_LINES_MAX, true, `median ${lengths[lengths.length >> 1]}`);
  });

  it("begin with a header that says what the file is for", () => {
    const without = typescript.filter(({ path, text }) => !text.startsWith("//") && !/(_test|\.d)\.ts$/.test(path));
    assertEquals(without.map(({ path }) => path), []);
  });

  it("have no refused file names", () => {
    const refused = typescript.filter(({ path }) => REFUSED_FILES.test(path) && path !== "wasm/assembly/index.ts");
    assertEquals(refused.map(({ path }) => path), []);
  });

  it("have no refused class names", () => {
    assertEquals(matches(typescript, REFUSED_CLASSES), []);
  });

  it("have no any, outside explained suppressions", () => {
    const explained = /deno-lint-ignore no-explicit-any -- \S/;
    const any = typescript.flatMap(({ path, lines }) =>
      lines.flatMap((line, i) =>
        /(: any\b|\bas any\b|<any>|\bany\[\])/.test(line) && !/^\s*(\/\/|\/?\*)/.test(line) &&
          !explained.test(lines[i - 1] ?? "")
          ? [`${path}:${i + 1}: ${line.trim()}`]
          : []
      )
    );
    assertEquals(any.filter((line) => !line.startsWith("tests/style_test.ts")), []);
  });

  it("have no empty catch", () => {
    const empty = typescript.filter(({ text }) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(text));
    assertEquals(empty.map(({ path }) => path), []);
  });

  it("have no marks of unfinished work", () => {
    assertEquals(matches(all, UNFINISHED), []);
  });

  it("and the README have no gaps that somebody meant to fill", async () => {
    const text = await Deno.readTextFile(new URL("README.md", ROOT));
    assertEquals(text.match(/@@\w+@@/g) ?? [], []);
  });

  it("have no error messages that end with a full stop", () => {
    assertEquals(matches(typescript, /new \w*Error\(\s*["`][^"`]*\.["`]\s*[,)]/), []);
  });
});

describe("the imports", () => {
  it("keep edge and aggregator apart", () => {
    const crossing = graph.filter(({ from, to }) =>
      (from.startsWith("edge/") && to.startsWith("aggregator/")) ||
      (from.startsWith("aggregator/") && to.startsWith("edge/"))
    );
    assertEquals(crossing, []);
  });

  it("of the contract and the hot path lead nowhere else", () => {
    // What makes them is a command as any other.
    const isProgram = (from: string, to: string) =>
      /^(proto\/generate|wasm\/build)\.ts$/.test(from) && to === "platform/options.ts";
    const leaving = graph.filter(({ from, to }) =>
      (from.startsWith("proto/") && !to.startsWith("proto/") && to !== "import_map.json" && !isProgram(from, to)) ||
      (from.startsWith("wasm/") && !/^(wasm|proto)\//.test(to) && to !== "import_map.json" && !isProgram(from, to))
    );
    assertEquals(leaving, []);
  });

  it("of what knows no domain lead nowhere", () => {
    const isVersion = (to: string) => to === "deno.json";
    const leaving = graph.filter(({ from, to }) => from.startsWith("platform/") && !to.startsWith("platform/"));
    assertEquals(leaving.filter(({ to }) => !isVersion(to)), []);
  });

  it("of what drones are made with lead to the contract alone", () => {
    const own = graph.filter(({ from }) => from.startsWith("clients/typescript/"));
    assertGreater(own.length, 20);
    assertEquals(own.filter(({ to }) => !to.startsWith("clients/typescript/") && !to.startsWith("proto/")), []);
  });

  it("never lead from outside into sim or tests", () => {
    const entering = graph.filter(({ from, to }) =>
      (to.startsWith("sim/") && !from.startsWith("sim/") && !from.startsWith("tests/")) ||
      (to.startsWith("tests/") && !from.startsWith("tests/"))
    );
    assertEquals(entering, []);
  });

  it("lead to files that exist", () => {
    const known = new Set(typescript.map(({ path }) => path));
    const missing = graph.filter(({ to }) => to.endsWith(".ts") && !to.startsWith("proto/gen/") && !known.has(to));
    assertEquals(missing, []);
  });
});

describe("the environment, the clock, timers and chance", () => {
  const leaves = code.filter(({ path }) => !AMBIENT_ALLOWED.test(path) && !path.startsWith("wasm/assembly/"));
  const used = (files: Source[], pattern: RegExp) =>
    matches(files, pattern).filter((line) => !/^\S+: (\/\/|\*)/.test(line));

  it("are touched by main.ts, config.ts and programs only", () => {
    assertEquals(used(leaves, ENVIRONMENT), []);
  });

  it("are handed in wherever the system itself needs timers", () => {
    assertEquals(used(leaves.filter(({ path }) => !path.startsWith("sim/")), TIMERS), []);
  });
});

describe("the tests", () => {
  it("skip nothing but what lacks its data, single out nothing, and cannot pass by saying nothing", () => {
    const others = tests.filter(({ path }) => !/^tests\/(style_test|std\/bdd)\.ts$/.test(path));
    assertEquals(matches(others, /\bignore: (?!!has[A-Z])|\.(ignore|skip|only)\(|\bassert\(true\)/), []);
  });

  it("do not sleep for seconds", () => {
    assertEquals(matches(tests, /setTimeout\([^,]+, *[0-9]{4,}\)/), []);
  });

  it("are named as sentences", () => {
    const names = tests.flatMap(({ path, text }) =>
      [...text.matchAll(/^\s*it\(\s*["`]([^"`]+)["`]/gm)].map((match) => `${path}: ${match[1]!}`)
    );
    assertEquals(names.filter((name) => name.split(": ").slice(1).join(": ").trim().split(/\s+/).length < 2), []);
  });
});
