import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { text, whole } from "../../platform/kinds.ts";
import { UsageError } from "../../platform/options.ts";
import { chosenCommand, programHelp, subcommand } from "../../platform/subcommands.ts";

const ran: unknown[] = [];
const run = (options: unknown) => Promise.resolve(void ran.push(options));
const up = {
  name: "deno task fly up",
  about: "Goes up.",
  options: { metres: whole({ fallback: 5, about: "so far" }) },
};
const to = {
  name: "deno task fly to",
  about: "Goes there.",
  options: { place: text({ fallback: "home", about: "where" }) },
};
const FLY = { name: "deno task fly", about: "Flies.", commands: { up: subcommand(up, run), to: subcommand(to, run) } };
const problem = (...args: string[]) => assertThrows(() => chosenCommand(args, FLY), UsageError).message;

describe("chosenCommand", () => {
  it("is the one of the first word, with the options behind it", async () => {
    for (const args of [["up", "--metres", "7"], ["to"]]) {
      const chosen = chosenCommand(args, FLY);
      if (chosen !== "help") await chosen.run();
    }
    assertEquals(ran, [{ metres: 7 }, { place: "home" }]);
  });

  it("is help when that is asked for before any command", () => {
    assertEquals([chosenCommand(["--help"], FLY), chosenCommand(["-h", "up"], FLY)], ["help", "help"]);
  });

  it("names the nearest of a command or an option that is not there", () => {
    assertEquals(problem("pu"), "Cannot run deno task fly: pu: no such command; the nearest is up (see --help)");
    assertEquals(
      problem("toString"),
      "Cannot run deno task fly: toString: no such command; the nearest is to (see --help)",
    );
    assertEquals(
      problem("--hepl"),
      "Cannot run deno task fly: --hepl: no such option; the nearest is --help (see --help)",
    );
    assertEquals(problem(), "Cannot run deno task fly: a command is needed: up, to (see --help)");
    assertEquals(problem(""), "Cannot run deno task fly: : no such command; the nearest is up (see --help)");
  });
});

describe("programHelp", () => {
  it("tells of each command with its options", () => {
    const help = programHelp(FLY);
    assertMatch(help, /^Usage: deno task fly COMMAND \[options\]\nFlies\.\n/);
    assertMatch(help, /^ {2}up {2}Goes up\. \(--metres\)\n {2}to {2}Goes there\. \(--place\)$/m);
    assertMatch(help, /^ {2}-h, --help {2}this text$/m);
  });
});
