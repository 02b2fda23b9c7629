// RFC 4180, read letter by letter.

/** Records of a text, each with its fields. @throws {Error} where it is none */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, field, at]: [string[], string, number] = [[], "", 0];
  while (at < text.length) {
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at += text[at] === '"' ? 2 : 1) {
        if (at >= text.length) throw new Error("Cannot read CSV: a quote is open");
        field += text[at];
      }
      at++;
    } else {
      for (; at < text.length && !/[",\r\n]/.test(text[at]!); at++) field += text[at];
    }
    row.push(field);
    field = "";
    if (text[at] === ",") {
      at++;
      // An empty last field.
      if (text.startsWith("\r\n", at)) row.push("");
    }
    if (text.startsWith("\r\n", at)) {
      rows.push(row);
      row = [];
      at += 2;
    } else if (text[at - 1] !== ",") throw new Error(`Cannot read CSV: ${JSON.stringify(text.slice(at, at + 20))}`);
  }
  return rows;
}
