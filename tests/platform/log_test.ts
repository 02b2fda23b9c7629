import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Allowance } from "../../platform/allowance.ts";
import { announced, type Level, LOG_DEFAULTS, type LogSettings, logSettings, openLog } from "../../platform/log.ts";

const TRACE = Uint8Array.from({ length: 24 }, (_, i) => i + 1);
const IDS = { traceId: "0102030405060708090a0b0c0d0e0f10", spanId: "1112131415161718" };
const AT = "2026-11-30T11:44:39.120Z";
const HOSTILE = 'a\nedge warn: b\r\x1b[2J\u2028\u202ec\u2066d\x7f\x85\x00é\t"\\';

/** A log whose clock is turned by hand, and what it has written. */
function rig(settings: Partial<LogSettings> = {}) {
  const [lines, timers]: [string[], (() => void)[]] = [[], []];
  let clockMs = 0;
  const log = openLog({
    ...{ ...LOG_DEFAULTS, ...settings, name: "edge 1" },
    now: () => Date.parse(AT),
    clock: () => clockMs,
    write: (line) => lines.push(line),
    after: (_, fn) => timers.push(fn),
  });
  const later = (ms: number) => {
    clockMs += ms;
    for (const fn of timers.splice(0)) fn();
  };
  return { log, lines, later, timers };
}

describe("a log", () => {
  it("is text for people: process, level, message, and the trace where there is one", () => {
    const { log, lines } = rig();
    log("warn", "it leaks");
    log("info", "it is traced", TRACE);
    log("info", "it is not", new Uint8Array(24));
    assertEquals(lines, [
      "edge 1 warn: it leaks",
      `edge 1 info: it is traced (trace ${IDS.traceId})`,
      "edge 1 info: it is not",
    ]);
  });

  it("is an object a line for programs", () => {
    const { log, lines } = rig({ format: "json" });
    log("warn", "it leaks");
    log("error", "it is traced", TRACE);
    log("info", "it is not", new Uint8Array(3));
    const common = { time: AT, process: "edge 1" };
    assertEquals(lines.map((line) => JSON.parse(line)), [
      { ...common, level: "warn", message: "it leaks" },
      { ...common, level: "error", message: "it is traced", ...IDS },
      { ...common, level: "info", message: "it is not" },
    ]);
  });

  const LEVELS: [least: Level, told: string][] = [["info", "info warn error"], ["warn", "warn error"], [
    "error",
    "error",
  ]];
  for (const [level, told] of LEVELS) {
    it(`of at least ${level} tells ${told}`, () => {
      const { log, lines } = rig({ level, format: "json" });
      for (const each of ["info", "warn", "error"] as const) log(each, "x");
      assertEquals(lines.map((line) => JSON.parse(line).level).join(" "), told);
    });
  }

  it("shows what would look like another line, or turn one, in either format", () => {
    for (const format of ["text", "json"] as const) {
      const { log, lines } = rig({ format });
      log("warn", HOSTILE);
      assertEquals(lines.length, 1);
      assertEquals(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(lines[0]!), false, lines[0]);
      if (format === "json") assertEquals(JSON.parse(lines[0]!).message, HOSTILE);
    }
  });

  it("holds a stack in one line of JSON", () => {
    const { stack = "" } = new Error("Cannot do it");
    const { log, lines } = rig({ format: "json" });
    log("warn", stack);
    assertEquals([lines[0]!.includes("\n"), JSON.parse(lines[0]!).message], [false, stack]);
  });

  it("cuts a flood, says how long it was, and goes on; what is an error is always told", () => {
    const { log, lines, later, timers } = rig();
    for (let i = 0; i < 1000; i++) log("warn", `flood ${i}`);
    log("error", "it ends");
    assertEquals([lines.length, lines.at(-2), lines.at(-1)], [201, "edge 1 warn: flood 199", "edge 1 error: it ends"]);
    later(1000);
    assertEquals(lines.at(-1), "edge 1 warn: 800 lines were not written: too many came at once");
    log("info", "calm again");
    assertEquals([lines.at(-1), timers.length], ["edge 1 info: calm again", 0]);
    for (let i = 0; i < 30; i++) log("info", "more");
    later(1000);
    assertEquals(lines.at(-1), "edge 1 warn: 11 lines were not written: too many came at once");
  });

  it("says the same of where it listens: alone as text, as a line of the log otherwise", () => {
    const of = { name: "edge", now: () => Date.parse(AT) };
    assertEquals(announced("listening on http://[::1]:1", { ...of, format: "text" }), "listening on http://[::1]:1");
    const line = announced("listening on http://[::1]:1", { ...of, format: "json" });
    assertMatch(line, /listening on http:\/\/\[::1\]:1/);
    assertEquals(JSON.parse(line).level, "info");
  });
});

describe("logSettings", () => {
  it("goes by where the log is read, unless somebody says otherwise", () => {
    const formatOf = (logFormat: "text" | "json" | null, isTerminal: boolean) =>
      logSettings({ logFormat, logLevel: "warn" }, { isTerminal }).format;
    assertEquals([formatOf(null, true), formatOf(null, false)], ["text", "json"]);
    assertEquals([formatOf("json", true), formatOf("text", false)], ["json", "text"]);
  });
});

describe("Allowance", () => {
  it("allows so many at once, so many a second for long, and counts what is beyond", () => {
    const allowance = new Allowance({ burst: 3, perS: 2 });
    const take = (n: number, ms: number) => Array.from({ length: n }, () => allowance.take(ms)).filter(Boolean).length;
    assertEquals([take(5, 0), allowance.takeDenied(), allowance.takeDenied()], [3, 2, 0]);
    assertEquals([take(5, 500), take(5, 1500), take(5, 1_000_000)], [1, 2, 3]);
    assertEquals([take(5, 999_000), allowance.takeDenied()], [0, 14]);
  });
});
