// Rows as RFC 4180 has them, which a spreadsheet can open without running anything of them.

export type Cell = string | number | boolean | null;

/** A column's name, and what stands in it. */
export type Column<Row> = readonly [name: string, of: (row: Row) => Cell];

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;
const QUOTED = /[",\r\n]/;

export function header<Row>(columns: readonly Column<Row>[]): string {
  return line(columns.map(([name]) => name));
}

export function record<Row>(columns: readonly Column<Row>[], row: Row): string {
  return line(columns.map(([, of]) => of(row)));
}

/** ISO 8601 in UTC, to the millisecond; what no calendar has is left as the number that it is. */
export function moment(timeUs: number): Cell {
  const date = new Date(timeUs / 1000);
  return Number.isNaN(date.getTime()) ? timeUs : date.toISOString();
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(written).join(",")}\r\n`;
}

/** Numbers are numbers, also below zero; of text nothing becomes a formula. */
function written(cell: Cell): string {
  if (typeof cell !== "string") return cell === null ? "" : `${cell}`;
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
