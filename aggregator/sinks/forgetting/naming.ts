// Which rows of the database name a drone. One id can be a part of another's: SQLite finds rows that may name it, and what
// they hold is compared in full.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

/** A row, and its number in its table. */
export interface NamingRow {
  rowid: number;
  row: Record<string, SQLOutputValue>;
}

/** All tables there are, those of earlier versions included. */
export function tablesOf(db: DatabaseSync): string[] {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
  return tables.map(({ name }) => String(name));
}

/** Names of a table's columns. */
export function columnsOf(db: DatabaseSync, table: string): string[] {
  return db.prepare("SELECT name FROM pragma_table_info(?)").all(table).map(({ name }) => String(name));
}

/** Rows of a table that name one of these; the first of them is what all the others begin with. */
export function* rowsNaming(db: DatabaseSync, table: string, droneIds: readonly string[]): Generator<NamingRow> {
  const [droneId = ""] = droneIds;
  // Within JSON some characters are written otherwise.
  const needles = [droneId, JSON.stringify(droneId).slice(1, -1)];
  const may = columnsOf(db, table).map((column) => `instr("${column}", ?1) OR instr("${column}", ?2)`).join(" OR ");
  const names = new Set(droneIds);
  for (const found of db.prepare(`SELECT rowid AS rowid, * FROM "${table}" WHERE ${may}`).iterate(...needles)) {
    const { rowid, ...row } = found;
    if (Object.values(row).some((value) => holds(value, names))) yield { rowid: Number(rowid), row };
  }
}

/** The text with other words in the place of some: of words that begin alike the longest counts. */
export function renamedIn(text: string, words: readonly string[], renamed: (word: string) => string): string {
  const longestFirst = [...new Set(words)].filter((word) => word !== "").sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return text;
  return text.replace(new RegExp(longestFirst.map((word) => RegExp.escape(word)).join("|"), "g"), renamed);
}

/** JSON of plain data, or null. */
export function objectOf(text: SQLOutputValue): unknown {
  if (typeof text !== "string" || !/^[[{]/.test(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Whether it is one of these names, or names one: JSON, or a sentence. */
export function holds(value: SQLOutputValue, names: ReadonlySet<string>): boolean {
  if (typeof value !== "string") return false;
  if (names.has(value)) return true;
  const object = objectOf(value);
  if (object !== null) return holdsDeep(object, names);
  // A sentence.
  return [...names].some((name) => new RegExp(`(?<![\\w.-])${RegExp.escape(name)}(?![\\w.~-])`).test(value));
}

function holdsDeep(value: unknown, names: ReadonlySet<string>): boolean {
  if (typeof value === "string") return names.has(value);
  return typeof value === "object" && value !== null && Object.values(value).some((part) => holdsDeep(part, names));
}
