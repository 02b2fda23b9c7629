import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { list, number, oneOf, text, whole } from "../../platform/kinds.ts";
import { type Command, flag, helpText, many, readOptions, UsageError } from "../../platform/options.ts";

const options = {
  drones: whole({ fallback: 20, max: 100, about: "that fly" }),
  minutes: number({ fallback: null, min: 0.5, max: 10, shown: "once", about: "for so long" }),
  only: list({ fallback: null, fits: (item) => item.startsWith("f"), must: "be names with f", about: "these" }),
  kind: oneOf(["red", "blue"], { fallback: "red", about: "of which kind" }),
  replay: many(text({ fallback: null, placeholder: "FILE…", about: "recordings" })),
  json: flag("for machines"),
};
const COMMAND: Command<typeof options> = { name: "deno task fly", about: "Flies.", options };
const read = (...args: string[]) => readOptions(args, COMMAND);
const problem = (...args: string[]) => assertThrows(() => read(...args), UsageError).message;

const defaults = { drones: 20, minutes: null, only: null, kind: "red" as const, replay: [], json: false };

describe("readOptions", () => {
  it("has a default for everything", () => {
    assertEquals(read(), defaults);
  });

  it("reads values in both forms, lists, repetitions, and the last of what cannot be repeated", () => {
    const args = ["--drones=3", "--minutes", "0.5", "--only", "fa, fb", "--replay", "a", "--replay=b", "--drones", "4"];
    assertEquals(read(...args, "--json", "--kind", "blue"), {
      drones: 4,
      minutes: 0.5,
      only: ["fa", "fb"],
      kind: "blue",
      replay: ["a", "b"],
      json: true,
    });
  });

  it("refuses what is mistyped in one line that names the nearest, and does not complain of its value", () => {
    for (const args of [["--dornes", "5"], ["--dornes=5"], ["--dornes"]]) {
      assertEquals(
        problem(...args),
        "Cannot run deno task fly: --dornes: no such option; the nearest is --drones (see --help)",
      );
    }
    assertStringIncludes(problem("--dornes=5", "five"), "five: this is no option");
    assertStringIncludes(problem("--hlep"), "the nearest is --help");
    assertStringIncludes(problem("-j"), "-j: no such option; the nearest is --json");
    assertStringIncludes(problem("--constructor"), "--constructor: no such option");
  });

  it("refuses each end of a range by one, and what is no number", () => {
    assertEquals(read("--drones", "100"), read("--drones=100"));
    for (const wrong of ["0", "101", "1.5", "", "many", "-1"]) {
      assertStringIncludes(problem(`--drones=${wrong}`), `--drones=${wrong}: must be a whole number from 1 to 100 (`);
    }
    assertStringIncludes(problem("--minutes", "0.4"), "--minutes=0.4: must be a number from 0.5 to 10");
  });

  it("takes no option for a value, and no value for a flag", () => {
    assertStringIncludes(problem("--drones", "--json"), "--drones: needs a value");
    assertStringIncludes(problem("--drones"), "--drones: needs a value");
    assertStringIncludes(problem("--json=no"), "--json: takes no value");
    assertStringIncludes(problem("five"), "five: this is no option");
    assertEquals(read("--replay=--a"), { ...defaults, replay: ["--a"] });
  });

  it("names every problem at once", () => {
    const message = problem("--drones=0", "--kind", "green", "--only", "a", "--wings", "2");
    assertEquals(message.split("\n"), [
      "Cannot run deno task fly: 4 options are wrong (see --help)",
      "  --drones=0: must be a whole number from 1 to 100",
      "  --kind=green: must be one of red, blue",
      "  --only=a: must be names with f",
      "  --wings: no such option; the nearest is --kind",
    ]);
  });

  it("judges what is right each by itself by the command's rules, and only that", () => {
    const rules: NonNullable<typeof COMMAND.rules> = ({ drones, json }) => json && drones > 5 ? ["too many"] : [];
    const message = (...args: string[]) =>
      assertThrows(() => readOptions(args, { ...COMMAND, rules }), UsageError).message;
    assertStringIncludes(message("--json"), "Cannot run deno task fly: too many");
    assertEquals(message("--json", "--kind=x").includes("too many"), false);
  });

  it("gives words to the option that they follow, if it is there", () => {
    const command = { ...COMMAND, words: { what: "files", follow: "replay" } } as const;
    assertEquals(readOptions(["--replay", "a", "b"], command), read("--replay", "a", "--replay", "b"));
    assertStringIncludes(
      assertThrows(() => readOptions(["b"], command), UsageError).message,
      "b: files follow --replay",
    );
  });

  it("gives help whatever else is wrong", () => {
    for (const args of [["--help"], ["-h"], ["--drones", "x", "-h"], ["--wings", "--help"]]) {
      assertEquals(read(...args), "help");
    }
  });
});

describe("helpText", () => {
  it("tells each option and each setting, with what holds without them", () => {
    const settings = { SLIPSTREAM_PORT: whole({ fallback: 87, about: "where" }) };
    assertEquals(helpText({ ...COMMAND, settings }).split("\n"), [
      "Usage: deno task fly [options]",
      "Flies.",
      "",
      "Options (what holds without them):",
      "  --drones N      that fly (20)",
      "  --minutes N     for so long (once)",
      "  --only NAME,…   these",
      "  --kind NAME     of which kind (red)",
      "  --replay FILE…  recordings",
      "  --json          for machines",
      "  -h, --help      this text",
      "  --version       which Slipstream this is",
      "",
      "Variables of the environment (what holds without them):",
      "  SLIPSTREAM_PORT  where (87)",
    ]);
  });

  it("goes on in the next line where a line ends", () => {
    const long = { fly: flag("w ".repeat(100).trim()) };
    const lines = helpText({ name: "fly", about: "", options: long }).split("\n");
    assertEquals(lines.every((line) => line.length <= 120), true);
    assertEquals(lines.slice(4, -2).join(" ").match(/w/g)?.length, 100);
    assertEquals(lines.at(-3)?.startsWith(" ".repeat(14) + "w"), true);
  });
});
