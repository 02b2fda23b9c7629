import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Board, changed, connected, emptyBoard, lost, reported } from "../../deploy/top/board.ts";
import { fitted, shown, widthOf } from "../../deploy/top/columns.ts";
import { linesOf, screenOf } from "../../deploy/top/screen.ts";
import { alertOf, edgeWord, fleetOf, TIME_US } from "./boards.ts";

const NOW_MS = TIME_US / 1000 + 5000;
const HOSTILE = "a\n\x1b]0;owned\x07\x1b[2J\u202e\u200d\u0301\ud800z";
/** Whatever a terminal might take for more than a character. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Cs}\p{M}\u2028\u2029]/u;

/** A second after the first report. */
function board(): Board {
  const seen = reported(
    connected(emptyBoard("http://a:1"), [alertOf(1), alertOf(2, { severity: "warning", kind: "crowd" })]),
    fleetOf(),
  );
  const status = { ...edgeWord("").status, receivedRecords: 9350, receivedBytes: 110_500 };
  return reported(
    seen,
    fleetOf({
      timeUs: TIME_US + 1e6,
      records: { accepted: 5340, duplicate: 3, late: 2 },
      edges: [edgeWord("edge-1", { status }), edgeWord("edge-2", { connections: 0, status: null })],
    }),
  );
}

const textOf = (of: Board, rows?: number) =>
  linesOf(of, { nowMs: NOW_MS, ...rows && { rows } }).map(({ text }) => text.trimEnd());

describe("the screen of a board", () => {
  it("has the fleet, its edges, what takes longest, and the alerts that are open", () => {
    assertEquals(textOf(board()), [
      "slipstream 1.2.3  http://a:1  14:13:25 UTC",
      "20 drones, 18 in the air, 1 lost, 0 ghosts, 1 conflicts",
      "340 records/s, 3 duplicate, 2 late, watermark 110 ms behind",
      "journal durable, 4 entries wait; 0 warnings wait",
      "",
      "EDGES  2",
      "  edge    drones  records/s         in   cpu  level   lag  backlog  version  region  state",
      "  edge-1      20        350  20.5 kB/s  12 %      0  3 ms     7 ms    1.2.3  eu      here",
      "  edge-2       –          –          –     –      –     –        –    1.2.3  eu      AWAY",
      "",
      "SLOWEST STAGES  4",
      "  stage                  p50      p99  times",
      "  warning, uplink    20.6 ms  41.3 ms     10",
      "  sensor to window   15.0 ms  30.0 ms     10",
      "  journal, a commit   1.0 ms   2.0 ms     10",
      "  warning, drone      0.5 ms   1.0 ms     10",
      "",
      "OPEN ALERTS  2",
      "  critical  conflict  5 s  d1, d2  d1 and d2 are 30 m apart",
      "  warning   crowd     5 s  d1, d2  d1 and d2 are 30 m apart",
    ]);
  });

  for (const [columns, rows] of [[80, 24], [40, 10], [200, 60], [3, 2], [1, 1]] as const) {
    it(`fills a terminal of ${columns} by ${rows}, and no more`, () => {
      const lines = screenOf(board(), { columns, rows, nowMs: NOW_MS });
      assertEquals([lines.length, new Set(lines.map(({ text }) => widthOf(text)))], [rows, new Set([columns])]);
    });
  }

  it("says how many alerts and edges have no room", () => {
    const many = Array.from({ length: 50 }, (_, i) => alertOf(i));
    const edges = Array.from({ length: 30 }, (_, i) => edgeWord(`edge-${i}`));
    const full = reported(connected(emptyBoard("u"), many), fleetOf({ edges }));
    const lines = textOf(full, 40);
    assertEquals(lines.length, 40);
    assertEquals(lines.filter((line) => line.startsWith("  and ")), ["  and 20 more", "  and 38 more"]);
  });

  it("says that it hears nothing, why, and of when it is", () => {
    assertEquals(textOf(emptyBoard("u")).at(-1), "NOT CONNECTED: connecting");
    const old = lost(board(), "Connection refused");
    assertEquals(textOf(old)[1], "NOT CONNECTED: Connection refused, this is of 14:13:21 UTC");
    assertStringIncludes(textOf(old)[3]!, "– records/s");
    assertEquals(linesOf(old, { nowMs: NOW_MS })[1]!.style, "wrong");
  });

  it("shows in red what must not be overseen", () => {
    const bad = reported(
      board(),
      fleetOf({
        journal: { state: "failing", waiting: 9, commitMs: null },
        tooSlow: { what: "edge edge-1", lagMs: 812.4 },
      }),
    );
    const wrong = linesOf(bad, { nowMs: NOW_MS }).filter(({ style }) => style === "wrong").map(({ text }) => text);
    assertEquals(wrong.slice(0, 2), [
      "journal failing, 9 entries wait; 0 warnings wait",
      "TOO SLOW: edge edge-1, 812 ms late",
    ]);
    assert(wrong[2]!.startsWith("  critical"));
  });

  it("lets no name write anywhere else, whoever chose it", () => {
    const droneIds = [HOSTILE, HOSTILE];
    const alert = alertOf(1, {
      droneIds,
      message: HOSTILE,
      kind: HOSTILE,
      severity: HOSTILE,
      acknowledgedBy: HOSTILE,
      detail: HOSTILE,
    });
    const edges = [edgeWord(HOSTILE, { region: HOSTILE, version: HOSTILE })];
    const fleet = fleetOf({
      ...{ edges, version: HOSTILE, tooSlow: { what: HOSTILE, lagMs: 1 } },
      ...{
        journal: { state: HOSTILE, waiting: 0, commitMs: null },
        warnings: { waiting: 0, stagesMs: { [HOSTILE]: { count: 1, p50: 1, p99: 1 } } },
      },
    });
    const hostile = lost(reported(connected(emptyBoard(HOSTILE), [alert]), fleet), HOSTILE);
    const lines = screenOf(hostile, { columns: 300, rows: 40, nowMs: NOW_MS });
    assertEquals(lines.filter(({ text }) => CONTROLS.test(text)), []);
    assertGreater(lines.filter(({ text }) => text.includes("\\u{1b}")).length, 5);
  });

  it("forgets an alert that is over, and keeps no more than a thousand", () => {
    let many = connected(emptyBoard("u"), []);
    for (let i = 0; i < 1500; i++) many = changed(many, alertOf(i));
    assertEquals([many.alerts.size, many.alerts.has(499), many.alerts.has(500)], [1000, false, true]);
    assertEquals(changed(many, alertOf(700, { transition: "resolve" })).alerts.has(700), false);
  });

  it("counts no rates across an edge's new beginning", () => {
    const before = reported(connected(emptyBoard("u"), []), fleetOf({ edges: [edgeWord("e")] }));
    const status = { ...edgeWord("").status, receivedRecords: 10 };
    const after = reported(before, fleetOf({ timeUs: TIME_US + 1e6, edges: [edgeWord("e", { status })] }));
    assert(/^ {2}e +20 +–/.test(textOf(after)[7]!), textOf(after)[7]);
  });
});

describe("text in columns", () => {
  it("is exactly as wide as it is to be, wide characters included", () => {
    assertEquals([fitted("abc", 5), fitted("abcdef", 4), fitted("日本語", 4), fitted("日本語", 6), fitted("x", 0)], [
      ...["abc  ", "abc…", "日… ", "日本語", ""],
    ]);
    assertEquals(["日本語", "🛸", "é", ""].map(widthOf), [6, 2, 1, 0]);
  });

  it("shows what would not be seen", () => {
    assertEquals(shown("a\x1b[31mb\r\nc\u202ed\u200b"), "a\\u{1b}[31mb\\u{d}\\u{a}c\\u{202e}d\\u{200b}");
  });
});
