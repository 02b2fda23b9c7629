// What others have sent, where it is told on: in a line of the log, and as why a socket is closed.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { closeReason } from "../../platform/close_reason.ts";
import { jsonLine, logLine } from "../../platform/log_line.ts";

describe("logLine", () => {
  it("shows what would look like another line, or turn one", () => {
    assertEquals(
      logLine("a\nedge warn: b\r\x1b[2J\u2028\u202ec\u2066d\x7f\x00é\t"),
      "a\\u{a}edge warn: b\\u{d}\\u{1b}[2J\\u{2028}\\u{202e}c\\u{2066}d\\u{7f}\\u{0}é\\u{9}",
    );
  });

  it("shows what is not seen", () => {
    assertEquals(logLine("a\u200bb\ufeff\u{e0041}"), "a\\u{200b}b\\u{feff}\\u{e0041}");
    assertEquals(jsonLine({ a: "\u200b\x9b\u{e0041}\n" }), '{"a":"\\u200b\\u009b\\udb40\\udc41\\n"}');
    assertEquals(JSON.parse(jsonLine({ a: "\u{e0041}" })), { a: "\u{e0041}" });
  });

  it("leaves a stack as it is", () => {
    const { stack = "" } = new Error("Cannot do it");
    assertEquals(logLine(`failed: ${stack}`), `failed: ${stack}`);
  });
});

describe("closeReason", () => {
  it("cuts what has no place in a close frame, between characters", () => {
    for (const text of ["", "short", "x".repeat(123), "é".repeat(61)]) assertEquals(closeReason(text), text);
    assertEquals(closeReason("x".repeat(124)), "x".repeat(123));
    assertEquals(closeReason("é".repeat(62)), "é".repeat(61));
    assertEquals(closeReason(`${"x".repeat(120)}🛩🛩`), "x".repeat(120));
  });
});
