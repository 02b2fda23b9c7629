// What others have sent, on a terminal: one line, which turns nothing around it.
import { logLine } from "./log_line.ts";

/** With control characters, line ends and changes of direction as \u{…}. */
export function oneLine(text: string): string {
  return logLine(text.replaceAll("\n", "\\u{a}"));
}
