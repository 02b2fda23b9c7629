// What others have sent, in a line of the log: it must not look like another line, nor turn what stands around it.

/** Control characters, line ends, and what is not seen: among these what changes the direction of a text. Of JSON as well. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** But a stack's. */
const LINE_END = /\n(?! {4}at )/g;

/** With such characters as \u{…}; not the line ends of a stack. */
export function logLine(message: string): string {
  const shown = (character: string) => `\\u{${character.codePointAt(0)!.toString(16)}}`;
  return message.replace(LINE_END, shown).replace(UNSEEN, (character) => character === "\n" ? "\n" : shown(character));
}

/** JSON, which says the same: it escapes what is below a space by itself, and leaves the others. */
export function jsonLine(value: object): string {
  const units = (character: string) =>
    Array.from({ length: character.length }, (_, i) => character.charCodeAt(i).toString(16).padStart(4, "0"));
  return JSON.stringify(value).replace(UNSEEN, (character) => units(character).map((unit) => `\\u${unit}`).join(""));
}
