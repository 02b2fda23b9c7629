// Text in columns of a terminal: whatever others have sent stays in its line and in its place.
import { oneLine } from "../../platform/one_line.ts";

/** Take no place, or turn what follows: nobody would see them. */
const HIDDEN = /[\p{M}\p{Cf}\p{Cs}\p{Co}]/gu;
/** Take two. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** As it can be shown: one line, with everything that is not to be seen as \u{…}. */
export function shown(text: string): string {
  return oneLine(text).replace(HIDDEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

/** Exactly so wide: cut, with a mark where it was, or filled with spaces. */
export function fitted(text: string, width: number): string {
  if (widthOf(text) <= width) return text + " ".repeat(width - widthOf(text));
  let [kept, taken] = ["", 0];
  for (const character of text) {
    const more = WIDE.test(character) ? 2 : 1;
    if (taken + more > width - 1) break;
    kept += character;
    taken += more;
  }
  return width <= 0 ? "" : `${kept}…${" ".repeat(Math.max(0, width - 1 - taken))}`;
}

/** A table's rows; numbers stand at the right. @param cells what is shown already */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ""))));
  return rows.map((row) =>
    row.map((cell, i) => {
      const space = " ".repeat(widths[i]! - widthOf(cell));
      return i === row.length - 1 && !isNumber(cell)
        ? cell
        : isNumber(rows[1]?.[i] ?? "")
        ? space + cell
        : cell + space;
    }).join("  ")
  );
}

function isNumber(cell: string): boolean {
  return /^[\d.,–]+( ?[a-zA-Z%/]+)?$/.test(cell);
}
