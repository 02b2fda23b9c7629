import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { Command } from "../e2e/command.ts";
import { freePort } from "../e2e/free_port.ts";
import { runToEnd } from "../e2e/process.ts";
import { System, until } from "../e2e/system.ts";

const hasScript = await new Command("script", ["--version"]).succeeds();
const ESC = "\x1b";
const STYLES = [0, 1, 2, 31].map((style) => `${ESC}[${style}m`);
const ARGS = ["run", "-A", "--quiet", "deploy/top/main.ts"];

describe("deno task top", () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start();
    await until("the edge has told how it is", async () => (await system.fleet()).edges[0]?.status != null);
  });
  afterAll(async () => {
    await system.stop();
    await system[Symbol.asyncDispose]();
  });
  const top = (...args: string[]) => runToEnd([...ARGS, "--aggregator", system.aggregator.url, ...args]);

  it("shows one picture where there is no terminal, and no control characters in it", async () => {
    const { code, stdout, stderr } = await top();
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^slipstream \S+ {2}http:\S+ {2}\d\d:\d\d:\d\d UTC\n0 drones, 0 in the air/);
    assertMatch(stdout, /\nEDGES {2}1\n.*\n {2}edge-1 +0 +0 +0\.0 kB\/s/);
    assertEquals(stdout.includes("\x1b"), false);
  });

  it("is one object with --json", async () => {
    const { code, stdout } = await top("--json");
    const { trouble, fleet, alerts } = JSON.parse(stdout);
    assertEquals([code, trouble, fleet.edges[0].edgeId, alerts], [0, null, "edge-1", []]);
  });

  it("ends with 1, and says why, when nobody is there", async () => {
    const { code, stdout } = await runToEnd([...ARGS, "--aggregator", `http://127.0.0.1:${freePort()}`]);
    assertEquals(code, 1);
    assertMatch(stdout, /\nNOT CONNECTED: .*refused/);
  });

  it("fills a terminal until q is pressed, and leaves it as it was", { ignore: !hasScript }, async () => {
    const command = `stty rows 20 cols 70; ${Deno.execPath()} ${
      ARGS.join(" ")
    } --aggregator ${system.aggregator.url}; stty -a`;
    const file = await Deno.makeTempFile();
    const read = () => Deno.readTextFile(file);
    async function* keys() {
      await until("the fleet is shown", async () => (await read()).includes("EDGES  1"), 60_000);
      yield "q";
    }
    const { code } = await new Command("script", ["-qefc", command, file]).output(keys());
    const written = await read();
    await Deno.remove(file);
    assertEquals(code, 0, written);
    const [, drawn = ""] = written.split(`${ESC}[?1049h${ESC}[?25l`);
    const [screens = "", after = ""] = drawn.split(`${ESC}[0m${ESC}[?25h${ESC}[?1049l`);
    const [screen = ""] = screens.split(`${ESC}[H`).slice(-1);
    assertStringIncludes(screen, "q ends");
    const lines = STYLES.reduce((text, style) => text.replaceAll(style, ""), screen).split(/\r+\n/);
    assertEquals([lines.length, new Set(lines.map(({ length }) => length))], [20, new Set([70])], screen);
    assert(/(^|\s)icanon/.test(after) && /(^|\s)echo\b/.test(after), `the terminal was left otherwise: ${after}`);
  });
});
