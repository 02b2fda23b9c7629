import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type Cell, type Column, header, moment, record } from "../../aggregator/export/csv.ts";
import { RUN } from "./run.ts";
import { parseCsv } from "./parse_csv.ts";

const COLUMNS: Column<readonly Cell[]>[] = [["a", ([a = null]) => a], ["b", ([, b = null]) => b]];

const cell = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.constantFrom<Cell>(null, true, '"', ",", "\r\n", "=1+1"),
);

describe("CSV", () => {
  it("is read back by whoever keeps to RFC 4180, whatever is in it", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), (rows) => {
        const text = header(COLUMNS) + rows.map((row) => record(COLUMNS, row)).join("");
        const expected = rows.map((row) => row.map((cell) => cell === null ? "" : `${cell}`));
        const plain = parseCsv(text).slice(1).map((row, i) =>
          // Behind the mark that keeps it from being a formula.
          row.map((cell, j) => cell === `'${expected[i]![j]}` ? cell.slice(1) : cell)
        );
        assertEquals(plain, expected);
      }),
      RUN,
    );
  });

  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]) {
    it(`makes no formula of ${JSON.stringify(text)}`, () => {
      assertEquals(parseCsv(record(COLUMNS, [text, "x"])), [[`'${text}`, "x"]]);
    });
  }

  it("leaves numbers as they are, also below zero, and says nothing where nothing is known", () => {
    assertEquals(record(COLUMNS, [-1.5, null]), "-1.5,\r\n");
  });

  it("has moments in UTC, and as a number what no calendar has", () => {
    assertEquals([moment(1_790_000_000_123_456), moment(9e18)], ["2026-09-21T14:13:20.123Z", 9e18]);
  });
});
